extension OdooValue {
  /// A call in XML-RPC, as Python's xmlrpc.client writes it.
  static func xmlCall(_ method: String, _ parameters: [OdooValue]) -> [UInt8] {
    var out = Array(
      "<?xml version='1.0'?>\n<methodCall>\n<methodName>\(method)</methodName>\n<params>\n".utf8)
    for parameter in parameters {
      out.append(contentsOf: "<param>\n".utf8)
      parameter.write(xml: &out)
      out.append(contentsOf: "</param>\n".utf8)
    }
    out.append(contentsOf: "</params>\n</methodCall>\n".utf8)
    return out
  }

  /// Appends the value as XML-RPC. There is no null in it; Odoo takes `false` for one.
  func write(xml out: inout [UInt8]) {
    func put(_ text: String) { out.append(contentsOf: text.utf8) }
    switch self {
    case .null: put("<value><boolean>0</boolean></value>\n")
    case .bool(let b): put("<value><boolean>\(b ? 1 : 0)</boolean></value>\n")
    case .int(let i):
      // `int` has 32 bits; larger ids can only be told as a double, which Odoo compares as a number.
      if Int32(exactly: i) != nil {
        put("<value><int>\(i)</int></value>\n")
      } else {
        put("<value><double>\(i)</double></value>\n")
      }
    case .number(let d): put("<value><double>\(d)</double></value>\n")
    case .text(let s):
      put("<value><string>")
      OdooValue.write(escaped: s, to: &out)
      put("</string></value>\n")
    case .list(let items):
      put("<value><array><data>\n")
      for item in items { item.write(xml: &out) }
      put("</data></array></value>\n")
    case .object(let members):
      put("<value><struct>\n")
      for member in members {
        put("<member>\n<name>")
        OdooValue.write(escaped: member.name, to: &out)
        put("</name>\n")
        member.value.write(xml: &out)
        put("</member>\n")
      }
      put("</struct></value>\n")
    }
  }

  private static func write(escaped text: String, to out: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      case 0x26: out.append(contentsOf: "&amp;".utf8)
      case 0x3C: out.append(contentsOf: "&lt;".utf8)
      case 0x3E: out.append(contentsOf: "&gt;".utf8)
      case 0x0D: out.append(contentsOf: "&#13;".utf8)
      // XML has no way to write other control characters.
      case 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F: continue
      default: out.append(byte)
      }
    }
  }
}
