import ErpqBase
import ErpqSyntax

/// Decides which tokens a blank separates.
struct Spacing {
  private let tree: SyntaxTree
  private let signs: Set<Int>
  private let typeBrackets: Set<Int>

  init(_ tree: SyntaxTree) {
    self.tree = tree
    signs = Set(tree.roles.signs)
    typeBrackets = Set(tree.roles.typeBrackets)
  }

  private func text(_ index: Int) -> String { tree.source.slice(tree.tokens[index].span) }

  /// Whether a blank stands between the token and the one before it, when both are on one line.
  func separates(_ index: Int) -> Bool {
    guard index > 0 else { return false }
    let left = tree.tokens[index - 1]
    let right = tree.tokens[index]
    switch right.kind {
    case .comma, .colon, .question, .dot, .dotDot, .rightParen, .rightBracket: return false
    case .rightBrace: return left.kind != .leftBrace
    case .less, .greater: if typeBrackets.contains(right.span.start) { return false }
    default: break
    }
    switch left.kind {
    case .leftParen, .leftBracket, .dot, .dotDot: return false
    case .less: if typeBrackets.contains(left.span.start) { return false }
    case .minus, .plus:
      guard signs.contains(left.span.start) else { return true }
      // Signs touch, as they must among arguments; but `--` and a blank would be the comment of another language.
      return right.kind == .minus && hasComment(index + 1) && (!isSign(index - 2) || hasComment(index - 1))
    case .name where right.kind == .leftParen: return !touchesBracket(index - 1)
    default: break
    }
    return true
  }

  private func isSign(_ index: Int) -> Bool { index >= 0 && signs.contains(tree.tokens[index].span.start) }

  private func hasComment(_ index: Int) -> Bool {
    let token = tree.tokens[index]
    return tree.source.bytes[token.triviaStart..<token.span.start].contains(35)
  }

  /// Whether the bracket behind a name belongs to it: a call's does; a bracket behind a word of the grammar does not.
  private func touchesBracket(_ name: Int) -> Bool {
    let previous = name > 0 ? tree.tokens[name - 1] : nil
    if previous?.kind == .name, previous.map({ tree.source.slice($0.span) }) == "def" {
      // `def` begins the statement: elsewhere it is a column like any other.
      if name == 1 || [.endOfLine, .leftBrace].contains(tree.tokens[name - 2].kind) { return true }
    }
    guard tree.tokens[name + 1].touchesPrevious else { return false }
    let word = text(name)
    if hardWords.contains(word) { return false }
    return !(previous?.kind == .pipe && stageWords.contains(word))
  }
}
