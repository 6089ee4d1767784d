import ErpqBase
import ErpqTables

/// Values and texts in JSON.
enum JSONText {
  private static let hex = Array("0123456789abcdef".utf8)

  /// Appends a text in quotes, escaped by RFC 8259.
  static func append(_ text: some Collection<UInt8>, to out: inout [UInt8]) {
    out.append(0x22)
    for byte in text {
      switch byte {
      case 0x22, 0x5C:
        out.append(0x5C)
        out.append(byte)
      case 0x0A: out.append(contentsOf: [0x5C, 0x6E])
      case 0x0D: out.append(contentsOf: [0x5C, 0x72])
      case 0x09: out.append(contentsOf: [0x5C, 0x74])
      case 0..<0x20, 0x7F:
        out.append(contentsOf: Array("\\u00".utf8))
        out.append(hex[Int(byte >> 4)])
        out.append(hex[Int(byte & 15)])
      default: out.append(byte)
      }
    }
    out.append(0x22)
  }

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
    case .text(let s): append(s.utf8, to: &out)
    case .date, .period: append(value.description.utf8, to: &out)
    case .datetime(let d):
      let text = d.description
      append(text.utf8.map { $0 == 0x20 ? 0x54 : $0 } + [0x5A], to: &out)
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
