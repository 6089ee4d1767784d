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

/// A search through earlier statements as its letters are typed.
struct HistorySearch {
  private let entries: [String]
  /// What is looked for; letters in lower case match both cases.
  private(set) var query = ""
  private var index: Int
  /// Whether the query was found.
  private(set) var isFound = true

  /// Begins behind the newest entry; `entries` are oldest first.
  init(entries: [String]) {
    self.entries = entries
    index = entries.count
  }

  /// The entry found, and where in it the query begins, counted in scalars; nil before anything was found.
  var match: (entry: String, offset: Int)? {
    guard index < entries.count, let offset = Self.find(query, in: entries[index]) else { return nil }
    return (entries[index], offset)
  }

  /// Adds a letter: the entry stays when it still fits, otherwise an older one is looked for.
  mutating func type(_ scalar: Unicode.Scalar) {
    query.unicodeScalars.append(scalar)
    look(from: Swift.min(index, entries.count - 1), step: -1)
  }

  /// Takes the last letter back and begins anew from the newest entry.
  mutating func erase() {
    if !query.isEmpty { query.unicodeScalars.removeLast() }
    index = entries.count
    isFound = true
    if !query.isEmpty { look(from: entries.count - 1, step: -1) }
  }

  /// Goes to the next older entry that holds the query.
  mutating func older() { move(-1) }

  /// Goes to the next newer entry that holds the query.
  mutating func newer() { move(1) }

  private mutating func move(_ step: Int) {
    if query.isEmpty { return }
    let shown = index < entries.count ? entries[index] : nil
    var i = index + step
    while i >= 0, i < entries.count, entries[i] == shown { i += step }
    look(from: i, step: step)
  }

  private mutating func look(from start: Int, step: Int) {
    var i = start
    while i >= 0, i < entries.count {
      if Self.find(query, in: entries[i]) != nil {
        index = i
        isFound = true
        return
      }
      i += step
    }
    isFound = false
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
