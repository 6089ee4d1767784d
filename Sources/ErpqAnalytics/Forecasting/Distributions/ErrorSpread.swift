/// Quantiles about an expected path from the errors that the same combination made in the backtest.
enum ErrorSpread {
  static func write(
    _ y: UnsafeBufferPointer<Double>, _ c: UnsafeBufferPointer<Double>, power scale: Double, wanted: Int,
    paths: [Double], origins: [Int32], mean: UnsafeBufferPointer<Double>,
    into out: UnsafeMutableBufferPointer<Double>
  ) {
    let h = mean.count
    let probabilities = PanelForecast.probabilities
    let q = probabilities.count
    let n = y.count
    let tests = origins.count - 1
    var pool: [Double] = []
    // A busy day errs by more than a quiet one.
    let factor = c.map { $0 > 0.02 ? power($0, scale) : 0 }
    for step in 0..<h {
      pool.removeAll(keepingCapacity: true)
      var reach = 0
      while reach < h {
        for side in reach == 0 ? [0] : [-reach, reach] {
          let t = step + side
          guard t >= 0, t < h else { continue }
          for i in 0..<tests where Int(origins[i]) + t < n {
            let at = Int(origins[i]) + t
            if factor[at] > 0 { pool.append((y[at] - paths[i * h + t]) / factor[at]) }
          }
        }
        if pool.count >= wanted { break }
        reach += 1
      }
      pool.sort()
      let row = UnsafeMutableBufferPointer(rebasing: out[step * q..<(step + 1) * q])
      let values = ErrorQuantiles.of(pool, probabilities) ?? Array(repeating: 0, count: q)
      for i in 0..<q { row[i] = Swift.max(0, mean[step] + values[i] * factor[n + step]) }
    }
  }
}
