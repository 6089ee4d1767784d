import ErpqBase
import ErpqTables
import GRDB

/// How a file of products is to be read: what sale lines alone do not say.
public struct ProductsImport: Sendable {
  /// What a column of the file is.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    case product, name, category, price, cost, supplier
    case leadTime = "lead_time"
    case onHand = "on_hand"
  }

  /// The header of each role that the file has; `product` holds the codes.
  public var map: [Role: String]

  /// An import.
  public init(map: [Role: String]) { self.map = map }

  /// The roles that headers tell by their names.
  public static func guess(headers: [String]) -> [Role: String] {
    let names: [(Role, [String])] = [
      (.product, ["product", "sku", "code", "product_id", "stockcode", "default_code", "item"]),
      (.name, ["name", "description", "product_name", "title"]),
      (.category, ["category", "family", "department"]),
      (.price, ["price", "list_price", "unit_price"]),
      (.cost, ["cost", "standard_price", "unit_cost"]),
      (.supplier, ["supplier", "vendor"]),
      (.leadTime, ["lead_time", "lead_time_days", "delay"]),
      (.onHand, ["on_hand", "stock", "qty_available", "quantity_on_hand"]),
    ]
    var map: [Role: String] = [:]
    for (role, candidates) in names {
      map[role] = candidates.lazy.compactMap { name in headers.first { $0.lowercased() == name } }.first
    }
    return map
  }
}

extension Warehouse {
  /// Loads names, categories, prices (in company currency), costs, suppliers, lead times in days and stock on
  /// hand of products by their codes. Products that are not there yet are added; cells that are empty change
  /// nothing.
  ///
  /// - Returns: the number of products loaded, and what was wrong with the lines that were not.
  /// - Throws: `WarehouseError` when the file cannot be used at all.
  @discardableResult
  public func importProducts(
    from source: some RowSource, _ spec: ProductsImport
  ) throws -> (loaded: Int, rejects: [ImportSummary.Reject]) {
    let headers = try source.headers()
    let wanted = ProductsImport.Role.allCases.compactMap { role in spec.map[role].map { (role, $0) } }
    guard spec.map[.product] != nil, let missing = wanted.first(where: { !headers.contains($0.1) }) else {
      guard spec.map[.product] != nil else {
        throw WarehouseError(
          .badData, "\(source.name): no column was named for the product's code.",
          advice: "Its columns are \(headers.joined(separator: ", ")).")
      }
      return try loadProducts(source, spec, wanted.map(\.1))
    }
    throw WarehouseError(
      .badData, "\(source.name) has no column \"\(missing.1)\" for the \(missing.0.rawValue).",
      advice: "Its columns are \(headers.joined(separator: ", ")).")
  }

  private func loadProducts(
    _ source: some RowSource, _ spec: ProductsImport, _ headers: [String]
  ) throws -> (loaded: Int, rejects: [ImportSummary.Reject]) {
    let numeric: Set<ProductsImport.Role> = [.price, .cost, .leadTime, .onHand]
    let numberHeaders = Set(numeric.compactMap { spec.map[$0] })
    let batch = try source.read(headers.map { ($0, numberHeaders.contains($0) ? .number : .text) })
    let table = batch.table
    func texts(_ role: ProductsImport.Role) -> TextCells? {
      spec.map[role].flatMap { table[$0] }.map(TextCells.init)
    }
    let (codes, names) = (texts(.product), texts(.name))
    let (categories, suppliers) = (texts(.category), texts(.supplier))
    let order: [ProductsImport.Role] = [.price, .cost, .leadTime, .onHand]
    let numbers = order.map { role in spec.map[role].flatMap { table[$0] }.map(NumberCells.init) }
    var rejects = batch.rejects
    var loaded = 0
    try load { database in
      try Warehouse.refuseMirrored(database)
      var words = try Words(database)
      var categoryIDs = try Words(database, table: "categories", column: "name")
      var supplierIDs = try Words(database, table: "suppliers", column: "name")
      var warehouses = try Words(database, table: "warehouses", column: "name")
      var identities = try Identities(
        database, table: "products", key: "product", name: "sku", firstAssigned: 1_000_001)
      let type = try words.id("product")
      let insert = try database.makeStatement(
        sql: """
          INSERT INTO products (product, sku, name, category, type, price, cost, supplier, lead_time)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (product) DO UPDATE SET from_sales = 0, name = coalesce(?, name),
            category = coalesce(excluded.category, category), price = coalesce(excluded.price, price),
            cost = coalesce(excluded.cost, cost), supplier = coalesce(excluded.supplier, supplier),
            lead_time = coalesce(excluded.lead_time, lead_time)
          """)
      let stock = try database.makeStatement(
        sql: """
          INSERT INTO stock (product, warehouse, on_hand, reserved, incoming) VALUES (?, ?, ?, 0, 0)
          ON CONFLICT (product, warehouse) DO UPDATE SET on_hand = excluded.on_hand
          """)
      for row in 0..<table.rowCount {
        let bad = zip(order, numbers).first { $0.1?.bad[row] != nil }
        guard let sku = codes?.text(row), bad == nil else {
          let text = bad?.1?.bad[row] ?? ""
          rejects.append(
            .init(
              line: batch.line(ofRow: row),
              reason: bad.map { "the \($0.0.rawValue) \"\(text)\" is not a number" }
                ?? "the product is missing"))
          continue
        }
        func number(_ i: Int) -> Double? {
          numbers[i].flatMap { $0.values[row].isNaN ? nil : $0.values[row] }
        }
        let id = identities.id(for: sku).id
        let name = names?.text(row)
        try insert.execute(
          arguments: [
            id, sku, name ?? sku, try categoryIDs.id(categories?.text(row)), type, number(0), number(1),
            try supplierIDs.id(suppliers?.text(row)), number(2), name,
          ])
        if let onHand = number(3) {
          try stock.execute(arguments: [id, try warehouses.id("WH/Stock"), onHand])
        }
        loaded += 1
      }
      try Warehouse.costSales(database)
      try Warehouse.refreshDerived(database)
    }
    return (loaded, rejects.sorted { $0.line < $1.line })
  }

  /// Gives sale lines without a cost the standard cost of their product.
  private static func costSales(_ database: Database) throws {
    try database.execute(
      sql: """
        UPDATE sales SET cost = qty * (SELECT cost FROM products WHERE products.product = sales.product)
        WHERE cost IS NULL
        """)
  }
}
