import ErpqTables

/// `sparkline value`: the values of each series as one row with a list that the terminal draws.
enum Sparklines {
  static func fold(_ table: Table, _ names: [String], into schema: Schema) throws -> Table {
    let keys = schema.names.filter { !names.contains($0) && table.schema.index(of: $0) != nil }
    let groups = try Grouping(by: keys.compactMap { table[$0] }, rows: table.rowCount)
    let count = keys.isEmpty ? 1 : groups.count
    var rows =
      keys.isEmpty ? Table(Schema([]), [], rowCount: 1) : table.selecting(keys).taking(groups.firstRows)
    for name in names {
      guard let column = table[name] else { continue }
      var lists = [[Value]](repeating: [], count: count)
      for row in 0..<table.rowCount {
        let value = column[row]
        let group = keys.isEmpty ? 0 : Int(groups.ids[row])
        if case .list(let items) = value {
          lists[group] += items
        } else {
          lists[group].append(value.asDouble.map { .number($0) } ?? .null)
        }
      }
      rows = rows.setting(name, Column(.list(.number), values: lists.map { .list($0) }), doc: "sparkline")
    }
    return rows.selecting(schema.names)
  }
}
