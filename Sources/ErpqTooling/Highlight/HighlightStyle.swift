/// What a part of a text is, for colours.
public enum HighlightStyle: String, Sendable, CaseIterable {
  /// A word of the grammar.
  case keyword
  /// The first word of a query: where rows come from.
  case command
  /// The word behind a `|`.
  case stage
  /// A word among a command's arguments: a parameter, or one of the words it allows.
  case parameter
  /// A name that a bracket touches.
  case function
  /// A name with a `$`.
  case variable
  /// A number, percent, duration, sum of money, date or period.
  case number
  /// A text in quotes, closed or not yet.
  case string
  /// The braces of a hole in a text.
  case hole
  /// From `#` to the end of the line.
  case comment
  /// An operator, comma or bracket.
  case `operator`
  /// What is no part of the language.
  case error
}
