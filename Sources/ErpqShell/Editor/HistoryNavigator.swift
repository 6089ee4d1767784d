/// A walk through earlier statements from the one being typed, newest first.
///
/// A walk by prefix visits only statements that begin with what is typed already. Equal ones in a row come once.
struct HistoryNavigator {
  private let entries: [String]
  private let draft: String
  /// Whether only statements that begin with the draft are visited.
  let byPrefix: Bool
  private var index: Int
  /// What the walk shows now.
  private(set) var current: String

  /// Begins at the newest entry; `entries` are oldest first.
  init(entries: [String], draft: String, byPrefix: Bool = true) {
    self.entries = entries
    self.draft = draft
    self.byPrefix = byPrefix
    index = entries.count
    current = draft
  }

  /// The next older entry; nil at the oldest, where the walk stays.
  mutating func older() -> String? {
    var i = index - 1
    while i >= 0, !fits(entries[i]) { i -= 1 }
    guard i >= 0 else { return nil }
    index = i
    current = entries[i]
    return current
  }

  /// The next newer entry, at last the draft; nil when the draft is shown.
  mutating func newer() -> String? {
    guard index < entries.count else { return nil }
    var i = index + 1
    while i < entries.count, !fits(entries[i]) { i += 1 }
    index = i
    current = i < entries.count ? entries[i] : draft
    return current
  }

  private func fits(_ entry: String) -> Bool { entry != current && (!byPrefix || entry.hasPrefix(draft)) }
}

/// A search through earlier statements as its letters are typed: those that hold every word of the query, newest
/// first, each text once.
struct HistorySearch {
  private let entries: [EarlierStatement]
  /// What is looked for; letters in lower case match both cases.
  private(set) var query = ""
  /// The statements that fit, newest first.
  private(set) var matches: [EarlierStatement] = []
  /// The one that is chosen; nil while nothing was looked for.
  private(set) var selected: Int?
  /// Whether the query was found, and the last step led somewhere.
  private(set) var isFound = true

  /// Begins behind the newest entry; `entries` are oldest first.
  init(entries: [EarlierStatement]) {
    self.entries = entries
    look()
  }

  /// The entry found, and where in it the query begins, counted in scalars; nil before anything was found.
  var match: (entry: String, offset: Int)? {
    guard let selected, matches.indices.contains(selected) else { return nil }
    let entry = matches[selected].text
    return (entry, words.first.flatMap { Self.find($0, in: entry) } ?? 0)
  }

  /// The letters of the first word, which are marked in the entry found.
  var marked: Int { words.first?.unicodeScalars.count ?? 0 }

  private var words: [String] { query.split(separator: " ").map(String.init) }

  /// Adds a letter: the entry stays when it still fits, otherwise an older one is chosen.
  mutating func type(_ scalar: Unicode.Scalar) {
    let before = match?.entry
    query.unicodeScalars.append(scalar)
    look()
    selected =
      before.flatMap { text in matches.firstIndex { $0.text == text } } ?? (matches.isEmpty ? nil : 0)
  }

  /// Takes the last letter back and begins anew from the newest entry.
  mutating func erase() {
    if !query.isEmpty { query.unicodeScalars.removeLast() }
    look()
    selected = query.isEmpty || matches.isEmpty ? nil : 0
  }

  /// Goes to the next older entry that holds the query.
  mutating func older() {
    guard let selected else {
      self.selected = matches.isEmpty ? nil : 0
      return
    }
    isFound = selected + 1 < matches.count
    if isFound { self.selected = selected + 1 }
  }

  /// Goes to the next newer entry that holds the query.
  mutating func newer() {
    guard let selected else { return }
    isFound = selected > 0
    if isFound { self.selected = selected - 1 }
  }

  private mutating func look() {
    let words = words
    var seen = Set<String>()
    matches = entries.reversed().filter { entry in
      words.allSatisfy { Self.find($0, in: entry.text) != nil } && seen.insert(entry.text).inserted
    }
    isFound = words.isEmpty || !matches.isEmpty
  }

  /// The offset in scalars of the first place of `query`, without regard to case unless it has capitals.
  static func find(_ query: String, in entry: String) -> Int? {
    let exact = query.contains { $0.isUppercase }
    let fold: (Unicode.Scalar) -> Unicode.Scalar = { scalar in
      let lower = scalar.properties.lowercaseMapping.unicodeScalars
      return exact || lower.count != 1 ? scalar : lower.first ?? scalar
    }
    let wanted = query.unicodeScalars.map(fold)
    let text = entry.unicodeScalars.map(fold)
    if wanted.count > text.count { return nil }
    for start in 0...(text.count - wanted.count)
    where text[start..<(start + wanted.count)].elementsEqual(wanted) {
      return start
    }
    return nil
  }
}
