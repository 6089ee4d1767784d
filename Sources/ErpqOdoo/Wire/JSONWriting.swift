extension OdooValue {
  /// The value as JSON, with the blanks that Python writes, in UTF-8.
  public var json: String {
    var out: [UInt8] = []
    write(json: &out)
    return String(decoding: out, as: UTF8.self)
  }

  /// Appends the value as JSON.
  func write(json out: inout [UInt8]) {
    switch self {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let b): out.append(contentsOf: (b ? "true" : "false").utf8)
    case .int(let i): out.append(contentsOf: String(i).utf8)
    case .number(let d):
      // JSON has no other numbers than finite ones; Python's reader takes these three words.
      let words = d.isNaN ? "NaN" : d == .infinity ? "Infinity" : d == -.infinity ? "-Infinity" : "\(d)"
      out.append(contentsOf: words.utf8)
    case .text(let s): OdooValue.write(quoted: s, to: &out)
    case .list(let items):
      out.append(0x5B)
      for (i, item) in items.enumerated() {
        if i > 0 { out.append(contentsOf: ", ".utf8) }
        item.write(json: &out)
      }
      out.append(0x5D)
    case .object(let members):
      out.append(0x7B)
      for (i, member) in members.enumerated() {
        if i > 0 { out.append(contentsOf: ", ".utf8) }
        OdooValue.write(quoted: member.name, to: &out)
        out.append(contentsOf: ": ".utf8)
        member.value.write(json: &out)
      }
      out.append(0x7D)
    }
  }

  private static func write(quoted text: String, to out: inout [UInt8]) {
    out.append(0x22)
    for byte in text.utf8 {
      switch byte {
      case 0x22, 0x5C:
        out.append(0x5C)
        out.append(byte)
      case 0x0A: out.append(contentsOf: "\\n".utf8)
      case 0x0D: out.append(contentsOf: "\\r".utf8)
      case 0x09: out.append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        out.append(contentsOf: "\\u00".utf8)
        out.append(digits[Int(byte >> 4)])
        out.append(digits[Int(byte & 15)])
      default: out.append(byte)
      }
    }
    out.append(0x22)
  }
}
