import ErpqFiles

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
    case .text(let s): JSONEscapes.append(quoted: s.utf8, to: &out)
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
        JSONEscapes.append(quoted: member.name.utf8, to: &out)
        out.append(contentsOf: ": ".utf8)
        member.value.write(json: &out)
      }
      out.append(0x7D)
    }
  }
}
