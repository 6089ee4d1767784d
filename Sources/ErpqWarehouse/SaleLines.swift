import ErpqBase
import ErpqTables

import struct ErpqTables.Table

/// The lines of a sales file, checked and in columns, before they get ids.
struct SaleLines {
  /// A row of the file that passed, in the order of days and then of the file.
  var rows: [Int32] = []
  var dates: DateCells
  var orders: TextCells?
  var products: TextCells
  var customers: TextCells?
  var names: TextCells?
  var categories: TextCells?
  var qty: [Double]
  var price: [Double]?
  var discount: [Double]?
  var cost: [Double]?
  var currencies: TextCells?
  /// Units of each currency of `currencies` for one of the company's.
  var rates: [Double] = []
  var summary = ImportSummary()

  init(
    _ source: some RowSource, _ spec: SalesImport, zone: ZoneRules, knownRates: [String: Double],
    progress: (ImportProgress) -> Void
  ) throws {
    let columns = try SaleLines.columns(source, spec)
    progress(ImportProgress(phase: .reading, done: 0, total: 0))
    let batch = try source.read(columns.map { ($0.header, SaleLines.hint($0.role)) })
    let table = batch.table
    let total = table.rowCount
    guard total > 0 else {
      throw WarehouseError(.badData, "\(source.name) has no lines below its headers, so nothing was loaded.")
    }
    func column(_ role: SalesImport.Role) throws -> ErpqTables.Column? {
      guard let header = spec.map[role] else { return nil }
      guard let column = table[header] else {
        throw WarehouseError(.badData, "\(source.name): the column \"\(header)\" could not be read.")
      }
      return column
    }
    guard let product = try column(.product), let date = try column(.date), let quantity = try column(.qty)
    else {
      throw WarehouseError(.badData, "\(source.name): product, date and qty must each be a column.")
    }
    products = TextCells(product)
    dates = DateCells(date, zone: zone, order: spec.dateOrder)
    orders = try column(.order).map(TextCells.init)
    customers = try column(.customer).map(TextCells.init)
    names = try column(.name).map(TextCells.init)
    categories = try column(.category).map(TextCells.init)
    let quantities = NumberCells(quantity)
    qty = quantities.values
    let prices = try column(.price).map(NumberCells.init)
    let discounts = try column(.discount).map(NumberCells.init)
    let costs = try column(.cost).map(NumberCells.init)
    currencies = try column(.currency).map(TextCells.init)
    // Discounts are written as percent, 10 for a tenth; a column of percents is shares already.
    let unit = discounts?.isShare == true ? 1 : 0.01
    price = prices?.values
    discount = discounts?.values.map { $0.isNaN ? 0 : $0 * unit }
    cost = costs?.values
    let currencyReasons = try resolveCurrencies(spec, knownRates)

    let cancel = Cancellation.current
    summary.read = total + batch.rejects.count
    summary.rejected = batch.rejects.count
    summary.rejects = batch.rejects
    summary.notes = batch.notes
    rows.reserveCapacity(total)
    for row in 0..<total {
      if row & 0xFFFF == 0 {
        try cancel.check()
        progress(ImportProgress(phase: .checking, done: row, total: total))
      }
      var reason: String?
      if products.codes[row] < 0 {
        reason = "the product is missing"
      } else if let text = dates.bad[row] {
        reason = "\"\(text)\" is not a date such as \(spec.dateOrder.example)"
      } else if dates.days[row] == DateCells.none {
        reason = "the date is missing"
      } else if qty[row].isNaN {
        reason =
          quantities.bad[row].map { "the quantity \"\($0)\" is not a number" } ?? "the quantity is missing"
      } else if let text = prices?.bad[row] {
        reason = "the price \"\(text)\" is not a number"
      } else if let text = discounts?.bad[row] {
        reason = "the discount \"\(text)\" is not a number"
      } else if let share = discount?[row], !(-1e-9...1.000_000_001).contains(share) {
        reason = "a discount of \(formatNumber(share * 100))% is not between 0% and 100%"
      } else if let text = costs?.bad[row] {
        reason = "the cost \"\(text)\" is not a number"
      } else if !currencyReasons.isEmpty, let currencies, currencies.codes[row] >= 0 {
        reason = currencyReasons[Int(currencies.codes[row])]
      }
      if let reason {
        summary.rejected += 1
        if summary.rejects.count < 1000 || spec.rejectFile != nil {
          summary.rejects.append(.init(line: batch.line(ofRow: row), reason: reason))
        }
        continue
      }
      if let days = spec.onlyDays, !days.contains(CivilDate(day: dates.days[row])) {
        summary.leftOut += 1
        continue
      }
      if let clock = spec.clock, dates.days[row] > clock.day { summary.future += 1 }
      rows.append(Int32(row))
    }
    guard !rows.isEmpty else {
      let first = summary.rejects.first.map { " Line \($0.line): \($0.reason)." } ?? ""
      throw WarehouseError(
        .badData,
        (total == 1
          ? "The only line of \(source.name) cannot be loaded."
          : "None of the \(total) lines of \(source.name) can be loaded.") + first,
        advice: "See whether each column is what it was taken for.")
    }
    sortByDay()
    try countDuplicates()
    summary.loaded = rows.count
    if let first = rows.first, let last = rows.last {
      summary.days = CivilDate(day: dates.days[Int(first)])...CivilDate(day: dates.days[Int(last)])
    }
  }

  /// Units of a line's currency for one of the company's.
  func rate(_ row: Int) -> Double {
    guard let currencies, currencies.codes[row] >= 0 else { return 1 }
    return rates[Int(currencies.codes[row])]
  }

  private static func hint(_ role: SalesImport.Role) -> ColumnHint {
    switch role {
    case .qty, .price, .discount, .cost: .number
    // Dates stay as written, because only the text tells a local time from one with an offset.
    default: .text
    }
  }

  private static func columns(
    _ source: some RowSource, _ spec: SalesImport
  ) throws -> [(role: SalesImport.Role, header: String)] {
    let headers = try source.headers()
    guard !headers.isEmpty else { throw WarehouseError(.badData, "\(source.name) is empty.") }
    let list = headers.map { "\"\($0)\"" }.joined(separator: ", ")
    var columns: [(role: SalesImport.Role, header: String)] = []
    for role in SalesImport.Role.allCases {
      guard let header = spec.map[role] else {
        guard !role.isRequired else {
          throw WarehouseError(
            .badData,
            "\(source.name): no column was named for the \(role.rawValue); its columns are \(list).",
            advice: "Say which one it is: `--map \(role.rawValue)=HEADER`.")
        }
        continue
      }
      guard headers.contains(header) else {
        let near = nearest(to: header, among: headers, count: 1)
        throw WarehouseError(
          .badData,
          "\(source.name) has no column \"\(header)\" for the \(role.rawValue); its columns are \(list).",
          advice: near.isEmpty ? "" : "Did you mean \"\(near[0])\"?")
      }
      columns.append((role, header))
    }
    return columns
  }

  /// Fills `rates`; for each currency of the file the reason why lines in it cannot be loaded, if there is
  /// one.
  private mutating func resolveCurrencies(
    _ spec: SalesImport, _ known: [String: Double]
  ) throws -> [String?] {
    guard let currencies else { return [] }
    var reasons: [String?] = []
    for text in currencies.texts {
      let code = text.uppercased()
      if code == spec.currency {
        rates.append(1)
        reasons.append(nil)
      } else if let rate = spec.rates[code] ?? known[code] {
        rates.append(rate)
        reasons.append(rate > 0 && rate.isFinite ? nil : "the rate of \(code) must be above 0")
      } else {
        rates.append(1)
        reasons.append(
          Currencies.codes.contains(code)
            ? "there is no exchange rate for \(code)" : "\"\(text)\" is not a currency such as EUR")
      }
    }
    return reasons.contains { $0 != nil } ? reasons : []
  }

  /// A counting sort by day, so that lines of a day stay in the order of the file.
  private mutating func sortByDay() {
    let days = dates.days
    var low = Int32.max
    var high = Int32.min
    var isSorted = true
    for row in rows {
      let day = days[Int(row)]
      if day < high { isSorted = false }
      low = min(low, day)
      high = max(high, day)
    }
    if isSorted { return }
    let span = Int(high) - Int(low) + 1
    // A stray year would make the table of counts larger than the data.
    guard span <= 4_000_000 else {
      rows.sort { (days[Int($0)], $0) < (days[Int($1)], $1) }
      return
    }
    var starts = [Int](repeating: 0, count: span + 1)
    for row in rows { starts[Int(days[Int(row)]) - Int(low) + 1] += 1 }
    for i in 1...span { starts[i] += starts[i - 1] }
    var sorted = [Int32](repeating: 0, count: rows.count)
    for row in rows {
      let slot = Int(days[Int(row)]) - Int(low)
      sorted[starts[slot]] = row
      starts[slot] += 1
    }
    rows = sorted
  }

  /// Counts lines that say the same as an earlier one: same order, product, moment, quantity, price and
  /// customer.
  private mutating func countDuplicates() throws {
    guard let orders else { return }
    var capacity = 1024
    while capacity < rows.count * 2 { capacity *= 2 }
    var slots = [UInt64](repeating: 0, count: capacity)
    var found = 0
    slots.withUnsafeMutableBufferPointer { slots in
      for row in rows {
        let row = Int(row)
        var h: UInt64 = 0x9E37_79B9_7F4A_7C15
        func mix(_ x: UInt64) {
          h = (h ^ x) &* 0xBF58_476D_1CE4_E5B9
          h ^= h >> 29
        }
        mix(UInt64(truncatingIfNeeded: orders.codes[row]))
        mix(UInt64(truncatingIfNeeded: products.codes[row]))
        mix(UInt64(truncatingIfNeeded: dates.days[row]) ^ UInt64(bitPattern: dates.moments[row]))
        mix(qty[row].bitPattern)
        if let price { mix(price[row].bitPattern) }
        if let discount { mix(discount[row].bitPattern) }
        if let customers { mix(UInt64(truncatingIfNeeded: customers.codes[row])) }
        if h == 0 { h = 1 }
        var slot = Int(truncatingIfNeeded: h) & (capacity - 1)
        while slots[slot] != 0, slots[slot] != h { slot = (slot + 1) & (capacity - 1) }
        if slots[slot] == h { found += 1 } else { slots[slot] = h }
      }
    }
    summary.duplicates = found
  }
}
