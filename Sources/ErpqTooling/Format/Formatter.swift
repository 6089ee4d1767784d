import ErpqBase
import ErpqSyntax

/// Writes scripts in the one canonical form.
///
/// It works on the tokens of the lossless tree, so it changes blank space only: the tokens, their order and the
/// comments stay, except that a `;` between statements becomes a new line where that says the same.
public struct Formatter {
  /// The text of the tree in canonical form, ending in one newline; nil when the tree has errors.
  ///
  /// - Parameter width: How many characters a line should hold. A token is never cut, so a line may be longer.
  public static func format(_ tree: SyntaxTree, width: Int = 100) -> String? {
    guard !tree.diagnostics.contains(where: { $0.severity == .error }) else { return nil }
    let builder = LayoutBuilder(tree)
    var printer = LayoutPrinter(tree.source, width: width)
    let statements = builder.statements(from: 0, to: tree.tokens.count - 1)
    var end: Int?
    for (number, range) in statements.enumerated() {
      for part in builder.gap(after: end, before: range.lowerBound) { printer.print(part, indent: 0) }
      printer.print(builder.statement(range), indent: 0)
      end = range.upperBound - 1
      if number + 1 < statements.count,
        let separator = builder.neededSeparator(after: range, before: statements[number + 1].lowerBound)
      {
        printer.print(.text(separator), indent: 0)
      }
    }
    for part in builder.gap(after: end, before: tree.tokens.count - 1) { printer.print(part, indent: 0) }
    printer.finish()
    return String(decoding: printer.bytes, as: UTF8.self)
  }
}
