// Times the quadratic regression over many products: fit, forecast of 90 days, interval, totals of 7, 30 and 90
// days, errors. Usage: erpq-bench-company MATRIX PRODUCTS DAYS     (MATRIX: raw little-endian doubles, a row a product)
import ErpqAnalytics
import ErpqBase
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

let arguments = CommandLine.arguments
guard arguments.count == 4, let products = Int(arguments[2]), let days = Int(arguments[3]),
  let data = FileManager.default.contents(atPath: arguments[1]), data.count == products * days * 8
else {
  FileHandle.standardError.write(Data("usage: erpq-bench-company MATRIX PRODUCTS DAYS\n".utf8))
  exit(2)
}
let values = data.withUnsafeBytes { raw in
  (0..<products * days).map {
    Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)))
  }
}
let matrix = DailyMatrix(
  window: DayWindow(last: CivilDate(day: 20_269), count: days), rows: products, values: values)
var times: [Double] = []
var sum = 0.0
for _ in 0..<21 {
  let start = cpuSeconds()
  let batch = try Poly2Batch(matrix)
  let means = batch.means(horizon: 90)
  let (low, high) = batch.interval(means: means, horizon: 90)
  for days in [7, 30, 90] { sum += batch.totals(days: days).reduce(0, +) }
  sum += low[low.count - 1] + high[high.count - 1]
  times.append(cpuSeconds() - start)
}
times.sort()
// The sum keeps the work from being optimised away.
print(String(format: "%.6f", times[times.count / 2]), sum.isFinite ? "" : "not finite")
