import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTooling

/// Makes a script of what was typed at a prompt and worked.
///
/// A line that went on from the last result is joined to the statement before it; of statements that differ in one
/// value, the last stays and the value becomes a `param`; help and plans are left out.
struct SavedScript {
  private struct Statement {
    var text: String
    /// Earlier values of what became a param.
    var variants: [String] = []
    var parameter: (name: String, literal: String)?
  }

  private var statements: [Statement] = []

  /// From statements in the order in which they were typed.
  init(_ texts: [String], findsParams: Bool = true) {
    for text in texts { take(text) }
    keepLast()
    if findsParams { findParams() }
  }

  /// Whether there is anything to save.
  var isEmpty: Bool { statements.isEmpty }
  /// Whether a value became a `param`.
  var hasParams: Bool { statements.contains { $0.parameter != nil } }

  /// The script in canonical form; as it is when it cannot be formatted.
  func text(heading: String) -> String {
    var body = "# \(heading)\n\n"
    for statement in statements {
      guard let parameter = statement.parameter else { continue }
      let others = listed(statement.variants, "and")
      body += "## Also tried: \(others).\nparam \(parameter.name) = \(parameter.literal)\n"
    }
    if hasParams { body += "\n" }
    body += statements.map { $0.text + "\n" }.joined()
    return Formatter.format(Parser.parse(SourceText(body, name: "saved"))) ?? body
  }

  private static func tokens(_ text: String) -> (source: SourceText, tokens: [Token]) {
    let source = SourceText(text, name: "saved")
    return (source, Lexer.tokenize(source).tokens.filter { ![.endOfLine, .endOfInput].contains($0.kind) })
  }

  private mutating func take(_ text: String) {
    let (source, tokens) = Self.tokens(text)
    guard let first = tokens.first else { return }
    let word = source.slice(first.span)
    if ["help", "describe", "explain", "profile", "history"].contains(word) { return }
    if first.kind == .pipe {
      guard let last = statements.indices.last else { return }
      statements[last].text += "\n" + text
      return
    }
    // `$_` is the last result: the query that gave it takes its place.
    let uses = tokens.filter { $0.kind == .variable && source.slice($0.span) == "$_" }
    guard !uses.isEmpty else {
      statements.append(Statement(text: text))
      return
    }
    guard let last = statements.indices.last else { return }
    let before = statements[last].text
    if first.kind == .variable, uses.count == 1 {
      statements[last].text = before + "\n" + String(decoding: source.bytes[first.span.end...], as: UTF8.self)
      return
    }
    var bytes = source.bytes
    for token in uses.reversed() {
      bytes.replaceSubrange(token.span.start..<token.span.end, with: Array("(\(before))".utf8))
    }
    statements.append(Statement(text: String(decoding: bytes, as: UTF8.self)))
  }

  /// What was said twice, or declared again, counts as said last.
  private mutating func keepLast() {
    func key(_ text: String) -> String {
      let (source, tokens) = Self.tokens(text)
      let words = tokens.map { source.slice($0.span) }
      if words.count > 2, ["let", "param", "def", "metric", "scenario"].contains(words[0]) {
        return words[0] + " " + words[1]
      }
      return words.joined(separator: " ")
    }
    var last: [String: Int] = [:]
    let keys = statements.map { key($0.text) }
    for (i, key) in keys.enumerated() { last[key] = i }
    statements = statements.enumerated().filter { last[keys[$0.offset]] == $0.offset }.map(\.element)
  }

  private mutating func findParams() {
    let literals: Set<TokenKind> = [
      .int, .float, .percent, .duration, .money, .date, .period, .string, .rawString,
    ]
    var names = Set<String>()
    var result: [Statement] = []
    var place: Int?
    // Where in a statement stands what became a param.
    var places: [Int: Int] = [:]
    for statement in statements {
      let (source, tokens) = Self.tokens(statement.text)
      guard let before = result.last else {
        result.append(statement)
        continue
      }
      let (oldSource, oldTokens) = Self.tokens(before.text)
      let different =
        tokens.count == oldTokens.count
        ? tokens.indices.filter {
          tokens[$0].kind != oldTokens[$0].kind
            || source.slice(tokens[$0].span) != oldSource.slice(oldTokens[$0].span)
        } : []
      guard different.count == 1, let i = different.first, literals.contains(tokens[i].kind),
        tokens[i].kind == oldTokens[i].kind, result.last?.parameter == nil || place == i
      else {
        place = nil
        result.append(statement)
        continue
      }
      var joined = statement
      joined.variants = before.variants + [oldSource.slice(oldTokens[i].span)]
      joined.parameter = ("", source.slice(tokens[i].span))
      result[result.count - 1] = joined
      place = i
      places[result.count - 1] = i
    }
    for (index, i) in places.sorted(by: { $0.key < $1.key }) {
      let (source, tokens) = Self.tokens(result[index].text)
      guard tokens.indices.contains(i) else { continue }
      var name = "value"
      if i > 0, tokens[i - 1].kind == .name { name = source.slice(tokens[i - 1].span) }
      if i > 1, [.equal, .less, .greater, .lessEqual, .greaterEqual].contains(tokens[i - 1].kind),
        tokens[i - 2].kind == .name
      {
        name = source.slice(tokens[i - 2].span)
      }
      if hardWords.contains(name) { name = "value" }
      var unique = name
      var n = 2
      while !names.insert(unique).inserted {
        unique = "\(name)_\(n)"
        n += 1
      }
      result[index].parameter?.name = unique
      var bytes = source.bytes
      bytes.replaceSubrange(tokens[i].span.start..<tokens[i].span.end, with: Array("$\(unique)".utf8))
      result[index].text = String(decoding: bytes, as: UTF8.self)
    }
    statements = result
  }
}
