import ErpqBase
import ErpqTables
import ErpqWarehouse

/// Which field of the server fills which column of a mirrored table: what is wished for, as far as it exists.
struct FieldMap: Sendable {
  let spec: ModelSpec
  /// The columns that get filled, each with its field; `id` first.
  let columns: [(column: String, field: WireField)]
  /// The records to read.
  let domain: OdooValue
  /// Changes when anything of it does.
  let fingerprint: String
  /// Fields that a connection maps and the server does not have, in words.
  let notes: [String]

  /// The fields to ask for, each once: a moment of entry may fill two columns.
  let fields: [WireField]
  /// Of each column, the place of its field.
  private let places: [Int]

  /// Maps by what exists.
  ///
  /// - Parameter custom: field of each column that the connection maps itself.
  /// - Throws: `OdooError` when a column that is needed has no field.
  init(_ spec: ModelSpec, _ list: FieldList, custom: [String: String] = [:]) throws {
    self.spec = spec
    guard let table = MirrorTable.named(spec.table) else {
      throw OdooError(.configuration, "There is no table for \(spec.model)")
    }
    let types = Dictionary(uniqueKeysWithValues: table.columns.map { ($0.name, $0.type) })
    var columns: [(column: String, field: WireField)] = [("id", WireField("id", .id))]
    var notes: [String] = []
    for name in custom.keys.sorted() where types[name] == nil {
      let near = nearest(to: name, among: table.columns.map(\.name))
      throw OdooError(
        .configuration, "The connection maps a column \"\(name)\" of \(spec.model) that there is not",
        advice:
          "The columns are \((near.isEmpty ? table.columns.map(\.name) : near).joined(separator: ", ")).")
    }
    for wish in spec.wishes {
      guard let type = types[wish.column] else { continue }
      if let wanted = custom[wish.column] {
        guard let field = list[wanted] else {
          let near = nearest(to: wanted, among: list.names)
          throw OdooError(
            .configuration,
            "The connection takes \(wish.column) of \(spec.model) from the field \(wanted), which the server has not",
            advice: near.isEmpty ? "" : "Did you mean \(near.joined(separator: ", "))?")
        }
        guard FieldMap.fits(field, type) else {
          throw OdooError(
            .configuration,
            "The connection takes \(wish.column) of \(spec.model) from \(wanted), which is a \(field.type)",
            advice: "A field is needed that holds a \(type.wireKind.words).")
        }
        columns.append((wish.column, WireField(wanted, FieldMap.kind(of: field, type))))
        continue
      }
      if let field = wish.fields.lazy.compactMap({ list[$0] }).first(where: { FieldMap.fits($0, type) }) {
        columns.append((wish.column, WireField(field.name, FieldMap.kind(of: field, type))))
      } else if wish.isRequired {
        throw OdooError(
          .unknownField,
          "\(spec.model) has no field \(wish.fields.joined(separator: " or ")) for what erpq calls \(wish.column)",
          advice: "Map another field to it in the connection's settings.")
      } else if wish.fields.contains(where: { list[$0] != nil }) {
        notes.append("\(spec.model).\(wish.fields[0]) is of another type than expected and was left out")
      }
    }
    self.columns = columns
    self.notes = notes
    var fields: [WireField] = []
    places = try columns.map { column in
      if let known = fields.firstIndex(where: { $0.name == column.field.name }) {
        guard fields[known].kind == column.field.kind else {
          throw OdooError(
            .configuration,
            "The connection takes two columns of different types of \(spec.model) from \(column.field.name)")
        }
        return known
      }
      fields.append(column.field)
      return fields.count - 1
    }
    self.fields = fields
    var domain = spec.domain.items ?? []
    for field in spec.exclusions where list[field] != nil { domain.append([.text(field), "=", false]) }
    self.domain = .list(domain)
    fingerprint =
      columns.map { "\($0.column)=\($0.field.name)" }.joined(separator: ",") + " " + self.domain.json
  }

  /// How a field is read into a column.
  private static func kind(of field: OdooField, _ type: MirrorType) -> WireKind {
    field.kind == .ids ? .ids : type.wireKind
  }

  private static func fits(_ field: OdooField, _ type: MirrorType) -> Bool {
    switch (type, field.kind) {
    case (.int, .id), (.int, .ids), (.real, .number), (.real, .id), (.text, .text), (.bool, .bool),
      (.day, .date),
      (.moment, .datetime), (.moment, .date):
      true
    default: false
    }
  }

  /// A page under the names of the table's columns.
  func renamed(_ page: Table) -> Table {
    let filled = places.map { place in
      fields[place].kind == .ids ? FieldMap.first(page.columns[place], page.rowCount) : page.columns[place]
    }
    return Table(
      Schema(zip(columns, filled).map { Field($0.column, $1.type) }), filled, rowCount: page.rowCount)
  }

  /// Of lists of records the first one of each.
  private static func first(_ lists: Column, _ count: Int) -> Column {
    Column(
      .int,
      values: (0..<count).map { row in
        if case .list(let items) = lists[row] { items.first ?? .null } else { .null }
      })
  }
}
