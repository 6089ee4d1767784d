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
    var options = ReadOptions(nullWords: ["NA", "NaN", "nan", "null", "NULL"])
    let header = try FileReader().readTable(path: path, options: ReadOptions(limit: 1)).table.schema.names
    guard let dateAt = column(header, dateWords), let quantityAt = column(header, quantityWords) else {
      throw Diagnostic(
        .badFile, "\(path) needs a column of dates and one of quantities; it has \(listed(header))",
        notes: ["name them series,date,qty (series may be left out)"])
    }
    let seriesAt = column(header, seriesWords)
    if let seriesAt { options.text = [header[seriesAt]] }
    options.types = [header[dateAt]: .date, header[quantityAt]: .number]
    let read = try FileReader().readTable(path: path, options: options) { done, total, _ in
      progress?(Double(done), total.map(Double.init))
    }
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
      frequency: frequency, series: order.map { builder.series[$0].values },
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
    var notes: [String] = []

    struct One {
      var first = 0
      var values: [Double] = []
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
      let cancel = Cancellation.current
      series = Array(repeating: One(), count: count)
      var first = [Int](repeating: .max, count: count)
      var last = [Int](repeating: .min, count: count)
      for i in days.indices where hasDate.isValid(i) {
        if i & 0xFFFF == 0 { try cancel.check() }
        let s = Int(codes[i])
        guard s >= 0, s < count else { continue }
        let step = frequency.step(of: CivilDate(day: days[i]))
        if first[s] == .max { order.append(s) }
        first[s] = Swift.min(first[s], step)
        last[s] = Swift.max(last[s], step)
      }
      var total = 0
      for s in order {
        let length = last[s] - first[s] + 1
        guard length <= SeriesFile.longest else {
          throw Diagnostic(
            .badFile,
            "a series of \(path) runs from \(frequency.date(of: first[s])) to \(frequency.date(of: last[s])): "
              + "\(length) steps, and \(SeriesFile.longest) is the most",
            notes: ["look for a mistyped date, or give a coarser --freq"])
        }
        total += length
        guard total <= SeriesFile.largest else {
          throw Diagnostic(
            .badFile, "the series of \(path) have more than \(SeriesFile.largest) steps in all",
            notes: ["look for mistyped dates, or split the file"])
        }
        series[s].first = first[s]
        series[s].values = Array(repeating: 0, count: length)
      }
      var repeated = 0
      var seen = order.isEmpty ? [] : series.map { [Bool](repeating: false, count: $0.values.count) }
      for i in days.indices where hasDate.isValid(i) {
        if i & 0xFFFF == 0 { try cancel.check() }
        let s = Int(codes[i])
        guard s >= 0, s < count else { continue }
        let date = CivilDate(day: days[i])
        let step = frequency.step(of: date)
        let at = step - first[s]
        note(date, step, s)
        if seen[s][at] {
          repeated += 1
          if frequency != .daily, series[s].lastDay != days[i] { series[s].hasFiner = true }
        }
        series[s].lastDay = days[i]
        let isKnown = hasQuantity.isValid(i) && quantities[i].isFinite
        if isKnown {
          let before = series[s].values[at]
          series[s].values[at] = (before.isNaN ? 0 : before) + quantities[i]
        } else if !seen[s][at] {
          series[s].values[at] = .nan
        }
        seen[s][at] = true
      }
      finish(last, repeated)
    }

    private mutating func note(_ date: CivilDate, _ step: Int, _ s: Int) {
      let offset = Int(date.day) - Int(frequency.date(of: step).day)
      if let known = series[s].offset, known != offset { series[s].offsetsDiffer = true }
      if series[s].offset == nil { series[s].offset = offset }
      if frequency == .monthly, series[s].allMonthEnds {
        series[s].allMonthEnds = frequency.date(of: step + 1).day == date.day + 1
      }
    }

    /// Days given for weeks are added up; the last week or month of such a series, if not over, is left out.
    private mutating func finish(_ last: [Int], _ repeated: Int) {
      var finer = 0
      for s in order where series[s].hasFiner {
        finer += 1
        let end = frequency.date(of: last[s] + 1)
        if series[s].lastDay + 1 < end.day, series[s].values.count > 1 { series[s].values.removeLast() }
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
