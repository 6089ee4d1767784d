import ErpqBase
import ErpqDiagnostics

// Numbers, numbers with a unit, dates and periods.
extension Lexer {
  mutating func scanNumber() {
    let start = i
    if scanDate() { return }
    skipDigits()
    var kind = TokenKind.int
    if at(0) == 46, at(1) >= 48, at(1) <= 57 {
      i += 1
      skipDigits()
      kind = .float
    }
    if at(0) == 101 || at(0) == 69 {
      let sign = at(1) == 43 || at(1) == 45 ? 1 : 0
      if at(1 + sign) >= 48, at(1 + sign) <= 57 {
        i += 1 + sign
        skipDigits()
        kind = .float
      }
    }
    let numberEnd = i
    if at(0) == 37 {
      i += 1
      push(.percent, from: start)
      return
    }
    scanName()
    let span = SourceSpan(start, i)
    guard i > numberEnd else {
      push(kind, from: start)
      return
    }
    let suffix = source.slice(SourceSpan(numberEnd, i))
    if CalendarDuration.unit(named: suffix) != nil {
      push(.duration, from: start)
    } else if suffix.utf8.count == 3, suffix.utf8.allSatisfy({ $0 >= 65 && $0 <= 90 }) {
      push(.money, from: start)
    } else {
      push(.invalid, from: start)
      // The search for what was meant takes its time.
      if diagnostics.count < Lexer.diagnosticLimit {
        report(.badSuffix(number: source.slice(SourceSpan(start, numberEnd)), suffix: suffix, span))
      }
    }
  }

  private mutating func skipDigits() {
    while i < limit,
      (b[i] >= 48 && b[i] <= 57) || (b[i] == 95 && i + 1 < limit && b[i + 1] >= 48 && b[i + 1] <= 57)
    { i += 1 }
  }

  /// A date or period literal, by maximal munch: never a subtraction.
  private mutating func scanDate() -> Bool {
    func digit(_ k: Int) -> Bool { at(k) >= 48 && at(k) <= 57 }
    guard digit(1), digit(2), digit(3), at(4) == 45, digit(5) || at(5) == 81 || at(5) == 87 else {
      return false
    }
    var length = 5
    if at(5) == 81 || at(5) == 87 {
      guard digit(6) else { return false }
      length = 7
      while digit(length) { length += 1 }
    } else {
      while digit(length) { length += 1 }
      if at(length) == 45, digit(length + 1) {
        length += 1
        while digit(length) { length += 1 }
      }
    }
    if Lexer.isNameStart(at(length)) || at(length) == 37 { return false }
    // 5000-10.5 is arithmetic on a number with a fraction.
    if at(length) == 46, at(length + 1) >= 48, at(length + 1) <= 57 { return false }
    let start = i
    let text = source.slice(SourceSpan(i, i + length))
    let year = Int(text.prefix(4)) ?? 0
    i += length
    let span = SourceSpan(start, i)
    let inRange = (1900...2199).contains(year)
    if inRange, CivilDate(iso: text) != nil {
      push(.date, from: start)
    } else if inRange, Period(iso: text) != nil {
      push(.period, from: start)
    } else {
      push(.invalid, from: start)
      report(.badDate(text, span))
    }
    return true
  }
}
