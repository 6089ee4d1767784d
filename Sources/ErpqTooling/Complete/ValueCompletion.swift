import ErpqBase
import ErpqSemantics
import ErpqSyntax
import ErpqTables

/// Completion of values: records of the company, files, and what a parameter of a type usually takes.
extension Completer {
  /// The proposals where a record or a file is wanted; nil elsewhere.
  func value(_ tokens: [Token], _ source: SourceText, _ bytes: [UInt8], _ cursor: Int) -> (
    range: Range<Int>, items: [Proposal]
  )? {
    var before = tokens
    var range = cursor..<cursor
    var typed = ""
    var quote: Character?
    if let last = tokens.last, last.span.end == cursor,
      [.name, .int, .invalid].contains(last.kind)
    {
      let text = source.slice(last.span)
      if last.kind == .invalid {
        guard let first = text.first, first == "\"" || first == "'" else { return nil }
        quote = first
        typed = String(text.dropFirst())
      } else {
        typed = text
      }
      before.removeLast()
      range = last.span.start..<cursor
      // A code such as DSK-101 is several tokens.
      while quote == nil, let previous = before.last, previous.span.end == range.lowerBound,
        [.name, .int, .minus].contains(previous.kind)
      {
        before.removeLast()
        range = previous.span.start..<cursor
        typed = String(decoding: bytes[range], as: UTF8.self)
      }
    }
    // The quote behind the cursor is the text's own.
    if let quote, cursor < bytes.count, bytes[cursor] == quote.asciiValue {
      range = range.lowerBound..<(cursor + 1)
    }
    let words = before.map { source.slice($0.span) }
    if wantsFile(words) || parameter(before[...], source)?.isFile == true {
      guard quote != nil || typed.isEmpty else { return nil }
      let mark = quote ?? "\""
      let items = sources.files(typed).map { path in
        // A folder stays open, so that the next key looks into it.
        Proposal(
          text: "\(mark)\(path)" + (path.hasSuffix("/") ? "" : "\(mark)"), kind: .file,
          detail: path.hasSuffix("/") ? "folder" : "")
      }
      // Words may stand here as well: a format after `export`.
      if quote == nil, words.last == "export" { return nil }
      return (range, items)
    }
    guard let kind = recordKind(before, source, isQuoted: quote != nil) else {
      return quote == nil ? nil : (cursor..<cursor, [])
    }
    let items = sources.records(kind, typed).map { Proposal(text: $0.text, kind: .record, detail: $0.detail) }
    // A variable may stand for a record too.
    let variables = quote == nil && typed.isEmpty ? variables() : []
    return (range, items + variables)
  }

  /// Whether a file's name is wanted behind these words of a statement.
  private func wantsFile(_ words: [String]) -> Bool {
    guard let last = words.last else { return false }
    let stage = words.lastIndex(of: "|").map { Array(words[($0 + 1)...]) } ?? []
    switch last {
    case "read": return words.count == 1 || ["=", "(", "explain", "profile"].contains(words[words.count - 2])
    case "import": return words.count == 1
    case "export", "tee": return stage.count == 1
    case "to": return stage.first == "plot"
    default: return stage.count == 2 && stage[0] == "export" && FormatWord(rawValue: last) != nil
    }
  }

  /// The kind of record that is wanted behind these tokens; nil for another thing.
  private func recordKind(_ tokens: [Token], _ source: SourceText, isQuoted: Bool) -> String? {
    var rest = tokens[...]
    var isList = false
    // Inside of a list: back to the bracket.
    while let last = rest.last, [.string, .rawString, .int, .comma].contains(last.kind) {
      rest.removeLast()
      isList = true
    }
    if let last = rest.last, last.kind == .leftBracket { rest.removeLast() } else if isList { return nil }
    guard let last = rest.last, last.kind == .name else {
      guard isQuoted, let last = rest.last, [.equal, .doubleEqual, .notEqual].contains(last.kind) else {
        return nil
      }
      return columnKind(rest.dropLast(), source)
    }
    if isQuoted, ["in", "like", "contains"].contains(source.slice(last.span)) {
      return columnKind(rest.dropLast(), source)
    }
    return parameter(rest, source).flatMap { Completer.record($0.type) }
  }

  /// The parameter that the last of these tokens names, of the command that the statement, or the bracket, begins with.
  private func parameter(_ rest: ArraySlice<Token>, _ source: SourceText) -> ParameterSpec? {
    guard let last = rest.last, last.kind == .name else { return nil }
    let open = rest.lastIndex { [.pipe, .leftParen, .equal].contains($0.kind) }
    guard open.map({ rest[$0].kind != .pipe }) ?? true else { return nil }
    var names = rest[(open.map { $0 + 1 } ?? rest.startIndex)...].prefix { $0.kind == .name }
      .map { source.slice($0.span) }
    if let first = names.first, ["explain", "profile"].contains(first) { names.removeFirst() }
    guard let (spec, used) = catalog.longestMatch(names), names.count > used || rest.count > used + 1 else {
      return nil
    }
    return spec.parameters.first { $0.name == source.slice(last.span) }
  }

  private static func record(_ type: ParameterType) -> String? {
    switch type {
    case .record(let kind): kind
    case .list(let element): record(element)
    default: nil
    }
  }

  /// The records whose names a column of that name holds.
  private func columnKind(_ tokens: ArraySlice<Token>, _ source: SourceText) -> String? {
    guard let last = tokens.last, last.kind == .name else { return nil }
    switch source.slice(last.span) {
    case "category": return "category"
    case "supplier": return "supplier"
    case "warehouse": return "warehouse"
    case "customer_name": return "customer"
    case "name":
      // After `product.name` or in a relation of products; elsewhere `name` may be anything.
      let words = tokens.map { source.slice($0.span) }
      if words.dropLast().last == ".", let owner = words.dropLast(2).last { return owner }
      switch words.first {
      case "customers": return "customer"
      case "suppliers": return "supplier"
      case "categories": return "category"
      case "warehouses": return "warehouse"
      default: return "product"
      }
    default: return nil
    }
  }

  /// What a parameter usually takes, where its type has no words of its own.
  func values(_ parameter: ParameterSpec) -> [Proposal] {
    func words(_ texts: [(String, String)]) -> [Proposal] {
      texts.map { Proposal(text: $0.0, kind: .word, detail: $0.1) } + variables()
    }
    switch parameter.type {
    case .value(.duration):
      return words([("7d", "a week"), ("30d", "thirty days"), ("90d", "a quarter"), ("365d", "a year")])
    case .value(.date):
      return words([("today", "the day of the run")])
    case .value(.bool): return words([("true", ""), ("false", "")])
    default: return variables()
    }
  }

  /// A function's parameters and what it gives: `(values, weights = 1) → number`.
  func signature(_ function: FunctionSpec) -> String {
    let parameters = function.parameters.map { $0.name + ($0.defaultValue.map { " = " + $0.literal } ?? "") }
    return "(" + parameters.joined(separator: ", ") + (function.isVariadic ? ", …" : "") + ") → "
      + function.returnsDoc
  }
}
