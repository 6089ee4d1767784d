import ErpqTables

/// `totals`: the sums of the columns that add up, below the rows. They are shown, and are no row: nothing that reads
/// the table counts them twice.
enum Totals {
  /// The table with its totals; `names` are the columns to add up, nil those that `Conventions.isAdditive` names.
  static func below(_ table: Table, _ names: [String]?) throws -> Table {
    let summed = names ?? table.schema.fields.filter(Conventions.isAdditive).map(\.name)
    let one = Grouping(all: table.rowCount)
    var values: [Value] = []
    for (field, column) in zip(table.schema.fields, table.columns) {
      guard summed.contains(field.name) else {
        values.append(.null)
        continue
      }
      let total = try Aggregate(field.name, .sum, [column], type: field.type).computed(over: one)
      values.append(total.count > 0 ? total[0] : .null)
    }
    // The first column that has no sum holds the word.
    if let place = table.schema.fields.firstIndex(where: { !summed.contains($0.name) }) {
      values[place] = .text("total")
    }
    return table.showing(totals: values)
  }
}
