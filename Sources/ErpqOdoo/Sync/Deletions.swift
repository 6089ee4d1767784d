import ErpqBase
import ErpqTables
import ErpqWarehouse

/// Finds records that are gone from the server, which leaves no other trace of them: the records entered in a month
/// are counted and their ids added up on both sides, and only where these differ the ids are fetched.
struct Deletions {
  private let connection: OdooConnection
  private let warehouse: Warehouse
  private let map: FieldMap
  private let options: SyncOptions

  init(_ connection: OdooConnection, _ warehouse: Warehouse, _ map: FieldMap, _ options: SyncOptions) {
    self.connection = connection
    self.warehouse = warehouse
    self.map = map
    self.options = options
  }

  /// Removes what is gone, and fetches what the mirror lacks.
  func run() throws -> (removed: Int, restored: Int) {
    guard let theirs = try serverChecksums() else { return try whole() }
    var ours = try warehouse.mirrorChecksums(map.spec.table)
    var result = (removed: 0, restored: 0)
    var isPruned = false
    for month in Set(ours.keys).union(theirs.keys).sorted() {
      try Cancellation.current.check()
      let (a, b) = (ours[month], theirs[month])
      if let a, let b, a.count == b.count, b.sum == nil || a.sum == b.sum { continue }
      isPruned = true
      let ids = b == nil ? [] : try self.ids(monthDomain(month))
      let pruned = try warehouse.pruneMirror(map.spec.table, month: month, keeping: ids)
      result.removed += pruned.removed
      if !pruned.missing.isEmpty { result.restored += try fetch(pruned.missing) }
    }
    if isPruned { ours = try warehouse.mirrorChecksums(map.spec.table) }
    // The same records with another last change: what was written meanwhile comes again, or, where the server has
    // gone back in time, all of the month.
    for month in theirs.keys.sorted() {
      guard let mine = ours[month]?.lastWrite, let other = theirs[month]?.lastWrite, mine != other else {
        continue
      }
      let since: [OdooValue] = mine < other ? [["write_date", ">=", .text(mine.description)]] : []
      result.restored += try fetch(.list((monthDomain(month).items ?? []) + since))
    }
    return result
  }

  /// What a server says about one month; a sum may be missing.
  private struct Checksum {
    var count: Int64
    var sum: Int64?
    var lastWrite: Instant?
  }

  /// The server's checksums by month; nil where it cannot group by month in a form that can be read.
  private func serverChecksums() throws -> [CivilDate: Checksum]? {
    let domain = OdooMember("domain", map.domain)
    // XML-RPC carries no number above 32 bits, which sums of ids soon are.
    let hasSums = connection.transport != .xmlrpc
    do {
      if connection.version.major >= 19 {
        var aggregates: [OdooValue] = ["__count", "write_date:max"]
        if hasSums { aggregates.append("id:sum") }
        let answer = try connection.call(
          OdooCall(
            map.spec.model, "formatted_read_group", positional: [domain],
            named: [
              OdooMember("groupby", ["create_date:month"]), OdooMember("aggregates", .list(aggregates)),
            ]))
        return try read(answer.value, sum: "id:sum", written: "write_date:max") {
          $0["create_date:month"]?.items?.first?.text
        }
      }
      var aggregates: [OdooValue] = ["wd:max(write_date)"]
      if hasSums { aggregates.append("id_sum:sum(id)") }
      let answer = try connection.call(
        OdooCall(
          map.spec.model, "read_group",
          positional: [
            domain, OdooMember("fields", .list(aggregates)), OdooMember("groupby", ["create_date:month"]),
          ], named: [OdooMember("lazy", false)]))
      return try read(answer.value, sum: "id_sum", written: "wd") {
        $0["__range"]?.members?.first?.value["from"]?.text
      }
    } catch let error as OdooError where !error.isAboutConnection {
      return nil
    }
  }

  private func read(
    _ value: OdooValue, sum: String, written: String, _ start: (OdooValue) -> String?
  ) throws -> [CivilDate: Checksum]? {
    var found: [CivilDate: Checksum] = [:]
    for group in value.items ?? [] {
      guard let count = group["__count"]?.int else { return nil }
      // Records without a date of entry were made by the installation; they are in no month.
      guard let text = start(group), let month = CivilDate(iso: String(text.prefix(10))) else {
        if group["create_date:month"] == .bool(false) { continue }
        return nil
      }
      guard month.components.day == 1 else { return nil }
      found[month] = Checksum(
        count: count, sum: group[sum]?.int,
        lastWrite: group[written]?.text.flatMap { Instant(iso: $0) }?.startOfSecond)
    }
    return found
  }

  private func monthDomain(_ month: CivilDate) -> OdooValue {
    .list(
      (map.domain.items ?? []) + [
        ["create_date", ">=", .text("\(month) 00:00:00")],
        ["create_date", "<", .text("\(month.adding(months: 1)) 00:00:00")],
      ])
  }

  private func ids(_ domain: OdooValue) throws -> [Int64] {
    let answer = try connection.call(
      OdooCall(
        map.spec.model, "search", positional: [OdooMember("domain", domain)],
        named: [OdooMember("order", "id")]))
    guard let items = answer.value.items else {
      throw OdooError(.badAnswer, "The answer to \(map.spec.model).search is no list of ids")
    }
    return items.compactMap(\.int)
  }

  /// Without checksums: all ids, eight bytes each.
  private func whole() throws -> (removed: Int, restored: Int) {
    let pruned = try warehouse.pruneMirror(map.spec.table, month: nil, keeping: try ids(map.domain))
    return (pruned.removed, pruned.missing.isEmpty ? 0 : try fetch(pruned.missing))
  }

  private func fetch(_ ids: [Int64]) throws -> Int {
    var fetched = 0
    var at = 0
    while at < ids.count {
      let slice = ids[at..<Swift.min(ids.count, at + options.pageSize)]
      fetched += try fetch(.list((map.domain.items ?? []) + [["id", "in", .list(slice.map { .int($0) })]]))
      at += slice.count
    }
    return fetched
  }

  private func fetch(_ domain: OdooValue) throws -> Int {
    guard let state = try warehouse.mirrorStates()[map.spec.table] else { return 0 }
    var last: Int64 = 0
    var fetched = 0
    while true {
      let builder = RowBuilder(map.fields)
      try Pages.fetch(connection, map, domain: domain, after: last, limit: options.pageSize, into: builder)
      let count = builder.rowCount
      if count > 0 { try warehouse.storeMirror(map.renamed(builder.finish().table), state) }
      fetched += count
      guard count >= options.pageSize, let end = builder.lastInteger(0), end > last else { return fetched }
      last = end
    }
  }
}
