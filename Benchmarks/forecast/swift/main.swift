// Scores forecasts of a file against what came, the way `score.py` does, and times them.
// usage: erpq-bench-forecast TRAIN.csv[.gz] D|W|M HORIZON [--test FILE] [--inside K] [--promotions FILE]
//        [--set name=value]… [--repeat N]
// Without --test the last HORIZON values of each series are held back, K − 1 horizons earlier with --inside K.
import ErpqAnalytics
import ErpqBase
import ErpqFiles
import ErpqTables
import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

struct Loaded {
  var names: [String] = []
  var first: [Int] = []
  var values: [[Double]] = []
}

func load(_ path: String, _ frequency: SeriesFrequency) throws -> Loaded {
  let table = try FileReader().readTable(path: path, options: ReadOptions(text: ["series"])).table
  var out = Loaded()
  guard case .codes(let codes, let dictionary)? = table["series"]?.storage,
    case .days(let days)? = table["date"]?.storage, let column = table["qty"]
  else { return out }
  let qty: [Double] =
    switch column.storage {
    case .doubles(let v): v
    case .ints(let v): v.map { Double($0) }
    default: []
    }
  var place: [Int32: Int] = [:]
  for i in codes.indices {
    let step = frequency.step(of: CivilDate(day: days[i]))
    let s: Int
    if let known = place[codes[i]] {
      s = known
    } else {
      s = out.names.count
      place[codes[i]] = s
      out.names.append(dictionary[codes[i]])
      out.first.append(step)
      out.values.append([])
    }
    let at = step - out.first[s]
    while out.values[s].count <= at { out.values[s].append(0) }
    out.values[s][at] += qty[i]
  }
  return out
}

var arguments = Array(CommandLine.arguments.dropFirst())
@MainActor func option(_ name: String) -> String? {
  guard let i = arguments.firstIndex(of: name), i + 1 < arguments.count else { return nil }
  let value = arguments[i + 1]
  arguments.removeSubrange(i...i + 1)
  return value
}
var settings = PanelSettings()
while let pair = option("--set") {
  let parts = pair.split(separator: "=")
  guard parts.count == 2, let value = Double(parts[1]), settings.set(String(parts[0]), value) else {
    print("no such setting: \(pair)")
    exit(2)
  }
}
let testPath = option("--test")
let inside = option("--inside").flatMap { Int($0) } ?? 1
let promotionsPath = option("--promotions")
let skips = Set((option("--skip") ?? "").split(separator: ",").compactMap { CivilDate(iso: $0)?.day })
let masePeriod = option("--period").flatMap { Int($0) } ?? 1
guard arguments.count == 3, let frequency = SeriesFrequency(rawValue: arguments[1]),
  let horizon = Int(arguments[2])
else {
  print("usage: erpq-bench-forecast TRAIN D|W|M HORIZON [--test FILE] …")
  exit(2)
}
let train = try load(arguments[0], frequency)
var promotions: [[Int32]] = []
if let promotionsPath {
  let table = try FileReader().readTable(path: promotionsPath, options: ReadOptions(text: ["product"])).table
  var steps: [String: [Int32]] = [:]
  if case .codes(let codes, let dictionary)? = table["product"]?.storage,
    case .days(let days)? = table["date"]?.storage
  {
    for i in codes.indices { steps[dictionary[codes[i]], default: []].append(days[i]) }
  }
  promotions = train.names.map { name in
    (steps[name] ?? steps[name.split(separator: "@").dropLast().joined(separator: "@")] ?? []).sorted()
  }
}
// What is to be met, a row a series.
var tests: [(cut: Int, actual: [Double])] = []
if let testPath {
  let test = try load(testPath, frequency)
  var place: [String: Int] = [:]
  for (i, name) in test.names.enumerated() { place[name] = i }
  for s in train.names.indices {
    let t = place[train.names[s]] ?? -1
    tests.append((train.values[s].count, t >= 0 ? test.values[t] : []))
  }
} else {
  for y in train.values {
    let cut = y.count - inside * horizon
    tests.append(cut >= 2 ? (cut, Array(y[cut..<cut + horizon])) : (y.count, []))
  }
}
let panel = SeriesPanel(
  frequency: frequency, series: zip(train.values, tests).map { Array($0[..<$1.cut]) }, firstStep: train.first,
  promotions: promotions)
let start = cpuSeconds()
let forecast = try PanelForecaster.forecast(panel, horizon: horizon, settings: settings)
let seconds = cpuSeconds() - start

let used = [0, 1, 5, 9, 10]
let levels = [0.025, 0.1, 0.5, 0.9, 0.975]
let width = PanelForecast.probabilities.count
var (rmsse, mase, scaled, scaledA) = (0.0, 0.0, 0, 0)
var (error, demand, pinball, crps) = (0.0, 0.0, 0.0, 0.0)
var (inside95, inside80, rows) = (0, 0, 0)
for s in 0..<panel.count where !tests[s].actual.isEmpty {
  let y = train.values[s][..<tests[s].cut].drop { $0 == 0 }.map { $0 }
  var (s1, am) = (0.0, 0.0)
  for t in y.indices.dropFirst() { s1 += (y[t] - y[t - 1]) * (y[t] - y[t - 1]) }
  if y.count > 1 { s1 /= Double(y.count - 1) }
  for t in y.indices where t >= masePeriod { am += abs(y[t] - y[t - masePeriod]) }
  am /= Double(max(1, y.count - masePeriod))
  var (squares, absolute, count) = (0.0, 0.0, 0.0)
  for h in 0..<horizon {
    let day = frequency.date(of: panel.lastStep(s) + 1 + h).day
    if skips.contains(day) { continue }
    let actual = h < tests[s].actual.count ? tests[s].actual[h] : 0
    let mean = forecast.mean[s * horizon + h]
    let row = (s * horizon + h) * width
    squares += (mean - actual) * (mean - actual)
    absolute += abs(mean - actual)
    count += 1
    error += mean - actual
    demand += abs(actual)
    rows += 1
    for (i, p) in zip(used, levels) {
      let e = actual - forecast.quantiles[row + i]
      pinball += max(p * e, (p - 1) * e) / 5
    }
    for i in 1...9 {
      let e = actual - forecast.quantiles[row + i]
      let p = Double(i) / 10
      crps += max(p * e, (p - 1) * e) / 9
    }
    if actual >= forecast.quantiles[row] - 1e-9, actual <= forecast.quantiles[row + 10] + 1e-9 {
      inside95 += 1
    }
    if actual >= forecast.quantiles[row + 1] - 1e-9, actual <= forecast.quantiles[row + 9] + 1e-9 {
      inside80 += 1
    }
  }
  if s1 > 0, count > 0 {
    rmsse += (squares / count / s1).squareRoot()
    scaled += 1
  }
  if am > 0, count > 0 {
    mase += absolute / count / am
    scaledA += 1
  }
}
func f(_ x: Double, _ digits: Int = 4) -> String { String(format: "%.\(digits)f", x) }
print(
  "rmsse \(f(rmsse / Double(scaled))) wql \(f(2 * pinball / demand)) crps9 \(f(2 * crps / demand)) "
    + "cov95 \(f(Double(inside95) / Double(rows), 3)) cov80 \(f(Double(inside80) / Double(rows), 3)) "
    + "bias \(f(error / demand, 3)) mase \(f(mase / Double(scaledA), 3)) cpu/1000 \(f(seconds * 1000 / Double(panel.count), 3))"
)
