import ErpqBase
import ErpqTables

/// Values in JSON.
enum JSONText {
  /// Appends a value: amounts as numbers, percents as shares, durations as days (or months), null as null.
  static func append(_ value: Value, to out: inout [UInt8]) {
    func number(_ value: Double) {
      out.append(contentsOf: (value.isFinite ? formatNumber(value) : "null").utf8)
    }
    switch value {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let b): out.append(contentsOf: (b ? "true" : "false").utf8)
    case .int(let i): out.append(contentsOf: String(i).utf8)
    case .number(let d), .percent(let d), .money(let d, _), .quantity(let d, _): number(d)
    case .duration(let d): number(d.inDays ?? d.amount)
    case .text(let s): JSONEscapes.append(quoted: s.utf8, to: &out)
    case .date, .period: JSONEscapes.append(quoted: value.description.utf8, to: &out)
    case .datetime(let d):
      let text = d.description
      JSONEscapes.append(quoted: text.utf8.map { $0 == 0x20 ? 0x54 : $0 } + [0x5A], to: &out)
    case .distribution(let d): out.append(contentsOf: d.json.utf8)
    case .list(let items):
      out.append(0x5B)
      for (i, item) in items.enumerated() {
        if i > 0 { out.append(0x2C) }
        append(item, to: &out)
      }
      out.append(0x5D)
    }
  }
}
