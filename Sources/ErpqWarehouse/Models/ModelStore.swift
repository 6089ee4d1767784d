import ErpqBase
import GRDB

/// A trained model as it lies in the company file. What it holds is for whoever trained it to read.
public struct StoredModel: Hashable, Sendable {
  /// Its number in the file; 0 before it is saved.
  public var id: Int64 = 0
  /// What it is about: `demand`.
  public var kind: String
  /// Whose model it is.
  public var product: Int64
  /// 1 for the product's first model with these parameters, one more for each on other data. Given when it is
  /// saved.
  public var version = 0
  /// The method that was fitted.
  public var method: String
  /// What the fit depends on beside the data, as text.
  public var parameters: String
  /// The fingerprint of the data it was fitted to.
  public var data: Int64
  /// The day at which it was trained.
  public var trained: CivilDate
  /// The last day of its data.
  public var lastDay: CivilDate
  /// The model, as JSON.
  public var body: String
  /// Whether the row is as it was saved.
  public var isIntact = true

  /// A model to be saved.
  public init(
    kind: String, product: Int64, method: String, parameters: String, data: Int64, trained: CivilDate,
    lastDay: CivilDate, body: String
  ) {
    self.kind = kind
    self.product = product
    self.method = method
    self.parameters = parameters
    self.data = data
    self.trained = trained
    self.lastDay = lastDay
    self.body = body
  }

  /// FNV-1a over everything that counts.
  var checksum: Int64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for text in [kind, String(product), method, parameters, String(data), lastDay.description, body] {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
      hash = (hash ^ 0xff) &* 0x0000_0100_0000_01b3
    }
    return Int64(bitPattern: hash)
  }
}

extension Warehouse {
  private static let lastVersion = """
    (SELECT max(version) FROM models AS m
     WHERE m.kind = models.kind AND m.product = models.product AND m.parameters = models.parameters)
    """

  /// The stored models of a kind, by product, parameters and version.
  ///
  /// - Parameters:
  ///   - products: only of these; nil for all.
  ///   - isLatest: whether only the last version with the same parameters is wanted.
  public func models(
    _ kind: String, products: Set<Int64>? = nil, isLatest: Bool = true
  ) throws -> [StoredModel] {
    try taped(kind, products: products, isLatest: isLatest) {
      try storedModels(kind, products: products, isLatest: isLatest)
    }
  }

  private func storedModels(_ kind: String, products: Set<Int64>?, isLatest: Bool) throws -> [StoredModel] {
    try read { database in
      guard try database.tableExists("models") else { return [] }
      let latest = isLatest ? " AND version = " + Warehouse.lastVersion : ""
      // Few products are found by the index; many are read with all others.
      let few = products.flatMap { $0.count <= 100 ? $0.sorted() : nil }
      let condition = few.map { " AND product IN (\($0.map { String($0) }.joined(separator: ",")))" } ?? ""
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT model, kind, product, version, method, parameters, data, trained, last_day, body, checksum
          FROM models WHERE kind = ?\(condition)\(latest) ORDER BY product, parameters, version
          """, arguments: [kind])
      let cancel = Cancellation.current
      var found: [StoredModel] = []
      while let row = try rows.next() {
        if found.count & 0xFFF == 0 { try cancel.check() }
        // A damaged file may hold anything in any column.
        guard let product = Int64.fromDatabaseValue(row[2]) else { continue }
        if let products, !products.contains(product) { continue }
        func text(_ i: Int) -> String { String.fromDatabaseValue(row[i]) ?? "" }
        func int(_ i: Int) -> Int64 { Int64.fromDatabaseValue(row[i]) ?? 0 }
        var model = StoredModel(
          kind: text(1), product: product, method: text(4), parameters: text(5), data: int(6),
          trained: CivilDate(day: Int32(clamping: int(7))), lastDay: CivilDate(day: Int32(clamping: int(8))),
          body: text(9))
        model.id = int(0)
        model.version = Int(int(3))
        model.isIntact = model.checksum == int(10)
        found.append(model)
      }
      return found
    }
  }

  /// Saves models. One on the data of the last version with its parameters takes that one's place; every
  /// other becomes a new version.
  ///
  /// - Returns: the models with their numbers and versions.
  public func save(_ models: [StoredModel]) throws -> [StoredModel] {
    try load(changesFacts: false) { database in
      let cancel = Cancellation.current
      let find = try database.makeStatement(
        sql: """
          SELECT model, version, data FROM models WHERE kind = ? AND product = ? AND parameters = ?
          ORDER BY version DESC LIMIT 1
          """)
      let insert = try database.makeStatement(
        sql: """
          INSERT OR REPLACE INTO models (
            model, kind, product, version, method, parameters, data, trained, last_day, body, checksum)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """)
      var saved: [StoredModel] = []
      saved.reserveCapacity(models.count)
      for var model in models {
        if saved.count & 0xFFF == 0 { try cancel.check() }
        var id: Int64?
        model.version = 1
        if let row = try Row.fetchOne(find, arguments: [model.kind, model.product, model.parameters]) {
          let last = Int.fromDatabaseValue(row[1]) ?? 0
          let isSame = Int64.fromDatabaseValue(row[2]) == model.data
          id = isSame ? Int64.fromDatabaseValue(row[0]) : nil
          model.version = isSame ? last : last + 1
        }
        try insert.execute(arguments: [
          id, model.kind, model.product, model.version, model.method, model.parameters, model.data,
          model.trained.day, model.lastDay.day, model.body, model.checksum,
        ])
        model.id = id ?? database.lastInsertedRowID
        saved.append(model)
      }
      return saved
    }
  }

  /// Drops models.
  ///
  /// - Parameters:
  ///   - products: of these; nil for all.
  ///   - keepsLatest: whether the last versions stay.
  /// - Returns: how many there were.
  public func dropModels(_ kind: String, products: Set<Int64>? = nil, keepsLatest: Bool = false) throws -> Int
  {
    try load(changesFacts: false) { database in
      let before = database.totalChangesCount
      let old = keepsLatest ? " AND version < " + Warehouse.lastVersion : ""
      if let products {
        let drop = try database.makeStatement(sql: "DELETE FROM models WHERE kind = ? AND product = ?" + old)
        for product in products.sorted() { try drop.execute(arguments: [kind, product]) }
      } else {
        try database.execute(sql: "DELETE FROM models WHERE kind = ?" + old, arguments: [kind])
      }
      return database.totalChangesCount - before
    }
  }
}
