/// What the Tab key does with proposals: how far they agree, and how they are listed.
enum CompletionMenu {
  /// The longest beginning that all the texts share.
  static func commonPrefix(_ texts: some Sequence<String>) -> String {
    var iterator = texts.makeIterator()
    guard let first = iterator.next() else { return "" }
    var prefix = Array(first)
    while let text = iterator.next(), !prefix.isEmpty {
      var same = 0
      for character in text {
        guard same < prefix.count, prefix[same] == character else { break }
        same += 1
      }
      prefix.removeLast(prefix.count - same)
    }
    return String(prefix)
  }

  /// The text that Tab puts in place of `typed`, or nil when it can add nothing.
  ///
  /// A single proposal is taken whole, with a space where one always follows and none is there already. Several
  /// are taken as far as they agree, if that goes on from what was typed.
  static func insertion(for items: [CompletionItem], typed: String, next: Unicode.Scalar?) -> String? {
    if items.count == 1, let item = items.first {
      let spaced = item.appendsSpace && next.map { !$0.properties.isWhitespace } ?? true
      let text = spaced ? item.text + " " : item.text
      return text == typed ? nil : text
    }
    let prefix = commonPrefix(items.map(\.text))
    let goesOn = prefix.count > typed.count && prefix.lowercased().hasPrefix(typed.lowercased())
    return goesOn ? prefix : nil
  }

  /// The proposals as lines no wider than `width - 1` columns and no more than `limit`.
  ///
  /// Each has a line of its own with kind and detail when there is room for all; otherwise they stand in columns,
  /// read downwards, and a last line tells how many are left out.
  static func lines(_ items: [CompletionItem], width: Int, limit: Int) -> [[LineSegment]] {
    let limit = Swift.max(1, limit)
    let width = Swift.max(2, width) - 1
    let hasDetails = items.contains { !$0.detail.isEmpty }
    if items.count <= limit, hasDetails { return detailed(items, width: width) }
    // Functions fit in many places; where they are too many, what else fits is told with what it means.
    let others = items.filter { $0.kind != .function }
    if hasDetails, !others.isEmpty, others.count < items.count {
      let left = "… and \(items.count - others.count) functions; type a letter"
      let listed =
        others.count < limit
        ? detailed(others, width: width)
        : columns(others.map(\.text), width: width, limit: Swift.max(1, limit - 1))
      return listed + [[LineSegment(text: CharacterWidth.truncated(left, to: width), style: .faint)]]
    }
    return columns(items.map(\.text), width: width, limit: limit)
  }

  private static func detailed(_ items: [CompletionItem], width: Int) -> [[LineSegment]] {
    let widest = items.map { CharacterWidth.columns($0.text) }.max() ?? 0
    let nameWidth = Swift.min(widest, Swift.max(8, width / 2), width)
    let kindWidth = items.map { $0.kind.rawValue.utf8.count }.max() ?? 0
    // A narrow terminal shows the detail rather than the kind.
    let showsKind = width - nameWidth - kindWidth - 4 >= 20
    return items.map { item in
      let name = CharacterWidth.truncated(item.text, to: nameWidth)
      var rest = padded("", to: nameWidth - CharacterWidth.columns(name) + 2)
      if showsKind { rest += padded(item.kind.rawValue, to: kindWidth + 2) }
      let free = width - CharacterWidth.columns(name) - CharacterWidth.columns(rest)
      rest += CharacterWidth.truncated(visible(item.detail), to: free)
      rest = CharacterWidth.truncated(rest, to: width - CharacterWidth.columns(name))
      while rest.hasSuffix(" ") { rest.removeLast() }
      return [LineSegment(text: name), LineSegment(text: rest, style: .faint)]
    }
  }

  private static func columns(_ names: [String], width: Int, limit: Int) -> [[LineSegment]] {
    let widest = Swift.min(names.map { CharacterWidth.columns($0) }.max() ?? 0, width)
    let across = Swift.max(1, (width + 2) / (widest + 2))
    let cut = (names.count + across - 1) / across > limit
    let shown = cut ? Swift.max(0, limit - 1) * across : names.count
    let down = (Swift.min(shown, names.count) + across - 1) / across
    var lines: [[LineSegment]] = []
    for row in 0..<down {
      var line = ""
      for column in 0..<across {
        let index = column * down + row
        if index >= Swift.min(shown, names.count) { break }
        let name = CharacterWidth.truncated(names[index], to: widest)
        line += padded(name, to: widest + 2)
      }
      while line.hasSuffix(" ") { line.removeLast() }
      lines.append([LineSegment(text: line)])
    }
    if cut {
      let left = "… \(names.count - shown) more; type another letter"
      lines.append([LineSegment(text: CharacterWidth.truncated(left, to: width), style: .faint)])
    }
    return lines
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: Swift.max(0, width - CharacterWidth.columns(text)))
  }

  static func visible(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}
