import ErpqBase

// How errors of the text and the grammar are worded.
// One function an error, so that the voice is in one place.
extension Diagnostic {
  /// A character that begins no token.
  public static func unexpectedCharacter(_ scalar: Unicode.Scalar, _ span: SourceSpan) -> Diagnostic {
    let look: [UInt32: (String, String)] = [
      0x201C: ("a curly quote", "\""), 0x201D: ("a curly quote", "\""), 0x2018: ("a curly quote", "'"),
      0x2019: ("a curly quote", "'"), 0x2013: ("a dash", "-"), 0x2014: ("a dash", "-"),
      0x2212: ("a minus sign", "-"),
      0x00D7: ("a multiplication sign", "*"), 0x2264: ("a less-or-equal sign", "<="),
      0x2265: ("a greater-or-equal sign", ">="), 0x2260: ("a not-equal sign", "!="),
      0x2026: ("an ellipsis", ".."),
    ]
    if let (what, ascii) = look[scalar.value] {
      return Diagnostic(
        .unexpectedCharacter, "\(what) is not part of the language", at: span,
        label: "type `\(ascii)` instead",
        fixes: [.replace(span, with: ascii)])
    }
    if let word = ["&": "and", "!": "not"][scalar] {
      return Diagnostic(
        .unexpectedCharacter, "`\(scalar)` is not part of the language", at: span, label: "write `\(word)`",
        fixes: [.replace(span, with: " \(word) ", "write `\(word)`")])
    }
    if scalar.value == 0xFFFD {
      return Diagnostic(
        .notUTF8, "this is not readable as UTF-8 text", at: span,
        label: "remove it, or save the file as UTF-8")
    }
    if scalar == "$" {
      return Diagnostic(
        .unexpectedCharacter, "`$` needs a name right behind it", at: span,
        label: "a variable is written `$name`")
    }
    let code = String(scalar.value, radix: 16, uppercase: true)
    let shown = scalar.value < 32 || scalar.value == 127
    let name =
      shown
      ? "the character U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code)" : "`\(scalar)`"
    return Diagnostic(
      .unexpectedCharacter, "\(name) is not part of the language", at: span,
      label: shown ? "remove it" : "remove it, or put it in quotes")
  }

  /// An operator of another language that begins with a character this one does not have.
  public static func foreignOperator(_ text: String, _ span: SourceSpan) -> Diagnostic? {
    switch text {
    case "&", "&&":
      return .foreign(
        "`\(text)` is written `and` here", span, label: "write `and`", fix: .replace(span, with: "and"))
    case "!":
      return .foreign(
        "`!` is written `not` here", span, label: "write `not`",
        fix: .replace(span, with: "not ", "write `not`"))
    case "^": return .foreign("a power is a function here", span, label: "write `power(x, 2)`", fix: nil)
    case "€", "£", "¥":
      let code = ["€": "EUR", "£": "GBP", "¥": "JPY"][text] ?? "EUR"
      return .foreign(
        "an amount carries the code of its currency", span, label: "write `500\(code)`", fix: nil)
    default: return nil
    }
  }

  /// A quote that is never closed.
  public static func unclosedQuote(_ quote: String, _ span: SourceSpan, end: Int) -> Diagnostic {
    Diagnostic(
      .unclosedQuote, "this quote is never closed", at: span,
      label: "a closing \(quote) is expected on this line",
      fixes: [.insert(quote, at: end, "add the closing \(quote) at the end of the line")])
  }

  /// A number with letters behind it.
  public static func badSuffix(number: String, suffix: String, _ span: SourceSpan) -> Diagnostic {
    if suffix == "m" {
      return Diagnostic(
        .badDuration, "`\(quotable(number))m` could be months or minutes", at: span, label: "mo or min?",
        fixes: [
          .replace(span, with: number + "mo", "write `\(quotable(number))mo` for months"),
          .replace(span, with: number + "min", "write `\(quotable(number))min` for minutes"),
        ])
    }
    if suffix.utf8.count == 3, suffix.utf8.allSatisfy({ ($0 | 32) >= 97 && ($0 | 32) <= 122 }),
      suffix != suffix.uppercased(),
      ["eur", "usd", "gbp", "chf", "mad", "jpy"].contains(suffix.lowercased())
    {
      return Diagnostic(
        .badNumber, "a currency is written in capital letters", at: span,
        label: "write `\(quotable(number))\(suffix.uppercased())`",
        fixes: [.replace(span, with: number + suffix.uppercased())])
    }
    let units = CalendarDuration.units.map(\.suffix)
    let long = CalendarDuration.units.flatMap(\.long)
    let near = nearest(to: suffix.lowercased(), among: units + long, count: 1)
    return Diagnostic(
      .badNumber, "a number cannot end in `\(quotable(suffix))`", at: span,
      label: near.first.map { "did you mean `\(quotable(number))\($0)`?" } ?? "this is no unit",
      notes: ["durations end in ms s min h d w mo q y, money in a currency such as EUR, shares in %"],
      fixes: near.first.map { [.replace(span, with: number + $0)] } ?? [])
  }

  /// Something that looks like a date or period but is none.
  public static func badDate(_ text: String, _ span: SourceSpan) -> Diagnostic {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    let numbers = parts.compactMap { Int($0) }
    var fixes: [Fix] = []
    if numbers.count == parts.count, numbers.count >= 2, (1900...2199).contains(numbers[0]) {
      let month = padded(numbers[1], 2)
      let corrected = "\(parts[0])-\(month)" + (numbers.count == 3 ? "-\(padded(numbers[2], 2))" : "")
      if corrected != text, CivilDate(iso: corrected) != nil || Period(iso: corrected) != nil {
        return Diagnostic(
          .badDate, "months and days have two digits in a date", at: span,
          label: "write `\(quotable(corrected))`",
          fixes: [.replace(span, with: corrected)])
      }
    }
    fixes.append(.replace(span, with: parts.joined(separator: " - "), "put spaces around `-` to subtract"))
    let year = Int(text.prefix(4)) ?? 0
    var why = "the calendar has no `\(quotable(text))`"
    if !(1900...2199).contains(year) {
      why = "`\(quotable(text))` is read as a date, and its year is outside 1900 to 2199"
    } else if numbers.count == 3, let m = numbers.dropFirst().first, (1...12).contains(m) {
      let last = CivilDate.daysInMonth(year: year, month: m)
      why = "`\(quotable(text))` is no date: that month has \(last) days"
    }
    return Diagnostic(
      .badDate, why, at: span, label: "a date is YYYY-MM-DD, a period 2026-03, 2026-Q1 or 2026-W05",
      fixes: fixes)
  }

  /// `-- comment`.
  public static func dashComment(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .foreignSyntax, "a comment begins with `#` here, not with `--`", at: span, label: "write `#`",
      fixes: [.replace(span, with: "#")])
  }

  /// A slip from another language.
  public static func foreign(_ message: String, _ span: SourceSpan, label: String, fix: Fix?) -> Diagnostic {
    Diagnostic(.foreignSyntax, message, at: span, label: label, fixes: fix.map { [$0] } ?? [])
  }

  /// Something else was needed here.
  public static func expected(_ what: String, found: String, _ span: SourceSpan, notes: [String] = [])
    -> Diagnostic
  {
    Diagnostic(
      .expected,
      found.isEmpty ? "the statement is not complete: it needs \(what)" : "\(found) does not fit here",
      at: span, label: found.isEmpty ? "here" : "expected \(what)", notes: notes)
  }

  /// A bracket that is never closed.
  public static func unclosedBracket(_ opener: String, closer: String, _ span: SourceSpan, insertAt: Int)
    -> Diagnostic
  {
    Diagnostic(
      .unclosedBracket, "this `\(opener)` is never closed", at: span, label: "its `\(closer)` is missing",
      fixes: [.insert(closer, at: insertAt, "add `\(closer)`")])
  }

  /// A bracket that closes nothing.
  public static func strayBracket(_ text: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .unclosedBracket, "this `\(text)` closes nothing", at: span, label: "no bracket is open here",
      fixes: [.replace(span, with: "", "remove it")])
  }

  /// Nesting beyond the limit.
  public static func tooDeep(_ limit: Int, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .tooDeep, "brackets are nested more than \(limit) deep", at: span,
      label: "give the inner part a name with `let` or `def`")
  }

  /// More operators in a row than `limit`.
  public static func tooLong(_ limit: Int, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .tooDeep, "this expression has more than \(limit) operators in a row", at: span,
      label: "give a part of it a name with `let` or `def`",
      notes: ["many comparisons of one column are a list: `product in [101, 102, …]`"])
  }

  /// A whole number beyond 64 bits, or a number beyond the largest double.
  public static func numberTooLarge(_ text: String, _ span: SourceSpan, whole: Bool) -> Diagnostic {
    Diagnostic(
      .badNumber, whole ? "this whole number is too large" : "this number is too large", at: span,
      label: whole
        ? "whole numbers go up to 9,223,372,036,854,775,807" : "numbers go up to 1.8e308",
      fixes: whole
        ? [.replace(span, with: text + ".0", "write `\(text.prefix(24)).0` for a number that may be rounded")]
        : [])
  }

  /// `a < b < c`.
  public static func chainedComparison(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .chainedComparison, "comparisons cannot be chained", at: span, label: "join two comparisons with `and`",
      notes: ["write `a < b and b < c`, or `b between a and c`"])
  }

  /// An escape that does not exist.
  public static func badEscape(_ text: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .badEscape, "`\(quotable(text))` means nothing in a text", at: span,
      label: #"escapes are \" \\ \n \t \r \{ \} \u{1F600}"#,
      notes: ["text in '…' takes everything as it stands"])
  }

  /// A hole of digits only, as in a regular expression.
  public static func digitHole(_ digits: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .badEscape, "`{\(quotable(digits))}` would put the number \(quotable(digits)) into the text", at: span,
      label: "for the brace itself write '…' around the text, or `\\{`",
      fixes: [.replace(span, with: "\\{\(digits)\\}")])
  }
}
