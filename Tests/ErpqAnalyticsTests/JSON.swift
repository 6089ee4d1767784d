import Foundation

/// A JSON value, enough of one to walk through a golden file.
enum JSON: Decodable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let box = try decoder.singleValueContainer()
    if box.decodeNil() {
      self = .null
    } else if let value = try? box.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? box.decode(Double.self) {
      self = .number(value)
    } else if let value = try? box.decode(String.self) {
      self = .text(value)
    } else if let value = try? box.decode([JSON].self) {
      self = .list(value)
    } else {
      self = .object(try box.decode([String: JSON].self))
    }
  }

  static func load(_ url: URL) throws -> JSON {
    try JSONDecoder().decode(JSON.self, from: Data(contentsOf: url))
  }

  subscript(key: String) -> JSON {
    if case .object(let fields) = self { return fields[key] ?? .null }
    return .null
  }
  var list: [JSON] { if case .list(let items) = self { items } else { [] } }
  var number: Double? { if case .number(let value) = self { value } else { nil } }
  var text: String? { if case .text(let value) = self { value } else { nil } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  var fields: [String: JSON] { if case .object(let fields) = self { fields } else { [:] } }
  var numbers: [Double] { list.compactMap(\.number) }
  var int: Int? { number.map { Int($0) } }
}
