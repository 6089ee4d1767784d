import ErpqBase

extension Table {
  /// A cross table: one row a value of `rows`, one column a value of `by`, in each cell the aggregate of the
  /// rows that have both.
  ///
  /// Rows and columns are in ascending order, null last (as the column `null`). A cell without rows is null;
  /// a count in it is 0. The column names are the values as data files show them.
  public func pivoted(rows rowName: String, columns by: String, value: Aggregate) throws -> Table {
    try pivoted(rows: (rowName, column(named: rowName)), columns: column(named: by), value: value)
  }

  /// The same over columns that need not be in the table.
  public func pivoted(rows: (name: String, column: Column), columns by: Column, value: Aggregate) throws
    -> Table
  {
    let cells = try Grouping(by: [rows.column, by], rows: rowCount)
    let values = try value.computed(over: cells)
    let (rowOf, rowValues) = try Table.ordered(rows.column)
    let (columnOf, columnValues) = try Table.ordered(by)
    guard columnValues.count <= 10_000 else {
      throw KernelError("the pivot would have \(columnValues.count) columns; 10000 is the most")
    }
    var places = [[Int32]](
      repeating: [Int32](repeating: -1, count: rowValues.count), count: columnValues.count)
    for (cell, row) in cells.firstRows.enumerated() {
      places[Int(columnOf[Int(row)])][Int(rowOf[Int(row)])] = Int32(cell)
    }
    let isCount = value.kind == .count || value.kind == .countDistinct
    var fields = [Field(rows.name, rows.column.type, schema[rows.name]?.doc ?? "")]
    var result = [rowValues]
    var taken: Set = [rows.name]
    for i in 0..<columnValues.count {
      var name = columnValues.isValid(i) ? columnValues[i].description : "null"
      if name.isEmpty { name = "''" }
      while !taken.insert(name).inserted { name += "_" }
      fields.append(Field(name, value.type))
      let cells = values.taking(places[i])
      let filled = Operators.coalesce.apply
      result.append(
        isCount
          ? try filled([.column(cells), .scalar(.int(0))], cells.count, value.type).column(rows: cells.count)
          : cells)
    }
    return Table(Schema(fields), result, rowCount: rowValues.count)
  }

  /// For each row the place of its value among the distinct values in ascending order, and those values.
  private static func ordered(_ column: Column) throws -> (places: [Int32], values: Column) {
    let groups = try Grouping(by: [column], rows: column.count)
    let distinct = column.taking(groups.firstRows)
    let order = try Table([("", distinct)]).order(by: [SortKey(distinct)])
    var place = [Int32](repeating: 0, count: order.count)
    for (i, group) in order.enumerated() { place[Int(group)] = Int32(i) }
    return (groups.ids.map { place[Int($0)] }, distinct.taking(order))
  }

  /// A row for every day (or week, month …) between the first and the last of the whole table, for each
  /// combination of `by`, in the order in which the combinations first appear, days ascending.
  ///
  /// Rows that are there stay, all of them. In a new row the columns that can be added up (int, number,
  /// money, quantity) are 0, all others null. Rows without a day stand at the end of their combination.
  public func dense(_ day: String, by: [String] = []) throws -> Table {
    let days = try column(named: day)
    var unit = PeriodUnit.day
    switch days.type {
    case .date: break
    case .period(let given): unit = given ?? .day
    default: throw KernelError("dense needs a column of dates or periods; '\(day)' is \(days.type)")
    }
    guard case .days(let starts) = days.storage else { return self }
    let present = (0..<rowCount).filter { days.isValid($0) }.map { starts[$0] }
    guard let first = present.min(), let last = present.max() else { return self }
    let groups = try Grouping(by: try by.map { try column(named: $0) }, rows: rowCount)
    let steps = Table.steps(unit, from: first, to: last)
    let total = groups.count.multipliedReportingOverflow(by: steps.count)
    guard !total.overflow, total.partialValue + rowCount < 500_000_000 else {
      throw KernelError(
        "dense would make more than 500 million rows (\(groups.count) groups of \(steps.count) days)")
    }
    let missingRow = Int32(rowCount)
    var source: [Int32] = []
    var newDays: [Int32] = []
    var representative: [Int32] = []
    let order = try self.order(by: [
      SortKey(Column(.int, .ints(groups.ids.map { Int64($0) }))), SortKey(days),
    ])
    var next = 0
    let cancel = Cancellation.current
    for group in 0..<groups.count {
      try cancel.check()
      func take() {
        source.append(order[next])
        newDays.append(starts[Int(order[next])])
        representative.append(groups.firstRows[group])
        next += 1
      }
      func isNext() -> Bool { next < order.count && groups.ids[Int(order[next])] == group }
      for step in steps {
        var found = false
        while isNext(), days.isValid(Int(order[next])), starts[Int(order[next])] <= step {
          take()
          found = true
        }
        if found { continue }
        source.append(missingRow)
        newDays.append(step)
        representative.append(groups.firstRows[group])
      }
      while isNext() { take() }
    }
    let columns = try zip(schema.fields, columns).map { field, column -> Column in
      if by.contains(field.name) { return column.taking(representative) }
      if field.name == day {
        let valid = Bitmap(source.map { $0 == missingRow || days.isValid(Int($0)) })
        return Column(column.type, .days(newDays), validity: valid)
      }
      let end = Column(repeating: Table.isAdditive(column.type) ? .int(0) : .null, as: column.type, count: 1)
      return try Column.concatenated([column, end]).taking(source)
    }
    return Table(schema, columns, rowCount: source.count)
  }

  private static func isAdditive(_ type: ValueType) -> Bool { type.isNumeric && type != .percent }

  private static func steps(_ unit: PeriodUnit, from first: Int32, to last: Int32) -> [Int32] {
    var steps: [Int32] = []
    var period = Period(unit, containing: CivilDate(day: first))
    while period.start.day <= last, steps.count < 10_000_000 {
      steps.append(period.start.day)
      let next = period.advanced(by: 1)
      if next.start.day <= period.start.day { break }
      period = next
    }
    return steps
  }
}
