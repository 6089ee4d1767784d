import ErpqBase
import ErpqTables

/// Collects a column whose type may turn out wider than it looked at first.
final class ColumnBuilder {
  /// The column's name in the table.
  let name: String
  /// The type the user gave it.
  let forced: ValueType?
  /// How its cells are read now.
  private(set) var type: CellType
  /// The first cell that made a text of it: the line and the cell.
  private(set) var odd: (line: Int, text: [UInt8])?
  private let decimal: UInt8
  private let thousands: UInt8
  private let dateOrder: DateOrder?

  private var bools: [Bool] = []
  private var ints: [Int64] = []
  private var doubles: [Double] = []
  private var days: [Int32] = []
  private var codes: [Int32] = []
  private var lists = ListCells()
  private var nulls = 0
  private var dictionary = TextDictionaryBuilder()
  private var recent: RecentTexts?
  /// Whether short texts seen before are looked up by their bytes; costs some memory a column.
  var remembersTexts = false
  private var validity = ValidityBuilder()
  /// Whether there were cells that are empty texts rather than missing, while nothing else was there.
  private var hasEmptyTexts = false
  private var slashes: SlashDateParser
  private var flags: [UInt8] = []
  private let scratch = Scratch()
  /// Rows whose cells `check` has read already, in the arrays above and in `flags`, and the nulls among them.
  private var checked: (rows: Int, nulls: Int)?
  /// What the dates with slashes among them tell.
  private var checkedSlashes: SlashDateParser?
  /// Whether numbers may stand there with another decimal mark than expected (in delimited text).
  var mayHaveOtherMarks = false
  /// Rows to make room for.
  var expectedRows = 0

  init(_ name: String, forced: ValueType?, options: ReadOptions) {
    self.name = name
    self.forced = forced
    decimal = (options.decimal ?? .point).byte
    thousands = options.decimal?.thousands ?? 0
    dateOrder = options.dateOrder
    slashes = SlashDateParser(order: options.dateOrder)
    type = forced.flatMap { CellType($0) } ?? .empty
    if forced == .date, options.dateOrder != nil { type = .slashDate }
  }

  /// Rows collected.
  private(set) var count = 0

  /// Adds the rows of a source, the type growing as they need.
  ///
  /// - Returns: false when the rows before have to be read again (`restart` has been called): the column has
  ///   become a text after values that were not kept as text.
  func consume(_ source: some CellSource, rows: Int) -> Bool {
    if takeChecked(rows) { return true }
    forgetChecked()
    while true {
      guard let row = append(source, rows, rejected: nil) else { return true }
      let classifier = CellClassifier(decimal: decimal, thousands: thousands, dateOrder: dateOrder)
      let wider = type.joined(with: classifier.classify(source, row))
      // A cell of the same type that still did not fit (dates whose orders clash) makes a text of the column.
      let next = wider == type ? .text : wider
      if next == .text, type != .empty, odd == nil { odd = (source.line(row), source.text(row)) }
      if !widen(to: next) {
        restart(as: next)
        return false
      }
    }
  }

  /// Marks the rows whose cells do not fit the forced type with 1. What was read is kept for a `consume` of the
  /// same rows; if there is none, call `forgetChecked`.
  ///
  /// - Returns: whether all of them fit.
  @discardableResult
  func check(_ source: some CellSource, rows: Int, rejected: UnsafeMutablePointer<UInt8>) -> Bool {
    forgetChecked()
    _ = append(source, rows, rejected: rejected)
    return checked != nil || !UnsafeBufferPointer(start: rejected, count: rows).contains(1)
  }

  /// Forgets what `check` has read.
  func forgetChecked() {
    guard let rows = checked?.rows else { return }
    (checked, checkedSlashes) = (nil, nil)
    switch type {
    case .bool: bools.removeLast(rows)
    case .int, .datetime: ints.removeLast(rows)
    case .number, .percent: doubles.removeLast(rows)
    case .date, .slashDate, .period: days.removeLast(rows)
    case .empty, .text, .list: break
    }
  }

  /// Takes the rows that `check` has read; false where it has not read them.
  private func takeChecked(_ rows: Int) -> Bool {
    guard let checked, checked.rows == rows else { return false }
    flags.withUnsafeBufferPointer { flags in
      if let flags = flags.baseAddress { validity.append(flags, rows, nulls: checked.nulls) }
    }
    count += rows
    if let checkedSlashes { slashes = checkedSlashes }
    (self.checked, checkedSlashes) = (nil, nil)
    return true
  }

  /// Forgets the rows and reads them as another type.
  func restart(as type: CellType) {
    self.type = type
    bools = []
    ints = []
    doubles = []
    days = []
    codes = []
    lists = ListCells()
    nulls = 0
    count = 0
    validity = ValidityBuilder()
    (checked, checkedSlashes) = (nil, nil)
  }

  /// Changes the type in place where the values allow it.
  private func widen(to next: CellType) -> Bool {
    switch (type, next) {
    case (.int, .number):
      doubles = ints.map { Double($0) }
      ints = []
    case (.date, .datetime):
      ints = days.map { Int64($0) * 86_400_000_000 }
      days = []
    case (.empty, _):
      switch next {
      case .bool: bools = Array(repeating: false, count: count)
      case .int, .datetime: ints = Array(repeating: 0, count: count)
      case .number, .percent: doubles = Array(repeating: 0, count: count)
      case .date, .slashDate, .period: days = Array(repeating: 0, count: count)
      case .text: return count == 0 ? becomes(next) : false
      case .list: lists = ListCells(nulls: count)
      case .empty: break
      }
    default:
      return count == 0 ? becomes(next) : false
    }
    return becomes(next)
  }

  private func becomes(_ next: CellType) -> Bool {
    type = next
    return true
  }

  /// Adds rows of the current type, or none of them: then the first row that does not fit is returned. With
  /// `rejected`, only marks the rows that do not fit.
  private func append(_ source: some CellSource, _ rows: Int, rejected: UnsafeMutablePointer<UInt8>?) -> Int?
  {
    if flags.count < rows { flags = Array(repeating: 0, count: rows) }
    let isLenient = forced != nil
    let row: Int?
    switch type {
    case .empty: row = appendEmpty(source, rows)
    case .bool:
      var parser = BoolParser()
      row = append(source, rows, &parser, &bools, rejected)
    case .int:
      var parser = IntParser(lenient: isLenient)
      row = append(source, rows, &parser, &ints, rejected)
    case .number:
      var parser = numberParser(source)
      row = append(source, rows, &parser, &doubles, rejected)
    case .percent:
      var parser = PercentParser(decimal: decimal, thousands: thousands, lenient: isLenient)
      row = append(source, rows, &parser, &doubles, rejected)
    case .date:
      var parser = DateParser()
      row = append(source, rows, &parser, &days, rejected)
    case .datetime:
      var parser = DatetimeParser()
      row = append(source, rows, &parser, &ints, rejected)
    case .slashDate:
      var parser = slashes
      parser.takesISO = isLenient
      row = append(source, rows, &parser, &days, rejected)
      if row == nil, rejected == nil { slashes = parser }
      if checked != nil { checkedSlashes = parser }
    case .period(let unit):
      var parser = PeriodParser(unit: unit)
      row = append(source, rows, &parser, &days, rejected)
    case .list(let element):
      let added = lists.append(source, rows, type, element, &flags, rejected)
      row = added.failed
      if row == nil, rejected == nil { validity.append(flags, rows, nulls: added.nulls) }
    case .text:
      if rejected == nil { appendTexts(source, rows) }
      row = nil
    }
    if row == nil, rejected == nil { count += rows }
    return row
  }

  private func appendEmpty(_ source: some CellSource, _ rows: Int) -> Int? {
    var hasTexts = false
    for row in 0..<rows {
      let cell = source.cell(row)
      if cell.isMissing { continue }
      let (start, end) = trimmed(source.bytes, cell.start, cell.end)
      if start < end { return row }
      hasTexts = true
    }
    if hasTexts { hasEmptyTexts = true }
    flags.withUnsafeMutableBufferPointer { flags in
      guard let flags = flags.baseAddress else { return }
      flags.update(repeating: 0, count: rows)
      validity.append(flags, rows, nulls: rows)
    }
    return nil
  }

  private func append<S: CellSource, P: CellParser>(
    _ source: S, _ rows: Int, _ parser: inout P, _ output: inout [P.Output],
    _ rejected: UnsafeMutablePointer<UInt8>?
  ) -> Int? {
    guard rows > 0 else { return nil }
    let p = source.bytes
    let type = self.type
    let before = output.count
    var failed: Int?
    var nulls = 0
    var fits = true
    if before == 0 { output.reserveCapacity(expectedRows) }
    output.append(contentsOf: repeatElement(P.zero, count: rows))
    output.withUnsafeMutableBufferPointer { all in
      flags.withUnsafeMutableBufferPointer { flagBuffer in
        guard let flags = flagBuffer.baseAddress, let out = all.baseAddress.map({ $0 + before }) else {
          return
        }
        for row in 0..<rows {
          let cell = source.cell(row)
          let (start, end) = trimmed(p, cell.start, cell.end)
          if start == end, cell.isMissing || source.admits(type, row) {
            flags[row] = 0
            nulls &+= 1
            continue
          }
          if start < end, source.admits(type, row), let value = parser.parse(p, start, end) {
            out[row] = value
            flags[row] = 1
            continue
          }
          guard let rejected else {
            failed = row
            return
          }
          rejected[row] = 1
          fits = false
        }
        if rejected == nil { validity.append(flags, rows, nulls: nulls) }
      }
    }
    if rejected != nil, fits {
      checked = (rows, nulls)
    } else if failed != nil || rejected != nil {
      output.removeLast(rows)
    }
    return failed
  }

  /// The decimal mark is the file's in delimited text and always a point in JSON.
  private func numberParser<S: CellSource>(_ source: S) -> NumberParser {
    NumberParser(
      decimal: S.isJSON ? 0x2E : decimal, thousands: S.isJSON ? 0 : thousands,
      lenient: forced != nil || S.isJSON)
  }

  private func appendTexts(_ source: some CellSource, _ rows: Int) {
    let p = source.bytes
    var nulls = 0
    let before = codes.count
    if before == 0 { codes.reserveCapacity(expectedRows) }
    // Held outside of the object for the loop, so that a row costs no check of exclusive access.
    var dictionary = TextDictionaryBuilder(capacity: 0)
    swap(&dictionary, &self.dictionary)
    defer { swap(&dictionary, &self.dictionary) }
    let recent = self.recent ?? RecentTexts(size: remembersTexts ? 4096 : 1)
    self.recent = recent
    let scratch = scratch
    codes.append(contentsOf: repeatElement(0, count: rows))
    codes.withUnsafeMutableBufferPointer { all in
      flags.withUnsafeMutableBufferPointer { flagBuffer in
        guard let flags = flagBuffer.baseAddress, let out = all.baseAddress.map({ $0 + before }) else {
          return
        }
        // Files are mostly in order of something: many a text is that of the row before.
        var last = (start: p, count: 0, code: Int32(0))
        for row in 0..<rows {
          let cell = source.cell(row)
          if cell.isMissing {
            flags[row] = 0
            nulls &+= 1
            continue
          }
          flags[row] = 1
          let (start, count) = (p + cell.start, cell.end &- cell.start)
          if source.isEscaped(cell, row) {
            out[row] = scratch.with({ source.unescape(cell, row, into: &$0) }) { dictionary.code(for: $0) }
          } else if count >= 8, count == last.count, areEqual(start, last.start, count) {
            out[row] = last.code
          } else {
            last = (start, count, recent.code(start, count, &dictionary))
            out[row] = last.code
          }
        }
        validity.append(flags, rows, nulls: nulls)
      }
    }
  }

  /// Whether the column holds dates with slashes that can be read in both orders.
  var isAmbiguousDate: Bool {
    type == .slashDate && slashes.canBeDayFirst && slashes.canBeMonthFirst && slashes.differs
  }

  /// Whether the rows have to be read again, as texts.
  var needsText: Bool { isAmbiguousDate || type == .empty && hasEmptyTexts && forced == nil }

  /// What to tell about dates that stay text.
  var ambiguityNote: String {
    "column \(name): it is not clear from its dates whether the day or the month comes first, so it is text"
  }

  /// The column, with the type the user named or the one that was found.
  func build() -> Column {
    let valid = validity.build()
    switch type {
    case .empty: return .nulls(forced ?? .text, count: count)
    case .bool: return Column(.bool, .bools(bools), validity: valid)
    case .int: return Column(.int, .ints(ints), validity: valid)
    case .number:
      if case .duration(let family) = forced, family != .months {
        return Column(.duration(family), .doubles(doubles.map(milliseconds(days:))), validity: valid)
      }
      return Column(forced ?? .number, .doubles(doubles), validity: valid)
    case .percent: return Column(.percent, .doubles(doubles), validity: valid)
    case .date: return Column(.date, .days(days), validity: valid)
    case .datetime: return Column(.datetime, .ints(ints), validity: valid)
    case .slashDate:
      let order = slashOrder
      return Column(.date, .days(days.map { SlashDateParser.day(of: $0, order) }), validity: valid)
    case .period(let unit): return Column(.period(unit), .days(days), validity: valid)
    case .list(let element):
      let known = element == .unknown ? lists.sharedElement : element
      return Column(.list(known), .values(lists.values), validity: valid)
    case .text:
      if dictionary.count == 0 { return .nulls(.text, count: count) }
      return Column(.text, .codes(codes, dictionary.build()), validity: valid)
    }
  }

  /// Whether all of the column's first texts are numbers under the other decimal mark.
  private var hasOtherMarks: Bool {
    let known = dictionary.build()
    guard mayHaveOtherMarks, known.count > 0 else { return false }
    var parser = NumberParser(decimal: decimal == 0x2E ? 0x2C : 0x2E)
    return known.bytes.withUnsafeBufferPointer { bytes in
      guard let p = bytes.baseAddress else { return false }
      var marks = 0
      for i in 0..<Swift.min(known.count, 1000) {
        let (start, end) = (known.offsets[i], known.offsets[i + 1])
        guard parser.parse(p, start, end) != nil else { return false }
        if bytes[start..<end].contains(parser.decimal) { marks += 1 }
      }
      return marks > 0
    }
  }

  /// Milliseconds of so many days; whole where they were whole before they were written as days.
  private func milliseconds(days: Double) -> Double {
    let exact = days * CalendarDuration.millisecondsPerDay
    let whole = exact.rounded()
    return (exact - whole).magnitude <= exact.magnitude * 0x1p-51 ? whole : exact
  }

  private var slashOrder: DateOrder { slashes.canBeDayFirst ? .dayFirst : .monthFirst }

  /// Why the column has its type, where that needs saying.
  var why: String? {
    if type == .slashDate, forced == nil {
      return slashes.canBeDayFirst ? "date: read as DD/MM/YYYY" : "date: read as MM/DD/YYYY"
    }
    if type == .text, forced == nil, hasOtherMarks {
      let mark = decimal == 0x2E ? "comma" : "point"
      return "text: its numbers seem to be written with a decimal \(mark)"
    }
    guard type == .text, let odd else { return nil }
    return "text: line \(grouped(odd.line)) has \(shown(odd.text))"
  }
}
