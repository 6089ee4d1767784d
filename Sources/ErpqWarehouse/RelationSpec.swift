import ErpqTables

/// One relation of a company file as the language sees it: its columns, keys and meaning.
public struct RelationSpec: Sendable {
  /// A column that names a row of another relation, so that joins and navigation (`product.category`) find
  /// it.
  public struct Reference: Hashable, Sendable {
    /// The column here.
    public let column: String
    /// The relation whose key of the same name it holds.
    public let relation: String
  }

  /// The name in statements.
  public let name: String
  /// One sentence.
  public let summary: String
  /// The columns in order. Money without a currency is in the company's currency.
  public let fields: [Field]
  /// The columns that together name one row; empty when rows have no name.
  public let keys: [String]
  /// The columns that are keys of other relations.
  public let references: [Reference]

  /// Of a relation that loads copy by columns (`RowGroups`), the columns by which an index of the table finds few rows
  /// faster; nil for the others.
  let indexed: [String]?
  let table: String
  let order: String
  let sources: [StoredColumn]

  init(
    _ name: String, _ summary: String, table: String? = nil, indexed: [String]? = nil, keys: [String],
    order: String, _ columns: [StoredColumn]
  ) {
    self.name = name
    self.summary = summary
    self.table = table ?? name
    self.indexed = indexed
    self.keys = keys
    self.order = order
    sources = columns
    fields = columns.map { Field($0.name, $0.type, $0.doc) }
    references = columns.compactMap { column in
      column.refersTo.map { Reference(column: column.name, relation: $0) }
    }
  }

  /// The columns under a company's currency: `money` becomes `money<EUR>`.
  public func schema(currency: String) -> Schema {
    Schema(sources.map { $0.field(currency: currency) })
  }

  func source(of column: String) -> StoredColumn? { sources.first { $0.name == column } }
}

/// Where the values of a relation's column lie in the file.
struct StoredColumn: Sendable {
  let name: String
  let type: ValueType
  let doc: String
  /// The SQL column or expression.
  let sql: String
  /// For texts that are stored as a number: where the number's text stands.
  let text: StoredText?
  /// What one stored unit is in the column's own (a day in milliseconds, say).
  let scale: Double
  let refersTo: String?

  init(
    _ name: String, _ type: ValueType, _ doc: String, sql: String? = nil, text: StoredText? = nil,
    scale: Double = 1, to relation: String? = nil
  ) {
    self.name = name
    self.type = type
    self.doc = doc
    self.sql = sql ?? "\"\(name)\""
    self.text = text
    self.scale = scale
    refersTo = relation
  }

  /// The column as it is stored: numbers in place of texts that stand elsewhere, in the stored unit.
  var numbered: StoredColumn { StoredColumn(name, text == nil ? type : .int, doc, sql: sql) }

  /// The column as the language sees it, money in the company's currency.
  func field(currency: String) -> Field { Field(name, type == .money(nil) ? .money(currency) : type, doc) }
}

/// A list of numbered texts: scans read the numbers and look the texts up once a scan, not once a row.
struct StoredText: Sendable {
  /// What follows FROM.
  let from: String
  let key: String
  let text: String
  /// Whether a text stands for few rows, so that an index finds them faster than a scan.
  var isSelective = false

  static let word = StoredText(from: "words", key: "id", text: "word")
  static let category = StoredText(from: "categories", key: "id", text: "name")
  static let supplier = StoredText(from: "suppliers", key: "id", text: "name")
  static let warehouse = StoredText(from: "warehouses", key: "id", text: "name")
  static let productSku = StoredText(from: "products", key: "product", text: "sku", isSelective: true)
  static let productName = StoredText(from: "products", key: "product", text: "name", isSelective: true)
  static let productCategory = StoredText(
    from: "products JOIN categories ON categories.id = products.category", key: "products.product",
    text: "categories.name")
  static let productSupplier = StoredText(
    from: "products JOIN suppliers ON suppliers.id = products.supplier", key: "products.product",
    text: "suppliers.name")
}
