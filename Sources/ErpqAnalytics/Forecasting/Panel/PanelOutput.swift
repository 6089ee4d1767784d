import ErpqBase

extension PanelRun {
  /// Writes means and quantiles.
  mutating func write(_ progress: (Int) -> Void) throws {
    let this = self
    let q = PanelForecast.probabilities.count
    var mean = result.mean
    var quantiles = result.quantiles
    let h = horizon
    try mean.withUnsafeMutableBufferPointer { mean in
      try quantiles.withUnsafeMutableBufferPointer { quantiles in
        let mean = SharedBuffer(mean)
        let quantiles = SharedBuffer(quantiles)
        try withInput { input in
          try Parallel.ranges(panel.count, grain: 16, progress: progress) { range in
            for s in range {
              this.write(s, input, mean.part(s * h, h), quantiles.part(s * h * q, h * q))
            }
          }
        }
      }
    }
    result.mean = mean
    result.quantiles = quantiles
  }

  private func write(
    _ s: Int, _ input: SharedInput, _ mean: UnsafeMutableBufferPointer<Double>,
    _ quantiles: UnsafeMutableBufferPointer<Double>
  ) {
    guard panel.length(s) > begin[s] else { return }
    let models = candidates(s)
    let share = (0..<models.count).map { weights[s * Self.slots + $0] }
    let work = SeriesWork(self, s, input, models: models, wanted: share.map { $0 > 0 })
    let count = work.origins.count
    // Forecasts of the combination from every origin, the last row from the end of the history.
    var combined = [Double](repeating: 0, count: count * horizon)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count * (horizon + 2)) { scratch in
      let paths = UnsafeMutableBufferPointer(rebasing: scratch[(2 * count)...])
      combined.withUnsafeMutableBufferPointer { combined in
        for k in models.indices where share[k] > 0 {
          work.paths(k, scratch: scratch, into: paths)
          let w = share[k] * drift[s]
          for i in 0..<count * horizon { combined[i] += w * paths[i] }
        }
      }
    }
    let last = (count - 1) * horizon
    for t in 0..<horizon { mean[t] = combined[last + t] }
    if counted[s] {
      CountQuantiles.write(
        work.y, work.c, mean: UnsafeBufferPointer(mean), year: panel.frequency.year, dispersion: dispersion[s],
        isWhole: isWhole[s], settings: settings, into: quantiles)
    } else {
      ErrorSpread.write(
        work.y, work.c, power: settings.errorPower, wanted: Int(settings.errorPool), paths: combined, origins: work.origins, mean: UnsafeBufferPointer(mean), into: quantiles)
    }
  }
}
