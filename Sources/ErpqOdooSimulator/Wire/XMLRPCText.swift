/// XML-RPC as Python's xmlrpc module writes it, with the differences between Odoo 16 and 19.
enum XMLRPCText {
  /// What XML-RPC cannot say.
  enum Unsayable: Error {
    case none
    case bigInteger
  }

  /// The text of a response.
  static func response(_ value: Wire, version: OdooVersion) throws(Unsayable) -> [UInt8] {
    var out = head(version)
    out.append(contentsOf: "<params>\n<param>\n".utf8)
    try write(value, version, into: &out)
    out.append(contentsOf: "</param>\n</params>\n".utf8)
    out.append(contentsOf: tail(version).utf8)
    return out
  }

  /// The text of a fault. The code is a whole number, on the old path `/xmlrpc/object` a text.
  static func fault(_ code: Wire, _ message: String, version: OdooVersion) -> [UInt8] {
    var out = head(version)
    out.append(contentsOf: "<fault>\n".utf8)
    let fault: Wire = ["faultCode": code, "faultString": .text(message)]
    // Neither numbers beyond 32 bits nor None are in a fault.
    try? write(fault, version, into: &out)
    out.append(contentsOf: "</fault>\n".utf8)
    out.append(contentsOf: tail(version).utf8)
    return out
  }

  private static func head(_ version: OdooVersion) -> [UInt8] {
    Array(
      (version == .v16
        ? "<?xml version='1.0'?>\n<methodResponse>\n" : "<?xml version=\"1.0\"?>\n<methodResponse>\n").utf8)
  }

  private static func tail(_ version: OdooVersion) -> String {
    version == .v16 ? "</methodResponse>\n" : "\n</methodResponse>\n"
  }

  private static func write(_ value: Wire, _ version: OdooVersion, into out: inout [UInt8]) throws(Unsayable)
  {
    switch value {
    case .none: throw .none
    case .bool(let flag): out.append(contentsOf: "<value><boolean>\(flag ? 1 : 0)</boolean></value>\n".utf8)
    case .int(let n):
      guard n >= -2_147_483_648, n <= 2_147_483_647 else { throw .bigInteger }
      out.append(contentsOf: "<value><int>\(n)</int></value>\n".utf8)
    case .double(let d): out.append(contentsOf: "<value><double>\(pythonText(d))</double></value>\n".utf8)
    case .text(let text):
      out.append(contentsOf: "<value><string>".utf8)
      escape(text, version, into: &out)
      out.append(contentsOf: "</string></value>\n".utf8)
    case .list(let list):
      out.append(contentsOf: "<value><array><data>\n".utf8)
      for element in list { try write(element, version, into: &out) }
      out.append(contentsOf: "</data></array></value>\n".utf8)
    case .record(let record):
      out.append(contentsOf: "<value><struct>\n".utf8)
      for i in record.keys.indices {
        out.append(contentsOf: "<member>\n<name>".utf8)
        escape(record.keys[i], version, into: &out)
        out.append(contentsOf: "</name>\n".utf8)
        try write(record.values[i], version, into: &out)
        out.append(contentsOf: "</member>\n".utf8)
      }
      out.append(contentsOf: "</struct></value>\n".utf8)
    }
  }

  /// 16 lets control characters through, so that the response is no XML any more; 19 leaves them out.
  private static func escape(_ text: String, _ version: OdooVersion, into out: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): out.append(contentsOf: "&amp;".utf8)
      case UInt8(ascii: "<"): out.append(contentsOf: "&lt;".utf8)
      case UInt8(ascii: ">"): out.append(contentsOf: "&gt;".utf8)
      case 9, 10, 13: out.append(byte)
      case 0..<32:
        if version == .v16 { out.append(byte) }
      default: out.append(byte)
      }
    }
  }
}
