import ErpqBase
import ErpqTables

/// The unit that an axis shows: what stands behind its numbers, and how a stored number becomes a shown one.
struct AxisUnit: Hashable {
  /// `EUR`, `kg`, `%`, `d`; empty for none.
  var label: String
  /// Whether the label touches the number (`12%`) instead of standing in the heading.
  var touches: Bool
  /// Whether values at one place may be added up; shares may not.
  var isAdditive: Bool
  /// Whether thousands are marked.
  var isGrouped: Bool

  static let none = AxisUnit(label: "", touches: false, isAdditive: true, isGrouped: true)

  init(label: String, touches: Bool = false, isAdditive: Bool = true, isGrouped: Bool = true) {
    self.label = label
    self.touches = touches
    self.isAdditive = isAdditive
    self.isGrouped = isGrouped
  }

  /// The unit of a column.
  init(_ field: Field) {
    switch field.type {
    case .percent: self.init(label: "%", touches: true, isAdditive: false)
    case .money(let currency): self.init(label: currency ?? "")
    case .quantity(let unit): self.init(label: unit ?? "")
    case .duration(.months): self.init(label: "mo", touches: true)
    case .duration: self.init(label: "d", touches: true)
    case .int: self.init(label: "", isGrouped: !Conventions.isIdentifier(field))
    default: self.init(label: "")
    }
  }
}

/// What lies along an axis.
enum AxisScale: Hashable {
  case number(AxisUnit)
  /// Days since 1970-01-01; labels no finer than the unit, hours only with a clock.
  case time(finest: PeriodUnit, hasClock: Bool)
  /// Places 0, 1, 2 … with these names.
  case category([String])
}

extension Column {
  /// The column as the numbers that axes show: shares as percent, durations as days or months, dates as days
  /// since 1970-01-01. NaN stands for null and for what has no place on an axis.
  func plotNumbers() throws(PlotError) -> [Double] {
    var out = [Double](repeating: .nan, count: count)
    let cancel = Cancellation.current
    func fill(_ value: (Int) -> Double) throws(PlotError) {
      for row in 0..<out.count {
        if row & 0xFFFF == 0, cancel.isCancelled { throw .interrupted }
        if let validity, !validity[row] { continue }
        let x = value(row)
        // Beyond this, a range could not be computed.
        if x.isFinite, x.magnitude <= 1e300 { out[row] = x }
      }
    }
    switch storage {
    case .nulls, .codes, .values: break
    case .bools(let v): try fill { v[$0] ? 1 : 0 }
    case .days(let v): try fill { Double(v[$0]) }
    case .ints(let v):
      let scale = type == .datetime ? 86_400_000_000.0 : 1
      try fill { Double(v[$0]) / scale }
    case .doubles(let v):
      switch type {
      case .percent: try fill { v[$0] * 100 }
      case .duration(let family) where family != .months:
        try fill { v[$0] / CalendarDuration.millisecondsPerDay }
      default: try fill { v[$0] }
      }
    }
    return out
  }

  /// The distinct values as labels, in the order of first appearance (dates and numbers in their own order),
  /// and for each row the place of its label; null is a label too.
  func plotCategories() throws(PlotError) -> (labels: [String], codes: [Int]) {
    var labels: [String] = []
    var codes = [Int](repeating: 0, count: count)
    let cancel = Cancellation.current
    var places: [Value: Int] = [:]
    var values: [Value] = []
    // Texts are told apart by their codes, everything else by value.
    var byCode: [Int32: Int] = [:]
    for row in 0..<count {
      if row & 0xFFFF == 0, cancel.isCancelled { throw .interrupted }
      if case .codes(let v, _) = storage, isValid(row) {
        if let place = byCode[v[row]] {
          codes[row] = place
          continue
        }
        byCode[v[row]] = values.count
        codes[row] = values.count
        values.append(self[row])
        continue
      }
      let value = self[row]
      if let place = places[value] {
        codes[row] = place
      } else {
        places[value] = values.count
        codes[row] = values.count
        values.append(value)
      }
    }
    labels = values.map { $0.isNull ? "null" : Column.label($0) }
    guard type.isNumeric || type.isTemporal || isDuration else { return (labels, codes) }
    let numbers = try Column(type, values: values).plotNumbers()
    let order = values.indices.sorted { a, b in
      let (x, y) = (numbers[a], numbers[b])
      return x.isNaN ? (y.isNaN && a < b) : y.isNaN || (x, a) < (y, b)
    }
    var rank = [Int](repeating: 0, count: order.count)
    for (place, old) in order.enumerated() { rank[old] = place }
    return (order.map { labels[$0] }, codes.map { rank[$0] })
  }

  private var isDuration: Bool { if case .duration = type { true } else { false } }

  private static func label(_ value: Value) -> String {
    switch value {
    case .int(let i): String(i)
    case .text(let s): s.utf8.count > 400 ? String(s.prefix(100)) + "…" : s
    default: CellFormatter.inline(value)
    }
  }
}

extension ValueType {
  /// date, datetime or period.
  var isTemporal: Bool {
    switch self {
    case .date, .datetime, .period: true
    default: false
    }
  }

  /// Whether an axis can measure it.
  var isMeasurable: Bool {
    if case .duration = self { return true }
    return isNumeric || self == .bool
  }
}
