import ErpqBase
import ErpqTables

extension OdooValue {
  /// A value of the language as an argument: moments and days as Odoo writes them, null as false.
  public init(_ value: Value) {
    switch value {
    case .null: self = .bool(false)
    case .bool(let b): self = .bool(b)
    case .int(let i): self = .int(i)
    case .text(let s): self = .text(s)
    case .date(let d): self = .text(d.description)
    case .datetime(let t): self = .text(t.startOfSecond.description)
    case .list(let items): self = .list(items.map { OdooValue($0) })
    case .period(let p): self = .text(p.start.description)
    default: self = value.asDouble.map { .number($0) } ?? .text(value.description)
    }
  }
}

extension OdooConnection {
  /// Records of any model: in the order of ids page by page, in another order at once.
  ///
  /// - Throws: `OdooError`, `Cancellation.Interrupted`.
  public func page(
    _ model: String, fields: [WireField], domain: OdooValue, order: String?, limit: Int?, pageSize: Int = 5000
  ) throws -> Table {
    let hasID = fields.contains { $0.name == "id" }
    let asked = hasID ? fields : fields + [WireField("id", .id)]
    let idAt = asked.firstIndex { $0.name == "id" } ?? 0
    let builder = RowBuilder(asked)
    let conditions = domain.items ?? []
    var last: Int64?
    while true {
      let left = limit.map { $0 - builder.rowCount } ?? .max
      if left <= 0 { break }
      let wanted = order == nil ? Swift.min(pageSize, left) : limit ?? 0
      var here = conditions
      if let last { here.append(["id", ">", .int(last)]) }
      let before = builder.rowCount
      _ = try perform(
        OdooCall(
          model, "search_read", positional: [OdooMember("domain", .list(here))],
          named: [
            OdooMember("fields", .list(asked.map { .text($0.name) })),
            OdooMember("limit", .int(Int64(wanted))), OdooMember("order", .text(order ?? "id")),
            OdooMember("load", ""),
          ]), into: builder)
      guard order == nil, builder.rowCount - before >= pageSize, let end = builder.lastInteger(idAt),
        end > last ?? .min
      else { break }
      last = end
    }
    let table = builder.finish().table
    guard !hasID else { return table }
    return Table(
      Schema(Array(table.schema.fields.dropLast())), Array(table.columns.dropLast()), rowCount: table.rowCount
    )
  }
}
