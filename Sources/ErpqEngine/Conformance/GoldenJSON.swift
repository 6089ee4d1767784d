import Foundation

/// A JSON value whose objects keep their order, so that what is written is the same on every machine.
public enum GoldenJSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case number(Double)
  case text(String)
  case list([GoldenJSON])
  case object([GoldenField])

  /// An object of these fields, in this order.
  static func fields(_ fields: [(String, GoldenJSON)]) -> GoldenJSON {
    .object(fields.map { GoldenField(name: $0.0, value: $0.1) })
  }

  /// A number, or null.
  static func optional(_ value: Double?) -> GoldenJSON {
    value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
  }

  /// Numbers.
  static func numbers(_ values: some Sequence<Double>) -> GoldenJSON { .list(values.map { optional($0) }) }

  /// How often each text occurs, in the order of first occurrence.
  static func counts(_ texts: some Sequence<String>) -> GoldenJSON {
    var order: [String] = []
    var counts: [String: Int64] = [:]
    for text in texts {
      if counts[text] == nil { order.append(text) }
      counts[text, default: 0] += 1
    }
    return .fields(order.map { ($0, .int(counts[$0] ?? 0)) })
  }

  /// The field of an object; null where there is none.
  subscript(name: String) -> GoldenJSON {
    guard case .object(let fields) = self else { return .null }
    return fields.first { $0.name == name }?.value ?? .null
  }

  /// The elements of a list; none for anything else.
  var elements: [GoldenJSON] { if case .list(let items) = self { items } else { [] } }
  /// The text, or nil.
  var string: String? { if case .text(let text) = self { text } else { nil } }
  /// The number, or nil.
  var double: Double? {
    switch self {
    case .number(let d): d
    case .int(let i): Double(i)
    default: nil
    }
  }
  /// The whole number, or nil.
  var integer: Int64? { double.flatMap { Int64(exactly: $0) } }
}

/// A field of an object.
public struct GoldenField: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its value.
  public var value: GoldenJSON
}

extension GoldenJSON: Decodable {
  /// Reads any JSON; the fields of objects come in the order of their names.
  public init(from decoder: any Decoder) throws {
    let box = try decoder.singleValueContainer()
    if box.decodeNil() {
      self = .null
    } else if let value = try? box.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? box.decode(Int64.self) {
      self = .int(value)
    } else if let value = try? box.decode(Double.self) {
      self = .number(value)
    } else if let value = try? box.decode(String.self) {
      self = .text(value)
    } else if let value = try? box.decode([GoldenJSON].self) {
      self = .list(value)
    } else {
      let fields = try box.decode([String: GoldenJSON].self)
      self = .object(fields.keys.sorted().map { GoldenField(name: $0, value: fields[$0] ?? .null) })
    }
  }

  /// The JSON of a file. Throws a sentence for the user.
  static func load(_ path: String) throws(ConformanceError) -> GoldenJSON {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConformanceError("\(path) cannot be read")
    }
    do { return try JSONDecoder().decode(GoldenJSON.self, from: data) } catch {
      throw ConformanceError("\(path) holds no JSON")
    }
  }
}

extension GoldenJSON {
  /// The value as JSON text: numbers in their shortest exact form, one line for lists of plain values.
  public var text: String {
    var out = ""
    write(to: &out, indent: 0)
    return out + "\n"
  }

  private var isPlain: Bool {
    switch self {
    case .list, .object: false
    default: true
    }
  }

  private func write(to out: inout String, indent: Int) {
    let inner = String(repeating: " ", count: indent + 1)
    switch self {
    case .null: out += "null"
    case .bool(let flag): out += flag ? "true" : "false"
    case .int(let i): out += String(i)
    case .number(let d): out += d.isFinite ? d.description : "null"
    case .text(let text): GoldenJSON.quote(text, to: &out)
    case .list(let items) where items.allSatisfy(\.isPlain):
      out += "["
      for (i, item) in items.enumerated() {
        if i > 0 { out += ", " }
        item.write(to: &out, indent: 0)
      }
      out += "]"
    case .list(let items):
      out += "["
      for (i, item) in items.enumerated() {
        out += (i > 0 ? ",\n" : "\n") + inner
        item.write(to: &out, indent: indent + 1)
      }
      out += "\n" + inner.dropLast() + "]"
    case .object(let fields):
      out += "{"
      for (i, field) in fields.enumerated() {
        out += (i > 0 ? ",\n" : "\n") + inner
        GoldenJSON.quote(field.name, to: &out)
        out += ": "
        field.value.write(to: &out, indent: indent + 1)
      }
      out += fields.isEmpty ? "}" : "\n" + inner.dropLast() + "}"
    }
  }

  private static func quote(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      default:
        if scalar.value < 32 {
          let digits = String(scalar.value, radix: 16)
          out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          out.unicodeScalars.append(scalar)
        }
      }
    }
    out += "\""
  }
}
