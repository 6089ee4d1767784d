/// A field of a model, as `fields_get` describes it.
public struct OdooField: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its type in Odoo: `char`, `many2one` …
  public var type: String
  /// What the user interface calls it.
  public var label: String
  /// Whether it is a column of the database rather than computed when read.
  public var isStored: Bool
  /// The model it refers to; empty for plain values.
  public var relation: String

  /// How its values are read; nil for types that no column takes (json, properties, references stay texts).
  public var kind: WireKind? {
    switch type {
    case "integer", "many2one", "many2one_reference": .id
    case "float", "monetary": .number
    case "boolean": .bool
    case "char", "text", "html", "selection", "reference", "binary": .text
    case "date": .date
    case "datetime": .datetime
    case "one2many", "many2many": .ids
    default: nil
    }
  }
}

/// The fields of a model.
public struct FieldList: Sendable {
  /// The model.
  public let model: String
  /// By name.
  public let fields: [String: OdooField]

  /// Reads the answer of `fields_get`.
  init(model: String, _ answer: OdooValue) {
    self.model = model
    var fields: [String: OdooField] = [:]
    for member in answer.members ?? [] {
      fields[member.name] = OdooField(
        name: member.name, type: member.value["type"]?.text ?? "", label: member.value["string"]?.text ?? "",
        isStored: member.value["store"] == .bool(true), relation: member.value["relation"]?.text ?? "")
    }
    self.fields = fields
  }

  /// The field of a name.
  public subscript(name: String) -> OdooField? { fields[name] }

  /// All names in order.
  public var names: [String] { fields.keys.sorted() }
}
