import ErpqBase

/// A column's name, type and one-line meaning.
public struct Field: Hashable, Sendable {
  /// The name as statements write it.
  public var name: String
  /// The type, unit included.
  public var type: ValueType
  /// One line for help, hover and completion; may be empty.
  public var doc: String
  /// Whether adding its values up says something, where that is known: sums and counts yes, means no. nil: what
  /// type and name tell (`Conventions.isAdditive`).
  public var isAdditive: Bool?
  /// What the numbers are, where that decides how they are written; nil: what the name tells
  /// (`Conventions.isIdentifier`).
  public var numbers: NumberRole?
  /// Its place in a picture of the rows, where whoever made them knows it; nil: what types and names tell.
  public var plot: PlotRole?

  /// What numbers may be other than amounts.
  public enum NumberRole: Hashable, Sendable {
    /// Names of something, such as years and ids: written without thousands.
    case name
    /// Changes against something else: written with a sign.
    case change
  }

  /// What a column may be in a picture.
  public enum PlotRole: Hashable, Sendable {
    /// What was varied to make the rows: they lie along it.
    case axis
    /// What tells several lines apart.
    case series
    /// What the rows are about.
    case subject
  }

  /// A field.
  public init(
    _ name: String, _ type: ValueType, _ doc: String = "", isAdditive: Bool? = nil,
    numbers: NumberRole? = nil, plot: PlotRole? = nil
  ) {
    self.name = name
    self.type = type
    self.doc = doc
    self.isAdditive = isAdditive
    self.numbers = numbers
    self.plot = plot
  }
}

/// The columns of a table, in order. A schema that is `isOpen` may have more than it lists: lookups of
/// unknown names give the unknown type instead of an error.
public struct Schema: Hashable, Sendable {
  /// The columns.
  public var fields: [Field]
  /// Whether there may be columns that are not known.
  public var isOpen: Bool

  /// A schema of these fields.
  public init(_ fields: [Field], isOpen: Bool = false) {
    self.fields = fields
    self.isOpen = isOpen
  }

  /// A schema of these fields with their amounts in a currency.
  public init(_ fields: [Field], currency: String?) {
    self.init(
      fields.map { field in
        guard case .money = field.type else { return field }
        var field = field
        field.type = .money(currency)
        return field
      })
  }

  /// The schema about which nothing is known.
  public static let unknown = Schema([], isOpen: true)

  /// The column's names, in order.
  public var names: [String] { fields.map(\.name) }

  /// The place of a column.
  public func index(of name: String) -> Int? { fields.firstIndex { $0.name == name } }

  /// The field of that name.
  public subscript(name: String) -> Field? { fields.first { $0.name == name } }
}

/// Columns of equal length under a schema.
public struct Table: Sendable {
  /// Names and types, in order; `schema.isOpen` is false.
  public let schema: Schema
  /// The columns, in the order of the schema.
  public let columns: [Column]
  /// Number of rows (a table may have rows and no columns).
  public let rowCount: Int
  /// What is shown below the rows, a value a column, null where there is none. It belongs to these rows: a table
  /// made from this one has none.
  public private(set) var totals: [Value]?

  /// A table of columns that all have `rowCount` rows; the fields take the columns' types.
  public init(_ schema: Schema, _ columns: [Column], rowCount: Int? = nil) {
    precondition(schema.fields.count == columns.count)
    let rows = rowCount ?? columns.first?.count ?? 0
    precondition(columns.allSatisfy { $0.count == rows })
    var fields = schema.fields
    for i in fields.indices { fields[i].type = columns[i].type }
    self.schema = Schema(fields)
    self.columns = columns
    self.rowCount = rows
  }

  /// A table of named columns.
  public init(_ named: [(String, Column)]) {
    self.init(Schema(named.map { Field($0.0, $0.1.type) }), named.map(\.1))
  }

  /// A table of the schema without rows.
  public init(empty schema: Schema) {
    self.init(schema, schema.fields.map { Column.nulls($0.type, count: 0) }, rowCount: 0)
  }

  /// The column of that name.
  public subscript(name: String) -> Column? { schema.index(of: name).map { columns[$0] } }

  /// With a row of totals below the rows; of another length than the columns it is left out.
  public func showing(totals: [Value]?) -> Table {
    var table = self
    table.totals = totals?.count == columns.count ? totals : nil
    return table
  }

  /// Under other names or notes; types stay those of the columns, and totals stay.
  public func described(as schema: Schema) -> Table {
    guard schema.fields.count == columns.count else { return self }
    return Table(schema, columns, rowCount: rowCount).showing(totals: totals)
  }

  /// With what another schema knows of the roles of columns of the same name.
  public func takingRoles(from schema: Schema) -> Table {
    let all = schema.fields + self.schema.fields
    guard all.contains(where: { $0.numbers != nil || $0.plot != nil }) else { return self }
    var own = self.schema
    for i in own.fields.indices {
      guard let known = schema[own.fields[i].name] else { continue }
      own.fields[i].numbers = known.numbers
      own.fields[i].plot = known.plot
    }
    return described(as: own)
  }

  /// Only these columns, in this order; names that are not there are left out.
  public func selecting(_ names: [String]) -> Table {
    let picked = names.compactMap { schema.index(of: $0) }
    return Table(Schema(picked.map { schema.fields[$0] }), picked.map { columns[$0] }, rowCount: rowCount)
  }

  /// With a column added at the end, or put in the place of the one of that name.
  public func setting(_ name: String, _ column: Column, doc: String = "") -> Table {
    var fields = schema.fields
    var columns = self.columns
    if let i = schema.index(of: name) {
      fields[i].type = column.type
      columns[i] = column
    } else {
      fields.append(Field(name, column.type, doc))
      columns.append(column)
    }
    return Table(Schema(fields), columns, rowCount: self.columns.isEmpty ? column.count : rowCount)
  }

  /// One row as values. For the edges only.
  public func row(_ index: Int) -> [Value] { columns.map { $0[index] } }
}
