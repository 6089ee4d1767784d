import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqTables

/// Forecasts of every series of a file, written to another: what `erpq forecast-file` does.
public struct ForecastFile {
  /// The file with the columns series, date, qty; gzipped or not.
  public var input: String
  /// The file to write.
  public var output: String
  /// Days, weeks or months.
  public var frequency: SeriesFrequency
  /// Steps ahead.
  public var horizon: Int
  /// A file `product,date` of promoted days, known ones of the future included.
  public var promotions: String?
  /// A file `product,category`.
  public var categories: String?

  /// A forecast of `horizon` steps for every series of `input`.
  public init(
    input: String, output: String, frequency: SeriesFrequency, horizon: Int, promotions: String? = nil,
    categories: String? = nil
  ) {
    self.input = input
    self.output = output
    self.frequency = frequency
    self.horizon = horizon
    self.promotions = promotions
    self.categories = categories
  }

  /// What was done.
  public struct Summary {
    /// Number of series.
    public var series: Int
    /// Values read.
    public var values: Int
    /// Rows written.
    public var rows: Int
    /// What the user should know.
    public var notes: [String]
  }

  /// Reads, forecasts, writes.
  ///
  /// - Parameter progress: told what is being done, how much of it is done and how much there is.
  /// - Throws: `Diagnostic`.
  public func run(progress: @escaping (String, Double, Double?) -> Void) throws(Diagnostic) -> Summary {
    do {
      let file = try SeriesFile.read(
        input, frequency: frequency, promotions: promotions, categories: categories,
        progress: { progress("read", $0, $1) })
      let forecast = try PanelForecaster.forecast(file.panel, horizon: horizon, tellsAccuracy: false) {
        done, total in
        progress("forecast", Double(done), Double(total))
      }
      let notes = file.notes + ForecastFile.returns(file.panel)
      progress("write", 0, nil)
      let table = ForecastFile.table(file, forecast)
      try writeAtomically(path: output) { sink in try TableWriter.csv(table, to: sink) }
      return Summary(
        series: file.names.count, values: file.panel.values.count, rows: table.rowCount, notes: notes)
    } catch let d as Diagnostic {
      throw d
    } catch {
      throw FileAccess.diagnostic(error)
    }
  }

  /// Says how many series have more returns than sales.
  private static func returns(_ panel: SeriesPanel) -> [String] {
    var count = 0
    for s in 0..<panel.count {
      var sum = 0.0
      for v in panel.values[panel.offsets[s]..<panel.offsets[s + 1]] { sum += v }
      if sum < 0 { count += 1 }
    }
    guard count > 0 else { return [] }
    return [
      (count == 1 ? "a series has" : "\(count) series have")
        + " more returns than sales: demand is never forecast below zero"
    ]
  }

  /// Seven significant digits: more are noise, and make the file longer.
  private static func shortened(_ x: Double) -> Double {
    guard x.isFinite, x != 0 else { return x.isFinite ? x : 0 }
    let m = x.magnitude
    guard m < 1e15 else { return x }
    var scale = 1e6
    var limit = 10.0
    while m >= limit, scale > 1 {
      scale /= 10
      limit *= 10
    }
    let product = m * scale
    // Rounded by hand: the library's function is a call for each number.
    var whole = Int64(product)
    if product - Double(whole) >= 0.5 { whole += 1 }
    return (x < 0 ? -Double(whole) : Double(whole)) / scale
  }

  private static func table(_ file: SeriesFile, _ f: PanelForecast) -> Table {
    let h = f.horizon
    let rows = f.count * h
    var builder = TextDictionaryBuilder()
    let code = file.names.map { builder.code(for: $0) }
    var series: [Int32] = []
    var days: [Int32] = []
    series.reserveCapacity(rows)
    days.reserveCapacity(rows)
    for s in 0..<f.count {
      let start = file.panel.lastStep(s) + 1
      for t in 0..<h {
        series.append(code[s])
        days.append(file.dating[s].date(file.panel.frequency, start + t).day)
      }
    }
    let p = PanelForecast.probabilities
    func quantile(_ probability: Double) -> Column {
      let k = p.firstIndex(of: probability) ?? 0
      return Column(.number, .doubles((0..<rows).map { shortened(f.quantiles[$0 * p.count + k]) }))
    }
    var columns: [(String, Column)] = [
      ("series", Column(.text, .codes(series, builder.build()))), ("date", Column(.date, .days(days))),
      ("mean", Column(.number, .doubles(f.mean.map(shortened)))), ("median", quantile(0.5)),
      ("lo80", quantile(0.1)), ("hi80", quantile(0.9)), ("lo95", quantile(0.025)), ("hi95", quantile(0.975)),
    ]
    for tenth in 1...9 { columns.append(("q\(tenth)0", quantile(p[tenth]))) }
    return Table(columns)
  }
}
