import ErpqBase

/// How much a diagnostic matters.
public enum Severity: String, Sendable {
  case error, warning
}

/// A change to the source that would remove the error.
public struct Fix: Sendable, Hashable {
  /// What it does, as an order: `write "price"`.
  public var title: String
  /// The spans to replace and what to put there; they do not overlap.
  public var edits: [Edit]

  /// One replacement.
  public struct Edit: Sendable, Hashable {
    /// The bytes to replace; empty to insert.
    public var span: SourceSpan
    /// What to put there.
    public var text: String

    /// A replacement.
    public init(_ span: SourceSpan, _ text: String) {
      self.span = span
      self.text = text
    }
  }

  /// A fix made of edits.
  public init(_ title: String, _ edits: [Edit]) {
    self.title = title
    self.edits = edits
  }

  /// A fix that replaces one span.
  public static func replace(_ span: SourceSpan, with text: String, _ title: String? = nil) -> Fix {
    Fix(title ?? "write `\(quotable(text))`", [Edit(span, text)])
  }

  /// A fix that inserts at an offset.
  public static func insert(_ text: String, at offset: Int, _ title: String) -> Fix {
    Fix(title, [Edit(SourceSpan(offset, offset), text)])
  }

  /// The source with the edits made.
  public func applied(to source: String) -> String {
    var bytes = Array(source.utf8)
    for edit in edits.sorted(by: { $0.span.start > $1.span.start })
    where edit.span.start >= 0 && edit.span.end <= bytes.count {
      bytes.replaceSubrange(edit.span.start..<edit.span.end, with: Array(edit.text.utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Something to tell the user about a statement, its data or its run: the product's voice, as a value.
public struct Diagnostic: Error, Sendable {
  /// The code, which `explain` tells more about.
  public var code: DiagnosticCode
  /// Whether the run goes on.
  public var severity: Severity
  /// One sentence in the user's words: what happened.
  public var message: String
  /// Where, in `source`.
  public var span: SourceSpan?
  /// The text that the span lies in; nil means the text that is being checked.
  public var source: SourceText?
  /// A few words under the caret: what was expected.
  public var label: String
  /// Further sentences: what is there, what to do.
  public var notes: [String]
  /// Ways out that a tool can apply.
  public var fixes: [Fix]

  /// A diagnostic; the severity follows from the code.
  public init(
    _ code: DiagnosticCode, _ message: String, at span: SourceSpan? = nil, label: String = "",
    notes: [String] = [],
    fixes: [Fix] = []
  ) {
    self.code = code
    severity = code.isWarning ? .warning : .error
    self.message = message
    self.span = span
    self.label = label
    self.notes = notes
    self.fixes = fixes
  }

  /// The same with its source named, if it names none yet.
  public func within(_ source: SourceText) -> Diagnostic {
    var copy = self
    if copy.source == nil { copy.source = source }
    return copy
  }

  /// The same with the span, if it has none yet.
  public func at(_ span: SourceSpan) -> Diagnostic {
    var copy = self
    if copy.span == nil { copy.span = span }
    return copy
  }
}

/// Words joined as in prose: `a`, `a or b`, `a, b or c`.
public func listed(_ words: [String], _ conjunction: String = "or", quoting quote: String = "") -> String {
  let quoted = words.map { quote + $0 + quote }
  guard quoted.count > 1, let last = quoted.last else { return quoted.first ?? "" }
  return quoted.dropLast().joined(separator: ", ") + " \(conjunction) " + last
}

/// A text from the source as it can stand in a sentence: cut when it is long, blanks and control characters shown.
public func quotable(_ text: String) -> String {
  let cut = text.unicodeScalars.prefix(41)
  var out = ""
  for scalar in cut.prefix(40) {
    out.unicodeScalars.append(scalar.value < 32 || scalar.value == 127 ? "\u{FFFD}" : scalar)
  }
  return cut.count > 40 ? out + "…" : out
}
