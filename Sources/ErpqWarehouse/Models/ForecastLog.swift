import ErpqBase
import GRDB

/// Forecasts to be kept: column by column, a row a product and day.
public struct LoggedForecasts: Sendable {
  /// The day at which they are made.
  public var made: CivilDate
  /// Whose.
  public var products: [Int64] = []
  /// The days forecast, as days since 1970-01-01.
  public var days: [Int32] = []
  /// The methods.
  public var methods: [String] = []
  /// Expected quantities.
  public var mean: [Double] = []
  /// Lower ends of the 95 % intervals.
  public var low: [Double] = []
  /// Upper ends of the 95 % intervals.
  public var high: [Double] = []
  /// The stored model that each was made with.
  public var models: [Int64?] = []

  /// None yet.
  public init(made: CivilDate) { self.made = made }
}

extension Warehouse {
  /// Keeps forecasts. One of the same day, product and method made earlier the same day is replaced.
  public func log(_ f: LoggedForecasts) throws {
    try load(changesFacts: false) { database in
      var insert = try BulkInsert(
        "forecast_log", ["made", "product", "date", "method", "mean", "lo95", "hi95", "model"], on: database)
      let cancel = Cancellation.current
      for i in f.products.indices {
        if i & 0xFFFF == 0 { try cancel.check() }
        insert.add(f.made.day)
        insert.add(f.products[i])
        insert.add(f.days[i])
        insert.add(f.methods[i])
        insert.add(f.mean[i])
        insert.add(f.low[i])
        insert.add(f.high[i])
        insert.add(f.models[i])
        try insert.step()
      }
    }
  }

  /// Sets a quantity for a product and a period, in the place of one set before; nil removes it.
  public func setOverride(
    product: Int64, first: CivilDate, last: CivilDate, qty: Double?, note: String?, made: CivilDate
  ) throws {
    try load(changesFacts: false) { database in
      guard let qty else {
        try database.execute(
          sql: "DELETE FROM overrides WHERE product = ? AND first = ? AND last = ?",
          arguments: [product, first.day, last.day])
        return
      }
      try database.execute(
        sql:
          "INSERT OR REPLACE INTO overrides (product, first, last, qty, note, made) VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [product, first.day, last.day, qty, note, made.day])
    }
  }
}
