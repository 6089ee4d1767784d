/// Lines within a text of scalars.
enum TextLines {
  /// Index of the first scalar of the line that the cursor is on.
  static func begin(_ text: [Unicode.Scalar], _ cursor: Int) -> Int {
    (text[..<cursor].lastIndex(of: "\n") ?? -1) + 1
  }

  /// Index behind the last scalar of the line that the cursor is on.
  static func end(_ text: [Unicode.Scalar], _ cursor: Int) -> Int {
    text[cursor...].firstIndex(of: "\n") ?? text.count
  }

  /// The place in the line above, as many scalars from its begin; nil on the first line.
  static func above(_ text: [Unicode.Scalar], _ cursor: Int) -> Int? {
    let start = begin(text, cursor)
    if start == 0 { return nil }
    let above = begin(text, start - 1)
    return Swift.min(above + cursor - start, start - 1)
  }

  /// The place in the line below, as many scalars from its begin; nil on the last line.
  static func below(_ text: [Unicode.Scalar], _ cursor: Int) -> Int? {
    let finish = end(text, cursor)
    if finish == text.count { return nil }
    return Swift.min(finish + 1 + cursor - begin(text, cursor), end(text, finish + 1))
  }

  /// The index of the scalar that holds a UTF-8 offset; nil outside the text or within a scalar.
  static func index(ofUTF8 offset: Int, in text: [Unicode.Scalar]) -> Int? {
    var bytes = 0
    for (i, scalar) in text.enumerated() {
      if bytes == offset { return i }
      if bytes > offset { return nil }
      bytes += UTF8.width(scalar)
    }
    return bytes == offset ? text.count : nil
  }

  /// The UTF-8 offset of an index.
  static func utf8Offset(of index: Int, in text: [Unicode.Scalar]) -> Int {
    text[..<index].reduce(0) { $0 + UTF8.width($1) }
  }
}

extension LibeditEditor {
  /// A line up within the text, or an earlier statement; false when there is neither.
  func goUp() -> Bool {
    let (text, cursor) = buffer
    if action(continuesWalkWith: text) == false, let place = TextLines.above(text, cursor) {
      set(text, cursor: place)
      return true
    }
    return recallOlder(byPrefix: true)
  }

  /// A line down within the text, or a later statement; false when there is neither.
  func goDown() -> Bool {
    let (text, cursor) = buffer
    if action(continuesWalkWith: text) == false, let place = TextLines.below(text, cursor) {
      set(text, cursor: place)
      return true
    }
    return recallNewer()
  }

  /// The earlier statement, among those that begin with the text or among all; false when there is none.
  func recallOlder(byPrefix: Bool) -> Bool {
    let text = Self.string(buffer.text)
    if walk?.current != text || walk?.byPrefix != byPrefix {
      walk = HistoryNavigator(entries: history, draft: text, byPrefix: byPrefix)
    }
    action = .recalled
    guard let entry = walk?.older() else { return false }
    set(Array(entry.unicodeScalars))
    return true
  }

  /// The later statement of the walk, at last what was typed; false when there is none.
  func recallNewer() -> Bool {
    guard walk?.current == Self.string(buffer.text), let entry = walk?.newer() else { return false }
    action = .recalled
    set(Array(entry.unicodeScalars))
    return true
  }

  /// Whether the key before was one of the walk and the text is still what it showed.
  private func action(continuesWalkWith text: [Unicode.Scalar]) -> Bool {
    actionBefore == .recalled && walk?.current == Self.string(text)
  }

  /// Completes the word at the cursor; when nothing can be added, the second time or with `listing`, shows the
  /// proposals below.
  func completeWord(listing: Bool) {
    let (text, cursor) = buffer
    let string = Self.string(text)
    let offset = TextLines.utf8Offset(of: cursor, in: text)
    let found = hooks.complete(string, offset)
    guard !found.items.isEmpty,
      let start = TextLines.index(ofUTF8: found.replaceRange.lowerBound, in: text),
      let end = TextLines.index(ofUTF8: found.replaceRange.upperBound, in: text), start <= end
    else {
      let before = text[TextLines.begin(text, cursor)..<cursor]
      if found.items.isEmpty, before.allSatisfy({ $0 == " " }) { insert("  ") }
      return
    }
    let next = end < text.count ? text[end] : nil
    let typed = Self.string(text[start..<end])
    if !listing, let insertion = CompletionMenu.insertion(for: found.items, typed: typed, next: next) {
      let scalars = Array(insertion.unicodeScalars)
      set(Array(text[..<start]) + scalars + Array(text[end...]), cursor: start + scalars.count)
      // Where the proposals part, the next Tab lists them.
      action = .completed
      return
    }
    if listing || actionBefore == .completed {
      let below = painter.rows - ScreenLayout(content(hint: false), width: painter.columns).rows.count
      // Half of the screen stays for what was there before.
      let limit = Swift.max(4, Swift.min(below, Swift.max(12, painter.rows / 2)))
      menu = CompletionMenu.lines(found.items, width: painter.columns, limit: limit)
    }
    action = .completed
  }

  /// Searches earlier statements while letters are typed.
  ///
  /// Ctrl-R goes to older ones, Ctrl-S to newer ones, Ctrl-G back to what was typed; every other key takes the
  /// statement found and then does what it always does.
  func searchHistory() {
    let (draft, draftCursor) = buffer
    var search = HistorySearch(entries: hooks.searchable() ?? history.map { EarlierStatement($0) })
    while true {
      drawSearch(search, draft: draft)
      let key: Key
      switch keys.next() {
      case .windowChanged:
        resized()
        continue
      case .end: return
      case .key(let pressed): key = pressed
      }
      switch key {
      case .character("\u{12}"), .function(.up): search.older()
      case .character("\u{13}"), .function(.down): search.newer()
      case .character("\u{7F}"), .character("\u{8}"): search.erase()
      case .character("\u{7}"):
        set(draft, cursor: draftCursor)
        return
      case .character(let scalar) where scalar.value >= 0x20: search.type(scalar)
      case .paste(let text):
        for scalar in text.unicodeScalars where scalar.value >= 0x20 { search.type(scalar) }
      default:
        if let match = search.match {
          set(Array(match.entry.unicodeScalars), cursor: match.offset)
        }
        // Escape only ends the search; in vi it would also leave the insert mode.
        if key != .character("\u{1B}") { keys.unread(key) }
        return
      }
    }
  }

  private func drawSearch(_ search: HistorySearch, draft: [Unicode.Scalar]) {
    let label = search.isFound ? "search: " : "not found: "
    var below = [
      [
        LineSegment(text: label, style: search.isFound ? .faint : .error), LineSegment(text: search.query),
        LineSegment(
          text: search.query.isEmpty ? "type words; ↑ ↓ choose, Enter runs, Ctrl-G back" : "", style: .faint),
      ]
    ]
    // The list scrolls with what is chosen.
    let room = Swift.max(0, Swift.min(8, painter.rows / 2 - 2))
    let chosen = search.selected ?? 0
    let first = Swift.max(0, Swift.min(chosen - room / 2, search.matches.count - room))
    for (i, entry) in search.matches.enumerated().dropFirst(first).prefix(room) {
      below.append(line(entry, isChosen: i == search.selected))
    }
    if let match = search.match {
      let text = Array(match.entry.unicodeScalars)
      let from = TextLines.utf8Offset(of: match.offset, in: text)
      let to = TextLines.utf8Offset(of: Swift.min(match.offset + search.marked, text.count), in: text)
      let mark = StyledSpan(from..<to, TextStyle(rawValue: "7"))
      painter.draw(content(text, cursor: match.offset, hint: false, extra: [mark]), below: below)
    } else {
      painter.draw(content(draft, cursor: draft.count, hint: false), below: below)
    }
  }

  /// A statement of the list in one line, its detail at the right where there is room.
  private func line(_ entry: EarlierStatement, isChosen: Bool) -> [LineSegment] {
    let width = painter.columns - 3
    let detail = width - CharacterWidth.columns(entry.detail) >= 40 ? entry.detail : ""
    let room = Swift.max(1, width - (detail.isEmpty ? 0 : CharacterWidth.columns(detail) + 2))
    let words = entry.text.split { $0.isNewline || $0 == " " || $0 == "\t" }.joined(separator: " ")
    let text = CharacterWidth.truncated(CompletionMenu.visible(words), to: room)
    let gap = String(repeating: " ", count: Swift.max(0, room - CharacterWidth.columns(text)) + 2)
    return [
      LineSegment(text: isChosen ? "> " : "  "),
      LineSegment(text: text, style: isChosen ? TextStyle(rawValue: "7") : .plain),
      LineSegment(text: detail.isEmpty ? "" : gap + detail, style: .faint),
    ]
  }
}
