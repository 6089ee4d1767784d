import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTooling

/// What must hold for every text, however broken. Returns what does not hold, or nil.
///
/// - Parameter thorough: Whether the slow comparisons are made as well: the shapes of trees, rendered errors.
public func violation(of text: String, thorough: Bool) -> String? {
  let source = SourceText(text, name: "fuzz")
  let tree = Parser.parse(source)
  if tree.joined != text { return "the tokens do not join to the source" }
  if let problem = stepsViolation(tree) ?? diagnosticsViolation(tree, thorough) { return problem }
  var last = 0
  for span in Highlighter.spans(text) {
    if span.range.lowerBound < last || span.range.isEmpty { return "highlighted spans overlap" }
    last = span.range.upperBound
  }
  if last > source.bytes.count { return "a highlighted span lies outside the text" }
  let isClean = !tree.diagnostics.contains { $0.severity == .error }
  guard let formatted = Formatter.format(tree) else {
    return isClean ? "a clean text was not formatted" : nil
  }
  if !isClean { return "a broken text was formatted" }
  return formatViolation(tree, formatted, thorough)
}

/// The parser is linear: a bound on its steps. The tokens in the holes of texts are counted by their bytes.
private func stepsViolation(_ tree: SyntaxTree) -> String? {
  var size = tree.tokens.count
  for token in tree.tokens where token.kind == .string { size += token.span.length }
  return tree.steps > 10 * size + 500 ? "\(tree.steps) steps for \(size) tokens" : nil
}

private func diagnosticsViolation(_ tree: SyntaxTree, _ thorough: Bool) -> String? {
  for statement in tree.statements {
    if case .error = statement.kind, tree.diagnostics.isEmpty { return "an error statement without an error" }
  }
  for diagnostic in tree.diagnostics {
    guard let span = diagnostic.span else { return "an error without a place" }
    let edits = diagnostic.fixes.flatMap(\.edits).map(\.span)
    for span in [span] + edits where span.start < 0 || span.end > tree.source.bytes.count {
      return "an error points outside the text: \(diagnostic.message)"
    }
    if diagnostic.message.utf8.count > 400 || diagnostic.label.utf8.count > 400 {
      return "an error message of \(diagnostic.message.utf8.count) bytes"
    }
  }
  if thorough {
    for diagnostic in tree.diagnostics.prefix(20) {
      if CaretRenderer().render(diagnostic).utf8.count > 4000 { return "an error takes more than a screen" }
      for fix in diagnostic.fixes { _ = fix.applied(to: tree.source.text) }
    }
  }
  return nil
}

private func formatViolation(_ tree: SyntaxTree, _ formatted: String, _ thorough: Bool) -> String? {
  let again = Parser.parse(SourceText(formatted, name: "formatted"))
  if let error = again.diagnostics.first(where: { $0.severity == .error }) {
    return "the formatted text has an error: \(error.message)\n\(formatted)"
  }
  let before = tree.tokens.filter { $0.kind != .endOfLine }
  let after = again.tokens.filter { $0.kind != .endOfLine }
  guard before.count == after.count else { return "formatting changed the number of tokens\n\(formatted)" }
  for (x, y) in zip(before, after) {
    if x.kind != y.kind
      || tree.source.bytes[x.span.start..<x.span.end] != again.source.bytes[y.span.start..<y.span.end]
    {
      return
        "formatting changed `\(tree.source.slice(x.span))` to `\(again.source.slice(y.span))`\n\(formatted)"
    }
  }
  if Formatter.format(again) != formatted { return "formatting twice gives another text\n\(formatted)" }
  if thorough {
    let shape = TreeShape.text(tree)
    if shape != TreeShape.text(again) { return "formatting changed the meaning\n\(formatted)" }
    if shape.contains("Kind.error") || shape.contains("Body.error") {
      return "an error in the tree without a word"
    }
    for narrow in [20, 50] {
      guard let text = Formatter.format(tree, width: narrow) else {
        return "not formatted to \(narrow) characters"
      }
      if TreeShape.text(Parser.parse(SourceText(text, name: "narrow"))) != shape {
        return "formatting to \(narrow) characters changed the meaning\n\(text)"
      }
    }
  }
  return nil
}

/// A tree written without positions, so that trees of differently laid out texts can be compared.
enum TreeShape {
  static func text(_ tree: SyntaxTree) -> String {
    let written = Array(String(reflecting: tree.statements).utf8)
    let marker = Array("SourceSpan(".utf8)
    var out: [UInt8] = []
    out.reserveCapacity(written.count)
    var i = 0
    while i < written.count {
      if written[i] == marker[0], i + marker.count <= written.count,
        written[i..<i + marker.count].elementsEqual(marker)
      {
        while i < written.count, written[i] != 41 { i += 1 }
      }
      out.append(written[i])
      i += 1
    }
    return String(decoding: out, as: UTF8.self)
  }
}
