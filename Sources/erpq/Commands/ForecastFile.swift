import ArgumentParser
import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqShell

/// `erpq forecast-file IN.csv --freq D --horizon 28 --out OUT.csv`.
struct ForecastFileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast-file", abstract: "Forecast every series of a file, with intervals, into another.",
    discussion: """
      erpq forecast-file demand.csv.gz --freq D --horizon 28 --out forecast.csv

      The file has the columns series, date and qty (any order; also product or sku, day, quantity …; without a \
      series column all rows are one series). A step without a row counts as nothing sold, an empty quantity as not \
      known; several rows of a step are added up. Each series is forecast from the step after its own last date, and \
      learns nothing from anything later.

      Written are series, date, mean, median, lo80, hi80, lo95, hi95, q10 … q90: the expected quantity, the quantity \
      that half of the outcomes do not pass, the intervals that hold 80 % and 95 % of the outcomes, and the deciles.
      """)

  @Option(
    help: ArgumentHelp("How far apart the values are: D days, W weeks, M months.", valueName: "D|W|M"))
  var freq: String

  @Option(help: ArgumentHelp("Steps ahead, 1 to 3660.", valueName: "n"))
  var horizon: Int

  @Option(help: ArgumentHelp("The file to write; .gz compresses.", valueName: "file"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "Promoted days, columns product and date; known ones of the future count.", valueName: "file"))
  var promotions: String?

  @Option(
    name: .customLong("static"),
    help: ArgumentHelp("Categories of the series, columns product and category.", valueName: "file"))
  var categories: String?

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("A .csv or .csv.gz file.", valueName: "path"))
  var path: String

  mutating func run() throws {
    let sink = global.sink()
    guard let frequency = SeriesFrequency(rawValue: freq.uppercased()) else {
      throw ValidationError("--freq is D for days, W for weeks or M for months, not \"\(freq)\"")
    }
    guard (1...3660).contains(horizon) else {
      throw ValidationError("--horizon goes from 1 to 3660 steps, not \(horizon)")
    }
    if global.readOnly { throw ValidationError("a forecast-file writes; leave out --read-only") }
    let job = ForecastFile(
      input: path, output: out, frequency: frequency, horizon: horizon, promotions: promotions,
      categories: categories)
    do {
      let summary = try job.run { what, done, total in
        sink.progress(WorkProgress(what, done: done, of: total, unit: "series"))
      }
      for note in summary.notes { sink.warn(Diagnostic(.dataNote, note)) }
      let what = summary.series == 1 ? "a series" : "\(summary.series) series"
      sink.note("\(what), \(summary.values) values: \(summary.rows) rows written to \(out)")
    } catch {
      sink.error(error)
      throw ExitStatus(code: error.code == .interrupted ? 130 : 4)
    }
  }
}
