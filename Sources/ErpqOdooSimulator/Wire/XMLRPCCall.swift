/// A call as it stands in the body of an XML-RPC request.
struct XMLRPCCall {
  var method: String
  var arguments: [Wire]

  /// What is wrong with a body, in expat's words.
  struct Malformed: Error {
    let message: String
  }

  init(_ body: [UInt8]) throws(Malformed) {
    var reader = Reader(bytes: body)
    let root = try reader.document()
    guard root.name == "methodCall", let name = root.child("methodName") else {
      throw Malformed(message: "no method call: line 1, column 0")
    }
    method = name.trimmed
    var arguments: [Wire] = []
    for param in root.child("params")?.children ?? [] where param.name == "param" {
      guard let value = param.child("value") else { continue }
      arguments.append(try XMLRPCCall.value(value))
    }
    self.arguments = arguments
  }

  private static func value(_ element: Element) throws(Malformed) -> Wire {
    guard let typed = element.children.first else { return .text(element.text) }
    switch typed.name {
    case "int", "i4", "i8", "i1", "i2", "biginteger":
      guard let n = Int(typed.trimmed) else {
        throw Malformed(message: "invalid literal for int() with base 10: '\(typed.trimmed)'")
      }
      return .int(n)
    case "boolean": return .bool(typed.trimmed == "1")
    case "double", "float":
      guard let d = Double(typed.trimmed) else {
        throw Malformed(message: "could not convert string to float: '\(typed.trimmed)'")
      }
      return .double(d)
    case "nil", "ex:nil": return .none
    case "dateTime.iso8601": return .text(moment(typed.trimmed))
    case "array":
      var out: [Wire] = []
      for element in typed.child("data")?.children ?? [] where element.name == "value" {
        out.append(try value(element))
      }
      return .list(out)
    case "struct":
      var out = WireRecord()
      for member in typed.children where member.name == "member" {
        guard let name = member.child("name"), let element = member.child("value") else { continue }
        out[name.text] = try value(element)
      }
      return .record(out)
    default: return .text(typed.text)
    }
  }

  /// `20260101T00:00:00` as Odoo writes moments.
  private static func moment(_ text: String) -> String {
    let digits = Array(text)
    guard digits.count >= 17, !text.prefix(8).contains("-") else {
      return text.replacing("T", with: " ")
    }
    return String(digits[0..<4]) + "-" + String(digits[4..<6]) + "-" + String(digits[6..<8]) + " "
      + String(digits[9...])
  }

  private final class Element {
    let name: String
    var children: [Element] = []
    var text = ""
    init(_ name: String) { self.name = name }
    func child(_ name: String) -> Element? { children.first { $0.name == name } }
    var trimmed: String {
      String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
  }

  /// Elements and text; attributes are skipped, entities of one's own are refused.
  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    func problem(_ what: String, at place: Int? = nil) -> Malformed {
      let place = min(place ?? at, bytes.count)
      let line = bytes[..<place].reduce(1) { $0 + ($1 == 10 ? 1 : 0) }
      let start = bytes[..<place].lastIndex(of: 10).map { $0 + 1 } ?? 0
      return Malformed(message: "\(what): line \(line), column \(place - start)")
    }

    func starts(_ word: String) -> Bool {
      let utf8 = word.utf8
      return at + utf8.count <= bytes.count && bytes[at..<at + utf8.count].elementsEqual(utf8)
    }

    mutating func skip(past word: String) throws(Malformed) {
      let start = at
      while at < bytes.count {
        if starts(word) {
          at += word.utf8.count
          return
        }
        at += 1
      }
      throw problem("unclosed token", at: start)
    }

    mutating func document() throws(Malformed) -> Element {
      var open: [Element] = []
      var text: [UInt8] = []
      while at < bytes.count {
        guard bytes[at] == UInt8(ascii: "<") else {
          if bytes[at] == UInt8(ascii: "&") {
            text.append(contentsOf: try entity())
          } else {
            if open.isEmpty, ![9, 10, 13, 32].contains(bytes[at]) { throw problem("syntax error") }
            text.append(bytes[at])
            at += 1
          }
          continue
        }
        open.last?.text += String(decoding: text, as: UTF8.self)
        text = []
        if starts("<?") {
          try skip(past: "?>")
        } else if starts("<!--") {
          try skip(past: "-->")
        } else if starts("<![CDATA[") {
          at += 9
          let start = at
          try skip(past: "]]>")
          open.last?.text += String(decoding: bytes[start..<(at - 3)], as: UTF8.self)
        } else if starts("<!") {
          throw problem("document types are not taken")
        } else if starts("</") {
          let start = at
          try skip(past: ">")
          let name = String(decoding: bytes[(start + 2)..<(at - 1)], as: UTF8.self)
          guard let element = open.popLast(), element.name == name.filter({ !$0.isWhitespace }) else {
            throw problem("mismatched tag", at: start)
          }
          if open.isEmpty { return element }
        } else {
          let start = at
          try skip(past: ">")
          var inside = bytes[(start + 1)..<(at - 1)]
          let isClosed = inside.last == UInt8(ascii: "/")
          if isClosed { inside.removeLast() }
          let name = String(decoding: inside.prefix { ![9, 10, 13, 32].contains($0) }, as: UTF8.self)
          guard !name.isEmpty else { throw problem("not well-formed (invalid token)", at: start + 1) }
          let element = Element(name)
          open.last?.children.append(element)
          guard open.count < 200 else { throw problem("nested too deeply") }
          if isClosed {
            if open.isEmpty { return element }
          } else {
            open.append(element)
          }
        }
      }
      throw problem("no element found")
    }

    private mutating func entity() throws(Malformed) -> [UInt8] {
      let start = at
      guard let end = bytes[at...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
        throw problem("not well-formed (invalid token)")
      }
      let name = String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
      at = end + 1
      switch name {
      case "lt": return [UInt8(ascii: "<")]
      case "gt": return [UInt8(ascii: ">")]
      case "amp": return [UInt8(ascii: "&")]
      case "quot": return [UInt8(ascii: "\"")]
      case "apos": return [UInt8(ascii: "'")]
      default:
        let isHex = name.hasPrefix("#x")
        guard name.hasPrefix("#"),
          let code = UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10),
          let scalar = Unicode.Scalar(code)
        else { throw problem("undefined entity", at: start) }
        return Array(String(Character(scalar)).utf8)
      }
    }
  }
}
