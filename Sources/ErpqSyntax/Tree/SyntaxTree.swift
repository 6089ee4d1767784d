import ErpqBase
import ErpqDiagnostics

/// What the grammar made of tokens that look alike, by the offset at which they begin; for tools that work
/// on tokens.
public struct TokenRoles: Sendable {
  /// The `-` and `+` that are signs, not operators.
  public internal(set) var signs: [Int] = []
  /// The `<` and `>` around the arguments of a type.
  public internal(set) var typeBrackets: [Int] = []
  /// The names of a metric's attributes.
  public internal(set) var attributes: [Int] = []
}

/// A parsed source: tokens, statements and what is wrong.
public struct SyntaxTree: Sendable {
  /// The source.
  public let source: SourceText
  /// All tokens; joined they are the source.
  public let tokens: [Token]
  /// The edition that the script asks for.
  public let edition: Int?
  /// The statements.
  public let statements: [Statement]
  /// Errors of the text and the grammar, in order.
  public let diagnostics: [Diagnostic]
  /// How many steps the parser took; linear in the number of tokens.
  public let steps: Int
  /// What the grammar made of tokens that look alike.
  public let roles: TokenRoles

  /// The tokens joined: the source, byte for byte.
  public var joined: String {
    var bytes: [UInt8] = []
    for token in tokens {
      bytes.append(contentsOf: source.bytes[token.triviaStart..<token.span.end])
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
