/// What a field can hold.
public enum FieldKind: String, Sendable {
  case char, text, html, selection, boolean, integer, float, monetary, date, datetime, many2one, one2many,
    many2many, many2one_reference, binary, json, reference, properties, properties_definition

  var isToMany: Bool { self == .one2many || self == .many2many }
  var isNumber: Bool {
    self == .integer || self == .float || self == .monetary || self == .many2one_reference
  }
}

/// A field of a model, as `fields_get` describes it.
public struct FieldDeclaration: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// What it holds.
  public var kind: FieldKind
  /// Its caption.
  public var label: String
  /// The model that a relational field leads to.
  public var relation: String?
  /// Of a one2many, the many2one that leads back.
  public var inverse: String?
  /// Where the value comes from, such as `order_id.date_order`.
  public var related: String?
  /// Fields that it is computed from.
  public var depends: [String] = []
  /// External names of the groups that may see it.
  public var groups: String?
  /// Keys and captions of a selection.
  public var selection: [[String]] = []
  /// How `read_group` sums it up when asked for the bare field.
  public var aggregator: String?
  /// Whether the database has a column for it.
  public var isStored = true
  /// Whether forms show it without letting anyone type.
  public var isReadOnly = false
  /// Whether it is never empty.
  public var isRequired = false
  /// Whether domains may speak of it.
  public var isSearchable = true
  /// Whether records can be sorted by it.
  public var isSortable = true
  /// Whether records can be grouped by it.
  public var isGroupable = true
  /// Whether each company has a value of its own.
  public var isCompanyDependent = false

  /// A stored field that may be searched, sorted and grouped by.
  public init(_ name: String, _ kind: FieldKind, label: String, relation: String? = nil) {
    self.name = name
    self.kind = kind
    self.label = label
    self.relation = relation
  }

  /// A field as the answer of `fields_get` says; nil when the type is unknown.
  public init?(_ name: String, fieldsGet: WireRecord) {
    guard let kind = fieldsGet["type"]?.text.flatMap({ FieldKind(rawValue: $0) }) else { return nil }
    self.init(name, kind, label: fieldsGet["string"]?.text ?? name, relation: fieldsGet["relation"]?.text)
    related = fieldsGet["related"]?.text
    depends = fieldsGet["depends"]?.list?.compactMap(\.text) ?? []
    groups = fieldsGet["groups"]?.text
    selection = fieldsGet["selection"]?.list?.map { $0.list?.compactMap(\.text) ?? [] } ?? []
    aggregator = (fieldsGet["aggregator"] ?? fieldsGet["group_operator"])?.text
    isStored = fieldsGet["store"]?.isTrue ?? true
    isReadOnly = fieldsGet["readonly"]?.isTrue ?? false
    isRequired = fieldsGet["required"]?.isTrue ?? false
    isSearchable = fieldsGet["searchable"]?.isTrue ?? true
    isSortable = fieldsGet["sortable"]?.isTrue ?? true
    isGroupable = fieldsGet["groupable"]?.isTrue ?? isSortable
    isCompanyDependent = fieldsGet["company_dependent"]?.isTrue ?? false
  }

  /// The attribute of `fields_get` of that name; nil when this field does not have it.
  func attribute(_ attribute: String, version: OdooVersion) -> Wire? {
    switch attribute {
    case "name": .text(name)
    case "type": .text(kind.rawValue)
    case "string": .text(label)
    case "relation": relation.map { .text($0) }
    case "relation_field": inverse.map { .text($0) }
    case "related": related.map { .text($0) }
    case "depends": .list(depends.map { .text($0) })
    case "groups": groups.map { .text($0) }
    case "selection":
      kind == .selection || kind == .reference && !selection.isEmpty
        ? .list(selection.map { .list($0.map { .text($0) }) }) : nil
    case "store": .bool(isStored)
    case "readonly": .bool(isReadOnly)
    case "required": .bool(isRequired)
    case "searchable": .bool(isSearchable)
    case "sortable": .bool(isSortable)
    case "groupable": version == .v19 ? .bool(isGroupable) : nil
    case "company_dependent": .bool(isCompanyDependent)
    case "group_operator": version == .v16 ? aggregator.map { .text($0) } : nil
    case "aggregator": version == .v19 ? aggregator.map { .text($0) } : nil
    default: nil
    }
  }

  static let attributes = [
    "name", "type", "string", "relation", "relation_field", "related", "depends", "groups", "selection",
    "store", "readonly", "required", "searchable", "sortable", "groupable", "company_dependent",
    "group_operator", "aggregator",
  ]
}

/// A model: its fields and how its records are named and sorted.
public struct ModelDeclaration: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its caption, such as `Sales Order Line`.
  public var label: String
  /// The order of records when none is asked for.
  public var order: String
  /// Parts of a record's name: fields in braces, `{?default_code:[%] }` only when the field is set.
  public var naming: String
  /// Its fields.
  public var fields: [FieldDeclaration] { didSet { index = ModelDeclaration.index(fields) } }
  private var index: [String: Int]

  /// A model.
  public init(_ name: String, label: String, order: String, naming: String, fields: [FieldDeclaration] = []) {
    self.name = name
    self.label = label
    self.order = order
    self.naming = naming
    self.fields = fields
    index = ModelDeclaration.index(fields)
  }

  /// The field of that name.
  public subscript(field: String) -> FieldDeclaration? { index[field].map { fields[$0] } }

  private static func index(_ fields: [FieldDeclaration]) -> [String: Int] {
    Dictionary(fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }
}

/// The models that the simulator knows of itself, from the table in `fields.txt`.
public enum Declarations {
  /// The models of a version.
  public static func models(_ version: OdooVersion) -> [String: ModelDeclaration] {
    var models: [String: ModelDeclaration] = [:]
    var current: ModelDeclaration?
    var fields: [FieldDeclaration] = []
    func close() {
      guard var model = current else { return }
      model.fields = fields
      models[model.name] = model
    }
    for line in DeclarationTable.text.split(separator: "\n") {
      var words = DeclarationWords(line)
      guard let first = words.next(), !first.hasPrefix("#") else { continue }
      if first == "model" {
        close()
        let name = words.next() ?? ""
        // A report is a view of the database, whose rows nobody writes.
        fields = standardFields(version).filter {
          !name.hasSuffix(".report") || !($0.name.hasPrefix("create_") || $0.name.hasPrefix("write_"))
        }
        let label = words.next() ?? name
        let order = words.next() ?? "id"
        let naming = words.next() ?? "{name}"
        current = ModelDeclaration(name, label: label, order: order, naming: naming)
        if let only = words.next(), only != "@\(version.rawValue)" { current = nil }
      } else if current != nil, let field = field(first, &words, version) {
        fields.append(field)
      }
    }
    close()
    return models
  }

  private static func field(
    _ first: String, _ words: inout DeclarationWords, _ version: OdooVersion
  ) -> FieldDeclaration? {
    var name = first
    if first == "16" || first == "19" {
      guard first == "\(version.rawValue)" else { return nil }
      name = words.next() ?? ""
    }
    let typed = (words.next() ?? "").split(separator: ":", maxSplits: 1).map(String.init)
    guard let kind = typed.first.flatMap({ FieldKind(rawValue: $0) }) else { return nil }
    var field = FieldDeclaration(
      name, kind, label: name.split(separator: "_").joined(separator: " ").capitalized,
      relation: typed.count > 1 ? typed[1] : nil)
    if let flags = words.next() {
      field.isStored = flags.contains("S")
      field.isReadOnly = flags.contains("R")
      field.isRequired = flags.contains("Q")
      field.isSearchable = flags.contains("F")
      field.isSortable = flags.contains("O")
      field.isGroupable = flags.contains("G")
      field.isCompanyDependent = flags.contains("C")
    }
    if kind.isNumber, name != "id", !name.contains("sequence") { field.aggregator = "sum" }
    while let word = words.next() {
      let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard pair.count == 2 else { continue }
      switch pair[0] {
      case "related": field.related = pair[1]
      case "inverse": field.inverse = pair[1]
      case "depends": field.depends = pair[1].split(separator: ",").map(String.init)
      case "groups": field.groups = pair[1]
      case "label": field.label = pair[1]
      case "selection":
        field.selection = pair[1].split(separator: ";").map {
          $0.split(separator: ":", maxSplits: 1).map(String.init)
        }
      default: break
      }
    }
    return field
  }

  /// What every model has.
  static func standardFields(_ version: OdooVersion) -> [FieldDeclaration] {
    func field(_ name: String, _ kind: FieldKind, _ label: String, relation: String? = nil)
      -> FieldDeclaration
    {
      var field = FieldDeclaration(name, kind, label: label, relation: relation)
      field.isReadOnly = true
      return field
    }
    var name = field("display_name", .char, "Display Name")
    name.isStored = false
    name.isSortable = false
    name.isGroupable = false
    name.isSearchable = version == .v19
    return [
      field("id", .integer, "ID"), name,
      field("create_uid", .many2one, "Created by", relation: "res.users"),
      field("create_date", .datetime, "Created on"),
      field("write_uid", .many2one, "Last Updated by", relation: "res.users"),
      field("write_date", .datetime, "Last Updated on"),
    ]
  }
}

/// Words of a line; a word in quotes may hold blanks, also behind `name=`.
struct DeclarationWords {
  private var rest: Substring

  init(_ line: some StringProtocol) { rest = Substring(line) }

  mutating func next() -> String? {
    rest = rest.drop { $0 == " " }
    guard !rest.isEmpty else { return nil }
    var word = ""
    var isQuoted = false
    while let c = rest.first, isQuoted || c != " " {
      rest.removeFirst()
      if c == "\"" { isQuoted.toggle() } else { word.append(c) }
    }
    return word
  }
}
