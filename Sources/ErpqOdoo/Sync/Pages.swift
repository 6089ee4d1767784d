import ErpqBase
import ErpqTables
import Foundation

/// The pages of a model in the order of ids, each after the last id of the one before: new and deleted records
/// shift nothing, and the server's work does not grow with the place.
final class Pages {
  /// Records, and the largest id up to which all have come.
  struct Page {
    var rows: WirePage
    var last: Int64
  }

  private let connection: OdooConnection
  private let map: FieldMap
  private let domain: OdooValue
  private let pageSize: Int
  private var after: Int64
  private var isFinished = false
  private var columns: ColumnPages?
  /// Whether whole columns came.
  private(set) var isColumnar = false

  init(
    _ connection: OdooConnection, _ map: FieldMap, domain: OdooValue, after: Int64, pageSize: Int,
    columns: Bool, looksAhead: Bool
  ) {
    self.connection = connection
    self.map = map
    self.domain = domain
    self.after = after
    self.pageSize = pageSize
    if columns {
      self.columns = ColumnPages(connection, map, domain: domain, pageSize: pageSize, looksAhead: looksAhead)
    }
  }

  /// Waits for what is on its way still and is not wanted any more.
  func end() { columns?.end() }

  /// The next page; nil at the end.
  func next() throws -> Page? {
    guard !isFinished else { return nil }
    if let columns {
      do {
        // The first page comes in both ways; only if they agree in every cell the fast one is trusted.
        if isColumnar {
          guard let page = try columns.next(after: after) else {
            isFinished = true
            return nil
          }
          after = page.last
          return page
        }
        guard let page = try plain() else { return nil }
        isColumnar = try columns.agrees(page, from: after)
        if !isColumnar { self.columns = nil }
        after = page.last
        return page
      } catch let error as OdooError where !error.isAboutConnection && error.kind != .tooLarge {
        // A server that cannot do it, or not for this model.
        columns.end()
        self.columns = nil
        isColumnar = false
      }
    }
    guard let page = try plain() else { return nil }
    after = page.last
    return page
  }

  private func plain() throws -> Page? {
    let builder = RowBuilder(map.fields)
    try Pages.fetch(connection, map, domain: domain, after: after, limit: pageSize, into: builder)
    guard let last = builder.lastInteger(0) else {
      isFinished = true
      return nil
    }
    guard last > after else {
      throw OdooError(
        .badAnswer, "The server sends records of \(map.spec.model) out of order",
        advice: "A module may change the order; erpq cannot page through such a model.")
    }
    if builder.rowCount < pageSize { isFinished = true }
    return Page(rows: builder.finish(), last: last)
  }

  /// Reads the records after an id into a builder.
  static func fetch(
    _ connection: OdooConnection, _ map: FieldMap, domain: OdooValue, after last: Int64, limit: Int,
    into builder: RowBuilder
  ) throws {
    var conditions = domain.items ?? []
    if last > 0 { conditions.append(["id", ">", .int(last)]) }
    _ = try connection.perform(
      OdooCall(
        map.spec.model, "search_read", positional: [OdooMember("domain", .list(conditions))],
        named: [
          OdooMember("fields", .list(map.fields.map { .text($0.name) })),
          OdooMember("limit", .int(Int64(limit))), OdooMember("order", "id"), OdooMember("load", ""),
        ]), into: builder)
  }

  /// The records that changed since a moment. A product's name and price lie in its template, whose change does
  /// not show in the product's own date up to Odoo 16.
  static func since(_ moment: Instant, _ map: FieldMap) -> OdooValue {
    let second = moment.startOfSecond.description
    let condition: OdooValue = ["write_date", ">=", .text(second)]
    var conditions = map.domain.items ?? []
    if map.columns.contains(where: { $0.column == "template" && $0.field.name == "product_tmpl_id" }),
      map.spec.table == "product"
    {
      conditions += ["|", condition, ["product_tmpl_id.write_date", ">=", .text(second)]]
    } else {
      conditions.append(condition)
    }
    return .list(conditions)
  }
}

/// Pages as whole columns: `array_agg` over a range of ids, half the bytes and a third of the server's work.
final class ColumnPages {
  private let connection: OdooConnection
  private let map: FieldMap
  private let domain: OdooValue
  private let looksAhead: Bool
  private let pageSize: Int64
  /// Ids of a range: about four pages of records lie in one.
  private var span: Int64
  private var highest: Int64?
  /// The range that is asked for while the one before it comes.
  private var ahead: RangeRequest?

  /// - Parameter looksAhead: whether a range is asked for before the one before it has come.
  init(
    _ connection: OdooConnection, _ map: FieldMap, domain: OdooValue, pageSize: Int, looksAhead: Bool
  ) {
    self.pageSize = Int64(pageSize)
    span = 4 * self.pageSize
    self.connection = connection
    self.map = map
    self.domain = domain
    self.looksAhead = looksAhead
  }

  /// Whether the range of a page of records, asked for as columns, is the same in every cell.
  func agrees(_ page: Pages.Page, from after: Int64) throws -> Bool {
    guard connection.transport != .xmlrpc else { return false }
    let rows = try range(after, page.last).finish().table
    guard rows.rowCount == page.rows.count else { return false }
    // Density of ids, for the first range.
    let width = page.last - after
    span = Swift.max(
      pageSize, Swift.min(200 * pageSize, width * 4 * pageSize / Int64(Swift.max(1, page.rows.count))))
    for (a, b) in zip(rows.columns, page.rows.table.columns) {
      for row in 0..<rows.rowCount where a[row] != b[row] { return false }
    }
    return true
  }

  /// The next records after an id; nil when there are none.
  func next(after start: Int64) throws -> Pages.Page? {
    var start = start
    if highest == nil { highest = try lastID() }
    while let highest, start < highest {
      let current = ahead ?? request(start, Swift.min(highest, start + span))
      let end = current.end
      ahead = looksAhead && end < highest ? request(end, Swift.min(highest, end + span)) : nil
      let builder = try current.rows()
      if builder.rowCount > 8 * pageSize { span = Swift.max(pageSize, span / 2) }
      if builder.rowCount < pageSize { span = Swift.min(2000 * pageSize, span * 2) }
      if builder.rowCount > 0 { return Pages.Page(rows: builder.finish(), last: end) }
      start = end
    }
    // What was added meanwhile comes with the next sync, which begins at this one's start.
    return nil
  }

  /// Waits for a range that was asked for ahead.
  func end() {
    _ = try? ahead?.rows()
    ahead = nil
  }

  private func request(_ start: Int64, _ end: Int64) -> RangeRequest {
    RangeRequest(to: end) { [self] in try range(start, end) }
  }

  private func lastID() throws -> Int64 {
    let builder = RowBuilder([WireField("id", .id)])
    _ = try connection.perform(
      OdooCall(
        map.spec.model, "search_read", positional: [OdooMember("domain", domain)],
        named: [
          OdooMember("fields", ["id"]), OdooMember("limit", 1), OdooMember("order", "id desc"),
          OdooMember("load", ""),
        ]), into: builder)
    return builder.lastInteger(0) ?? 0
  }

  /// The records with ids in (`start`, `end`], in the order of ids.
  private func range(_ start: Int64, _ end: Int64) throws -> RowBuilder {
    var conditions = domain.items ?? []
    conditions.append(["id", ">", .int(start)])
    conditions.append(["id", "<=", .int(end)])
    let domain = OdooMember("domain", .list(conditions))
    let builder = RowBuilder(map.fields)
    if connection.version.major >= 19 {
      let aggregates = map.fields.map { "\($0.name):array_agg" }
      builder.columnKeys = aggregates
      _ = try connection.perform(
        OdooCall(
          map.spec.model, "formatted_read_group", positional: [domain],
          named: [
            OdooMember("groupby", []),
            OdooMember("aggregates", .list((aggregates + ["__count"]).map { .text($0) })),
          ]), into: builder)
    } else {
      builder.columnKeys = map.fields.map { "c_\($0.name)" }
      let aggregates = map.fields.map { OdooValue.text("c_\($0.name):array_agg(\($0.name))") }
      _ = try connection.perform(
        OdooCall(
          map.spec.model, "read_group",
          positional: [domain, OdooMember("fields", .list(aggregates)), OdooMember("groupby", [])],
          named: [OdooMember("lazy", false)]), into: builder)
    }
    try check(builder)
    return builder
  }

  /// All columns must have come, of the length that the server tells, each record once.
  private func check(_ builder: RowBuilder) throws {
    let model = map.spec.model
    guard let count = builder.columnCount else {
      throw OdooError(.badAnswer, "The server gives no columns of \(model)")
    }
    if count == 0, builder.rowCount == 0 { return }
    guard builder.columnLengths.allSatisfy({ $0 == count }) else {
      throw OdooError(.badAnswer, "The columns of \(model) that the server gives differ in length")
    }
    guard builder.sort(by: 0) else {
      throw OdooError(.badAnswer, "The columns of \(model) hold a record twice, or one without an id")
    }
  }
}

/// A range of ids that is asked for on a thread of its own.
private final class RangeRequest: @unchecked Sendable {
  /// The last id of the range.
  let end: Int64
  private let done = DispatchSemaphore(value: 0)
  private var result: Result<RowBuilder, any Error>?

  init(to end: Int64, _ ask: @escaping () throws -> RowBuilder) {
    self.end = end
    nonisolated(unsafe) let ask = ask
    let cancel = Cancellation.current
    let thread = Thread { [self] in
      result = Cancellation.$current.withValue(cancel) { Result { try ask() } }
      done.signal()
    }
    thread.stackSize = 4 << 20
    thread.start()
  }

  /// The records, once they have come.
  func rows() throws -> RowBuilder {
    done.wait()
    defer { done.signal() }
    return try (result ?? .failure(Cancellation.Interrupted())).get()
  }
}
