import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqTables

/// A file of quantities a series and date, as a panel of series.
struct SeriesFile {
  /// The names of the series, in the order in which the file first names them.
  var names: [String]
  /// What was read.
  var panel: SeriesPanel
  /// How a step of each series is dated.
  var dating: [Dating]
  /// What the user should know of the file.
  var notes: [String]

  /// On which day of its week or month a series' dates lie.
  enum Dating: Equatable {
    /// So many days after the step's first one.
    case offset(Int)
    /// On the last day of the month.
    case monthEnd

    func date(_ frequency: SeriesFrequency, _ step: Int) -> CivilDate {
      switch self {
      case .offset(let days): frequency.date(of: step).adding(days: days)
      case .monthEnd: frequency.date(of: step + 1).adding(days: -1)
      }
    }
  }

  /// The longest series taken, in steps.
  static let longest = 36_525
  /// The most values of all series together.
  static let largest = 200_000_000

  private static let seriesWords = ["series", "unique_id", "product", "item", "sku", "id", "name", "item_id"]
  private static let dateWords = ["date", "ds", "day", "timestamp", "time", "week", "month", "start"]
  private static let quantityWords = ["qty", "quantity", "y", "value", "demand", "sales", "units", "target"]

  /// The place of a column by its usual names.
  private static func column(_ names: [String], _ words: [String]) -> Int? {
    let lower = names.map { $0.lowercased() }
    for word in words { if let i = lower.firstIndex(of: word) { return i } }
    return nil
  }

  /// Reads series, dates and quantities.
  ///
  /// A step without a row is one on which nothing was sold; a row without a quantity is one of which nothing
  /// is known. Several rows of a step are added up.
  static func read(
    _ path: String, frequency: SeriesFrequency, promotions: String?, categories: String?,
    progress: ((Double, Double?) -> Void)?
  ) throws -> SeriesFile {
    var places = (date: 0, quantity: 0, series: Int?.none)
    let read = try FileReader().readTable(
      path: path, progress: { done, total, _ in progress?(Double(done), total.map(Double.init)) },
      choose: { header in
        guard let dateAt = column(header, dateWords), let quantityAt = column(header, quantityWords) else {
          throw Diagnostic(
            .badFile, "\(path) needs a column of dates and one of quantities; it has \(listed(header))",
            notes: ["name them series,date,qty (series may be left out)"])
        }
        places = (dateAt, quantityAt, column(header, seriesWords))
        var options = ReadOptions(nullWords: ["NA", "NaN", "nan", "null", "NULL"])
        if let seriesAt = places.series { options.text = [header[seriesAt]] }
        options.types = [header[dateAt]: .date, header[quantityAt]: .number]
        return options
      })
    let (dateAt, quantityAt, seriesAt) = places
    var notes = rejected(read, path)
    var builder = Builder(frequency: frequency, path: path)
    let table = read.table
    guard case .days(let days) = table.columns[dateAt].storage,
      case .doubles(let quantities) = table.columns[quantityAt].storage
    else {
      throw Diagnostic(.badFile, "\(path) holds no rows with a date and a quantity")
    }
    var codes = [Int32](repeating: 0, count: days.count)
    var labels = ["total"]
    if let seriesAt, case .codes(let c, let dictionary) = table.columns[seriesAt].storage {
      codes = c
      labels = (0..<dictionary.count).map { dictionary[Int32($0)] }
    }
    try builder.add(
      codes, labels.count, days, quantities, hasDate: table.columns[dateAt],
      hasQuantity: table.columns[quantityAt])
    notes += builder.notes
    let order = builder.order
    guard !order.isEmpty else {
      throw Diagnostic(.badFile, "\(path) holds no rows with a date and a quantity")
    }
    let names = order.map { labels[$0] }
    var promoted: [[Int32]] = []
    if let promotions {
      promoted = try self.promotions(promotions, names: names, frequency: frequency, &notes)
    }
    var category: [Int32] = []
    if let categories { category = try self.categories(categories, names: names, &notes) }
    let panel = SeriesPanel(
      frequency: frequency, values: builder.values, lengths: order.map { builder.series[$0].length },
      firstStep: order.map { builder.series[$0].first }, category: category, promotions: promoted)
    return SeriesFile(names: names, panel: panel, dating: order.map { builder.dating($0) }, notes: notes)
  }

  private static func rejected(_ read: FileRead, _ path: String) -> [String] {
    guard let first = read.rejects.first else { return [] }
    let count = read.rejects.count
    return [
      "\(count == 1 ? "a row" : "\(count) rows") of \(path) could not be used; the first: \(first.reason)"
    ]
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " …" : "")
  }

  /// The name of a product behind that of a series cut at an origin: `B1-10@o4` is `B1-10`.
  private static func product(_ name: String) -> String {
    guard let at = name.lastIndex(of: "@"), at > name.startIndex else { return name }
    return String(name[..<at])
  }

  /// Reads `product,date` pairs.
  private static func promotions(
    _ path: String, names: [String], frequency: SeriesFrequency, _ notes: inout [String]
  ) throws -> [[Int32]] {
    let (read, keys, at) = try keyed(path, dateWords, what: "dates", types: .date)
    notes += rejected(read, path)
    guard case .days(let days) = read.table.columns[at].storage else { return [] }
    var steps: [String: [Int32]] = [:]
    for i in days.indices where read.table.columns[at].isValid(i) {
      let step = Int32(clamping: frequency.step(of: CivilDate(day: days[i])))
      steps[keys(i), default: []].append(step)
    }
    var found = 0
    let out = names.map { name -> [Int32] in
      let own = steps[name] ?? steps[product(name)] ?? []
      if !own.isEmpty { found += 1 }
      return Set(own).sorted()
    }
    if found == 0 { notes.append("no series of the file has a promotion in \(path)") }
    return out
  }

  /// Reads `product,category` pairs.
  private static func categories(
    _ path: String, names: [String], _ notes: inout [String]
  ) throws -> [Int32] {
    let (read, keys, at) = try keyed(
      path, ["category", "group", "class", "family"], what: "categories", types: .text)
    notes += rejected(read, path)
    var code: [String: Int32] = [:]
    var of: [String: Int32] = [:]
    for i in 0..<read.table.rowCount {
      guard case .text(let label) = read.table.columns[at][i] else { continue }
      let known = code[label] ?? Int32(code.count)
      code[label] = known
      of[keys(i)] = known
    }
    let other = Int32(code.count)
    return names.map { of[$0] ?? of[product($0)] ?? other }
  }

  private static func keyed(
    _ path: String, _ words: [String], what: String, types: ValueType
  ) throws -> (FileRead, (Int) -> String, Int) {
    let header = try FileReader().readTable(path: path, options: ReadOptions(limit: 1)).table.schema.names
    guard let keyAt = column(header, ["product"] + seriesWords), let at = column(header, words), at != keyAt
    else {
      throw Diagnostic(
        .badFile, "\(path) needs a column product and one of \(what); it has \(listed(header))")
    }
    var options = ReadOptions(text: [header[keyAt]])
    options.types = [header[at]: types]
    let read = try FileReader().readTable(path: path, options: options)
    let column = read.table.columns[keyAt]
    return (read, { if case .text(let text) = column[$0] { text } else { "" } }, at)
  }
}

extension SeriesFile {
  /// Collects rows into series.
  fileprivate struct Builder {
    let frequency: SeriesFrequency
    let path: String
    var series: [One] = []
    /// Series by their first row.
    var order: [Int] = []
    /// The values of all series, one after the other in that order.
    var values: [Double] = []
    var notes: [String] = []

    struct One {
      var first = 0
      var length = 0
      /// Where its values begin.
      var start = 0
      /// The last day seen in a step, to tell a second date from a repeated one.
      var lastDay = Int32.min
      var offset: Int?
      var offsetsDiffer = false
      var allMonthEnds = true
      var hasFiner = false
    }

    init(frequency: SeriesFrequency, path: String) {
      self.frequency = frequency
      self.path = path
    }

    mutating func add(
      _ codes: [Int32], _ count: Int, _ days: [Int32], _ quantities: [Double], hasDate: Column,
      hasQuantity: Column
    ) throws {
      let steps = try steps(codes, count, days, hasDate)
      try makeRoom(steps)
      let cancel = Cancellation.current
      let (dated, known) = (hasDate.validity, hasQuantity.validity)
      var repeated = 0
      var seen = [Bool](repeating: false, count: values.count)
      for i in days.indices where dated?[i] ?? true {
        if i & 0xFFFF == 0 { try cancel.check() }
        let s = Int(codes[i])
        guard s >= 0, s < count else { continue }
        let step = frequency.step(of: CivilDate(day: days[i]))
        let at = series[s].start + step - series[s].first
        if seen[at] { repeated += 1 }
        if frequency != .daily { note(days[i], step, s, isSecond: seen[at]) }
        if known?[i] ?? true, quantities[i].isFinite {
          let before = values[at]
          values[at] = (before.isNaN ? 0 : before) + quantities[i]
        } else if !seen[at] {
          values[at] = .nan
        }
        seen[at] = true
      }
      finish(steps.last, repeated)
    }

    /// First and last step of each series; puts the series in the order of their first rows.
    private mutating func steps(
      _ codes: [Int32], _ count: Int, _ days: [Int32], _ hasDate: Column
    ) throws -> (first: [Int], last: [Int]) {
      let cancel = Cancellation.current
      let dated = hasDate.validity
      series = Array(repeating: One(), count: count)
      var first = [Int](repeating: .max, count: count)
      var last = [Int](repeating: .min, count: count)
      for i in days.indices where dated?[i] ?? true {
        if i & 0xFFFF == 0 { try cancel.check() }
        let s = Int(codes[i])
        guard s >= 0, s < count else { continue }
        let step = frequency.step(of: CivilDate(day: days[i]))
        if first[s] == .max { order.append(s) }
        first[s] = Swift.min(first[s], step)
        last[s] = Swift.max(last[s], step)
      }
      return (first, last)
    }

    /// A value for each step of each series, 0 at first.
    private mutating func makeRoom(_ steps: (first: [Int], last: [Int])) throws {
      var total = 0
      for s in order {
        let length = steps.last[s] - steps.first[s] + 1
        guard length <= SeriesFile.longest else {
          throw Diagnostic(
            .badFile,
            "a series of \(path) runs from \(frequency.date(of: steps.first[s])) to "
              + "\(frequency.date(of: steps.last[s])): \(length) steps, and \(SeriesFile.longest) is the most",
            notes: ["look for a mistyped date, or give a coarser --freq"])
        }
        (series[s].first, series[s].length, series[s].start) = (steps.first[s], length, total)
        total += length
        guard total <= SeriesFile.largest else {
          throw Diagnostic(
            .badFile, "the series of \(path) have more than \(SeriesFile.largest) steps in all",
            notes: ["look for mistyped dates, or split the file"])
        }
      }
      values = Array(repeating: 0, count: total)
    }

    /// Notes on which day of its week or month a row lies.
    private mutating func note(_ day: Int32, _ step: Int, _ s: Int, isSecond: Bool) {
      if isSecond, series[s].lastDay != day { series[s].hasFiner = true }
      series[s].lastDay = day
      let offset = Int(day) - Int(frequency.date(of: step).day)
      if let known = series[s].offset, known != offset { series[s].offsetsDiffer = true }
      if series[s].offset == nil { series[s].offset = offset }
      if frequency == .monthly, series[s].allMonthEnds {
        series[s].allMonthEnds = frequency.date(of: step + 1).day == day + 1
      }
    }

    /// Days given for weeks are added up; the last week or month of such a series, if not over, is left out.
    private mutating func finish(_ last: [Int], _ repeated: Int) {
      var finer = 0
      var shortened = false
      for s in order where series[s].hasFiner {
        finer += 1
        let end = frequency.date(of: last[s] + 1)
        if series[s].lastDay + 1 < end.day, series[s].length > 1 {
          series[s].length -= 1
          shortened = true
        }
      }
      if shortened {
        values = order.flatMap { values[series[$0].start..<series[$0].start + series[$0].length] }
      }
      let unit = frequency == .weekly ? "week" : "month"
      if finer > 0 {
        notes.append(
          "\(finer == 1 ? "a series has" : "\(finer) series have") several dates a \(unit): they were added up, "
            + "and a last \(unit) that is not over was left out")
      } else if repeated > 0 {
        notes.append(
          repeated == 1
            ? "a row repeats the series and date of another: the two were added up"
            : "\(repeated) rows repeat a series and date: such rows were added up")
      }
    }

    func dating(_ s: Int) -> Dating {
      if frequency == .daily { return .offset(0) }
      if frequency == .monthly, series[s].allMonthEnds { return .monthEnd }
      return series[s].offsetsDiffer ? .offset(0) : .offset(series[s].offset ?? 0)
    }
  }
}
