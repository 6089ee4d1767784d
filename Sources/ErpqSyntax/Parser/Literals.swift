import ErpqBase
import ErpqDiagnostics

extension Parser {
  /// A number, percent, duration, money, date or period.
  mutating func numeral() throws(Bail) -> Expr {
    let t = advance()
    let written = text(t)
    func done(_ kind: Expr.Kind) -> Expr { Expr(kind: kind, span: t.span) }
    switch t.kind {
    case .date: return done(CivilDate(iso: written).map { .date($0) } ?? .error)
    case .period: return done(Period(iso: written).map { .period($0) } ?? .error)
    default: break
    }
    let clean = written.filter { $0 != "_" }
    let end = Parser.numberEnd(clean)
    let digits = String(clean.prefix(end))
    let suffix = String(clean.dropFirst(end))
    if t.kind == .int {
      if let value = Int64(digits) { return done(.int(value)) }
      report(.numberTooLarge(digits, t.span, whole: true))
      return done(.error)
    }
    guard let value = Double(digits), value.isFinite else {
      report(.numberTooLarge(digits, t.span, whole: false))
      return done(.error)
    }
    switch t.kind {
    case .percent: return done(.percent(value / 100))
    case .money: return done(.money(value, suffix))
    case .duration:
      guard let unit = CalendarDuration.unit(named: suffix) else { return done(.error) }
      let amount = value * unit.amount
      let limit = unit.family == .time ? 8.64e15 : 1_200_000
      guard amount.magnitude <= limit else {
        report(
          Diagnostic(
            .badDuration, "this duration is longer than the calendar", at: t.span,
            label: "durations go up to 100,000 years"))
        return done(.error)
      }
      return done(.duration(CalendarDuration(amount: amount, family: unit.family)))
    default: return done(.float(value))
    }
  }

  /// Where the number ends and its suffix begins.
  private static func numberEnd(_ text: String) -> Int {
    let u = Array(text.utf8)
    var i = 0
    func isDigit(_ k: Int) -> Bool { k < u.count && u[k] >= 48 && u[k] <= 57 }
    while isDigit(i) { i += 1 }
    if i < u.count, u[i] == 46, isDigit(i + 1) {
      i += 1
      while isDigit(i) { i += 1 }
    }
    if i < u.count, u[i] == 101 || u[i] == 69 {
      let sign = i + 1 < u.count && (u[i + 1] == 43 || u[i + 1] == 45) ? 1 : 0
      if isDigit(i + 1 + sign) {
        i += 1 + sign
        while isDigit(i) { i += 1 }
      }
    }
    return i
  }

  /// A text in double quotes: escapes are resolved, holes parsed.
  mutating func stringLiteral() throws(Bail) -> Expr {
    let t = advance()
    let b = source.bytes
    var parts: [StringPart] = []
    var current: [UInt8] = []
    var i = t.span.start + 1
    let end = t.span.end - 1
    func flush() {
      if !current.isEmpty { parts.append(.text(String(decoding: current, as: UTF8.self))) }
      current.removeAll()
    }
    while i < end {
      switch b[i] {
      case 92: i = escape(at: i, end: end, into: &current)
      case 123:
        let close = Lexer.holeEnd(in: source, SourceSpan(i, end))
        flush()
        parts.append(try hole(SourceSpan(i, close)))
        i = close
      default:
        current.append(b[i])
        i += 1
      }
    }
    flush()
    let hasHoles = parts.contains { if case .hole = $0 { true } else { false } }
    if hasHoles { return Expr(kind: .interpolated(parts), span: t.span) }
    if case .text(let s)? = parts.first { return Expr(kind: .string(s), span: t.span) }
    return Expr(kind: .string(""), span: t.span)
  }

  /// Resolves the escape that begins at `i` and returns where the text goes on.
  private mutating func escape(at i: Int, end: Int, into out: inout [UInt8]) -> Int {
    let b = source.bytes
    guard i + 1 < end else { return i + 1 }
    switch b[i + 1] {
    case 34, 92, 123, 125, 39: out.append(b[i + 1])
    case 110: out.append(10)
    case 116: out.append(9)
    case 114: out.append(13)
    case 48: out.append(0)
    case 117 where i + 2 < end && b[i + 2] == 123:
      var j = i + 3
      while j < end, b[j] != 125 { j += 1 }
      let digits = String(decoding: b[(i + 3)..<j], as: UTF8.self)
      if j < end, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) {
        out.append(contentsOf: String(scalar).utf8)
      } else {
        report(.badEscape("\\u{\(digits)}", SourceSpan(i, min(j + 1, end))))
      }
      return min(j + 1, end)
    default:
      let width = b[i + 1] >= 0xF0 ? 4 : b[i + 1] >= 0xE0 ? 3 : b[i + 1] >= 0xC0 ? 2 : 1
      let stop = min(i + 1 + width, end)
      report(.badEscape(source.slice(SourceSpan(i, stop)), SourceSpan(i, stop)))
      return stop
    }
    return i + 2
  }

  private mutating func hole(_ span: SourceSpan) throws(Bail) -> StringPart {
    let closed = source.bytes[span.end - 1] == 125 && span.length >= 2
    guard closed else {
      report(
        Diagnostic(
          .unclosedBracket, "this `{` opens a hole in the text that is never closed",
          at: SourceSpan(span.start, span.start + 1),
          label: "close it with `}`, or write `\\{` for a brace"))
      throw Bail()
    }
    let inner = SourceSpan(span.start + 1, span.end - 1)
    let written = source.slice(inner)
    let trimmed = written.filter { $0 != " " }
    if !trimmed.isEmpty, trimmed.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ",") }) {
      report(.digitHole(trimmed, span))
      return .text("{" + trimmed + "}")
    }
    let (tokens, errors) = Lexer.tokenize(source, hole: inner)
    var parser = Parser(source, tokens, errors)
    parser.depth = depth
    parser.reportedDepth = reportedDepth
    defer {
      diagnostics.append(contentsOf: parser.diagnostics)
      steps += parser.steps
      reportedDepth = parser.reportedDepth
    }
    if parser.token.kind == .endOfInput {
      parser.report(
        Diagnostic(
          .expected, "this hole in the text is empty", at: span, label: "put an expression into it",
          notes: ["a brace itself is written `\\{`"]))
      throw Bail()
    }
    try parser.descend()
    let value = try parser.expression(0)
    if parser.token.kind != .endOfInput {
      if parser.token.kind != .invalid { parser.report(parser.missing("`}`")) }
      throw Bail()
    }
    return .hole(value)
  }
}
