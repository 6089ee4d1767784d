import ErpqFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// Usage: erpq-bench-read FILE [RUNS]. Prints `operation,rows,cpu_seconds`, the median of the runs, after one
// run that is not counted.

func cpuSeconds() -> Double {
  var usage = rusage()
  // 0 is RUSAGE_SELF, whose Swift type differs between platforms.
  getrusage(0, &usage)
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
  return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

guard CommandLine.arguments.count > 1 else {
  print("usage: erpq-bench-read FILE [RUNS]")
  exit(2)
}
let path = CommandLine.arguments[1]
let runs = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 5 : 5
do {
  let reader = FileReader()
  var rows = try reader.readTable(path: path).table.rowCount
  var times: [Double] = []
  for _ in 0..<max(1, runs) {
    let start = cpuSeconds()
    rows = try reader.readTable(path: path).table.rowCount
    times.append(cpuSeconds() - start)
  }
  times.sort()
  let median = (times[times.count / 2] * 1000).rounded() / 1000
  print("erpq readTable,\(rows),\(median)")
} catch {
  print(error)
  exit(1)
}
