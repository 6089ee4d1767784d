import ErpqTables

/// Rows that a scan gave, kept to answer narrower scans of the same relation without reading again.
public struct KeptRows: Sendable {
  /// The conditions under which they were read.
  public let filters: [ScanFilter]
  /// The rows, in the order of the relation.
  public let table: Table

  /// The rows of a scan.
  public init(_ filters: [ScanFilter], _ table: Table) {
    self.filters = filters
    self.table = table
  }

  /// What a scan would read; nil where these rows or columns may not hold all of it, or a condition cannot be judged here.
  public func rows(of scan: Scan) -> Table? {
    guard let spec = Warehouse.relation(scan.relation),
      filters.allSatisfy({ kept in scan.filters.contains { $0.implies(kept) } })
    else { return nil }
    let rest = scan.filters.filter { !filters.contains($0) }
    let wanted = scan.columns ?? spec.fields.map(\.name)
    let needed = wanted + rest.map(\.column).filter { !wanted.contains($0) }
    guard needed.allSatisfy({ table[$0] != nil }) else { return nil }
    if rest.isEmpty { return table.selecting(wanted) }
    var rows = table.selecting(needed)
    for filter in rest {
      guard let fewer = rows.fulfilling(filter, isSorted: spec.order.hasPrefix(filter.column + ",")) else {
        return nil
      }
      rows = fewer
    }
    return rows.selecting(wanted)
  }
}

extension ScanFilter {
  /// Whether every row that fulfils this one fulfils the other.
  func implies(_ other: ScanFilter) -> Bool {
    guard column == other.column else { return false }
    if test == other.test || other.test == .notNull { return true }
    guard case .range(let low, let high) = test, case .range(let least, let most) = other.test else {
      return false
    }
    // Null leaves an end open.
    func reaches(_ bound: Value, _ limit: Value, _ fits: (Int64, Int64) -> Bool) -> Bool {
      if limit.isNull { return true }
      guard let a = bound.ordinal, let b = limit.ordinal else { return false }
      return fits(a, b)
    }
    return reaches(low, least, >=) && reaches(high, most, <=)
  }

  /// The whole numbers, days or moments that it asks for; nil where it asks for something else, or for none.
  var wholeNumbers: ClosedRange<Int64>? {
    guard case .range(let low, let high) = test, low.isNull || low.ordinal != nil,
      high.isNull || high.ordinal != nil
    else { return nil }
    let (least, most) = (low.ordinal ?? .min, high.ordinal ?? .max)
    return least <= most ? least...most : nil
  }
}

extension Value {
  /// The place of a day, a moment or a whole number among its kind.
  fileprivate var ordinal: Int64? {
    switch self {
    case .int(let n): n
    case .date(let d): Int64(d.day)
    case .datetime(let moment): moment.microseconds
    default: nil
    }
  }
}

extension Table {
  /// The rows that fulfil a condition as SQLite would judge it; nil where that is not known here.
  fileprivate func fulfilling(_ filter: ScanFilter, isSorted: Bool) -> Table? {
    guard let column = self[filter.column] else { return nil }
    let validity = column.validity
    func keeping(_ test: (Int) -> Bool) -> Table {
      let flags = (0..<rowCount).map { row in (validity?[row] ?? true) && test(row) }
      return filtered(by: Column(.bool, .bools(flags)))
    }
    switch (filter.test, column.storage) {
    case (.notNull, .nulls), (.range(.null, .null), .nulls): return slice(0..<0)
    case (.notNull, _), (.range(.null, .null), _): return validity == nil ? self : keeping { _ in true }
    case (.range(let low, let high), .days(let days)):
      guard low.isNull || low.ordinal != nil, high.isNull || high.ordinal != nil else { return nil }
      let (least, most) = (low.ordinal ?? .min, high.ordinal ?? .max)
      if isSorted, validity == nil {
        let start = days.partitioningIndex { Int64($0) >= least }
        let end = days.partitioningIndex { Int64($0) > most }
        return slice(start..<Swift.max(start, end))
      }
      return keeping { Int64(days[$0]) >= least && Int64(days[$0]) <= most }
    case (.range(let low, let high), .ints(let numbers)):
      guard low.isNull || low.ordinal != nil, high.isNull || high.ordinal != nil else { return nil }
      let (least, most) = (low.ordinal ?? .min, high.ordinal ?? .max)
      return keeping { numbers[$0] >= least && numbers[$0] <= most }
    case (.equal(.bool(let flag)), .bools(let flags)): return keeping { flags[$0] == flag }
    case (.equal(.int(let n)), .ints(let numbers)) where column.type == .int:
      return keeping { numbers[$0] == n }
    case (.oneOf(let list), .ints(let numbers)) where column.type == .int:
      let wanted = Set(list.compactMap { value -> Int64? in if case .int(let n) = value { n } else { nil } })
      guard wanted.count == Set(list).count else { return nil }
      return keeping { wanted.contains(numbers[$0]) }
    case (.equal(.text), .codes(let codes, let words)), (.oneOf, .codes(let codes, let words)):
      let wanted: [Value] = if case .oneOf(let list) = filter.test { list } else { filter.test.values }
      let texts = Set(
        wanted.compactMap { value -> String? in if case .text(let s) = value { s } else { nil } })
      guard texts.count == Set(wanted).count else { return nil }
      let isWanted = (0..<words.count).map { texts.contains(words[Int32($0)]) }
      return keeping { isWanted[Int(codes[$0])] }
    default: return nil
    }
  }
}

extension ScanFilter.Test {
  fileprivate var values: [Value] { if case .equal(let value) = self { [value] } else { [] } }
}

extension RandomAccessCollection where Index == Int {
  /// The first place of a sorted list from which on something holds.
  func partitioningIndex(_ holds: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
