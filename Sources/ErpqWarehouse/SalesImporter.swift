import ErpqBase
import ErpqTables
import GRDB

extension Warehouse {
  /// Loads a file of sale lines. A load of the same name that was made before is replaced, so that loading a
  /// file twice changes nothing; lines of other loads stay.
  ///
  /// Products, customers and orders get numbers by their codes: a code that is a whole number keeps it where
  /// the number is free, others count up in the order of the file. Numbers once given stay.
  ///
  /// - Parameter progress: called now and then, on the caller's thread.
  /// - Throws: `WarehouseError` when nothing can be loaded; single bad lines are in the summary instead.
  @discardableResult
  public func importSales(
    from source: some RowSource, _ spec: SalesImport, progress: (ImportProgress) -> Void = { _ in }
  ) throws -> ImportSummary {
    let start = ContinuousClock.now
    var spec = spec
    spec.currency = try Currencies.checked(spec.currency)
    let zone = try ZoneRules(named: spec.timeZone)
    let known = try read { try Warehouse.latestRates($0) }
    let lines = try SaleLines(source, spec, zone: zone, knownRates: known, progress: progress)
    var summary = lines.summary
    let name = spec.source ?? source.name
    try load { database in
      try Warehouse.checkCompany(database, currency: spec.currency, name: name)
      try Warehouse.setMeta(database, "currency", spec.currency)
      try Warehouse.setMeta(database, "time_zone", spec.timeZone)
      if let company = spec.company { try Warehouse.setMeta(database, "name", company) }
      let slot = try Warehouse.slot(database, source: name, kind: "sales", rows: lines.rows.count)
      try Warehouse.forgetSales(database, slot: slot)
      var writer = try SaleLineWriter(database, lines, spec, slot: slot)
      try writer.write(progress)
      summary.products = writer.productCount
      summary.newProducts = writer.newProducts
      summary.customers = writer.customerCount
      summary.orders = writer.orderCount
      progress(ImportProgress(phase: .indexing, done: 0, total: lines.rows.count))
      if try Warehouse.hasSeveralLoads(database) { try Warehouse.recountOrders(database) }
      try Warehouse.refreshDerived(database, clock: spec.clock)
    }
    summary.rejects.sort { $0.line < $1.line }
    summary.notes += Warehouse.notes(summary, clock: spec.clock)
    if let path = spec.rejectFile, !summary.rejects.isEmpty,
      !Warehouse.writeRejects(summary.rejects, to: path)
    {
      // The facts are loaded by now; that is not undone.
      summary.notes.append("the rejected lines could not be written to \(path)")
    }
    summary.rejects.removeLast(max(0, summary.rejects.count - 1000))
    summary.seconds = (ContinuousClock.now - start) / .seconds(1)
    progress(ImportProgress(phase: .done, done: summary.read, total: summary.read))
    return summary
  }

  /// A warehouse has one currency: facts of another one would be added up with it.
  static func checkCompany(_ database: Database, currency: String, name: String) throws {
    guard let old = try meta(database, "currency"), old != currency else { return }
    let others = try Int.fetchOne(
      database, sql: "SELECT count(*) FROM loads WHERE source <> ?", arguments: [name])
    if let others, others > 0 {
      throw WarehouseError(
        .badData, "The company's currency is \(old), and \(name) is to be loaded as \(currency).",
        advice: "Load it as \(old), or into a file of its own.")
    }
  }

  static func latestRates(_ database: Database) throws -> [String: Double] {
    var rates: [String: Double] = [:]
    let rows = try Row.fetchCursor(
      database, sql: "SELECT word, rate FROM rates JOIN words ON words.id = currency ORDER BY date")
    while let row = try rows.next() { rates[row[0]] = row[1] }
    return rates
  }

  private static func notes(_ summary: ImportSummary, clock: CivilDate?) -> [String] {
    var notes: [String] = []
    /// `one` for one line, else `many` behind the number.
    func note(_ n: Int, one: String, many: String) {
      if n > 0 { notes.append(n == 1 ? "1 line \(one)" : "\(n) lines \(many)") }
    }
    note(
      summary.duplicates, one: "repeats an earlier line in everything; it was loaded too.",
      many: "repeat an earlier line in everything; they were loaded too.")
    if let clock {
      note(
        summary.future, one: "is dated after today (\(clock)); it was loaded too.",
        many: "are dated after today (\(clock)); they were loaded too.")
    }
    note(
      summary.leftOut, one: "lies outside the days asked for.", many: "lie outside the days asked for.")
    return notes
  }

  /// Writes rejected lines as CSV, `line,reason`; whether that went well.
  public static func writeRejects(_ rejects: [ImportSummary.Reject], to path: String) -> Bool {
    var text = "line,reason\n"
    for reject in rejects { text += "\(reject.line),\"\(reject.reason.replacing("\"", with: "\"\""))\"\n" }
    return (try? text.write(toFile: path, atomically: true, encoding: .utf8)) != nil
  }
}
