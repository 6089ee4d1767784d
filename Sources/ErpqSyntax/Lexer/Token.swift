import ErpqBase

/// What a token is. The names are the grammar's.
public enum TokenKind: String, Sendable {
  case name, variable
  case int, float, percent, duration, money, date, period
  case string, rawString
  case leftParen = "(", rightParen = ")", leftBracket = "[", rightBracket = "]", leftBrace = "{", rightBrace =
    "}"
  case pipe = "|", comma = ",", colon = ":", dot = ".", dotDot = "..", arrow = "->", question = "?"
  case coalesce = "??"
  case equal = "=", doubleEqual = "==", notEqual = "!=", angleNotEqual = "<>"
  case less = "<", lessEqual = "<=", greater = ">", greaterEqual = ">="
  case plus = "+", minus = "-", star = "*", slash = "/"
  /// A `%` that is not the suffix of a number: a slip for `mod`.
  case percentSign = "%"
  /// A newline that ends a statement, or `;`.
  case endOfLine
  /// Anything that is no token of the language; a diagnostic says why.
  case invalid
  case endOfInput
}

/// A token with the blank space, comments and unimportant newlines before it. Tokens joined are the source.
public struct Token: Sendable {
  /// What it is.
  public var kind: TokenKind
  /// Where its trivia begins.
  public var triviaStart: Int
  /// Its own bytes.
  public var span: SourceSpan
  /// Whether nothing stands between it and the token before.
  public var touchesPrevious: Bool { triviaStart == span.start }
}

/// Words that are nowhere a name without backticks.
public let hardWords: Set<String> = [
  "where", "if", "then", "else", "and", "or", "not", "in", "is", "between", "like", "contains", "matches",
  "mod",
  "true", "false", "null", "today", "now",
]

/// Words that mean something at the start of a statement only.
public let statementWords = [
  "let", "def", "param", "import", "scenario", "metric", "use", "explain", "profile", "describe", "help",
]
