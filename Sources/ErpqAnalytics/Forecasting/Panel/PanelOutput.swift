import ErpqBase

extension PanelRun {
  /// Where the results of all series go.
  private struct Sinks: Sendable {
    let mean: SharedBuffer<Double>
    let quantiles: SharedBuffer<Double>
    let totals: SharedBuffer<Double>
    let accuracy: SharedBuffer<Accuracy?>
  }

  /// Writes means, quantiles and totals.
  mutating func write(_ progress: (Int) -> Void) throws {
    let this = self
    var mean = result.mean
    var quantiles = result.quantiles
    var totals = result.totals
    var accuracy = result.accuracy
    try mean.withUnsafeMutableBufferPointer { mean in
      try quantiles.withUnsafeMutableBufferPointer { quantiles in
        try totals.withUnsafeMutableBufferPointer { totals in
          try accuracy.withUnsafeMutableBufferPointer { accuracy in
            let sinks = Sinks(
              mean: SharedBuffer(mean), quantiles: SharedBuffer(quantiles), totals: SharedBuffer(totals),
              accuracy: SharedBuffer(accuracy))
            try withInput { input in
              try Parallel.ranges(panel.count, grain: 16, progress: progress) { range in
                for s in range { this.write(s, input, sinks) }
              }
            }
          }
        }
      }
    }
    (result.mean, result.quantiles, result.totals, result.accuracy) = (mean, quantiles, totals, accuracy)
  }

  private func write(_ s: Int, _ input: SharedInput, _ sinks: Sinks) {
    guard panel.length(s) > begin[s] else { return }
    let q = PanelForecast.probabilities.count
    let mean = sinks.mean.part(s * horizon, horizon)
    let quantiles = sinks.quantiles.part(s * horizon * q, horizon * q)
    let models = candidates(s)
    let share = (0..<models.count).map { weights[s * Self.slots + $0] }
    let work = SeriesWork(self, s, input, models: models, wanted: share.map { $0 > 0 })
    let count = work.origins.count
    // Forecasts of the combination from every origin, the last row from the end of the history.
    var combined = [Double](repeating: 0, count: count * horizon)
    combined.withUnsafeMutableBufferPointer { combined in
      for k in models.indices where share[k] > 0 { work.add(k, weight: share[k] * drift[s], to: combined) }
    }
    let last = (count - 1) * horizon
    for t in 0..<horizon { mean[t] = combined[last + t] }
    if borrowed[s].share > 0 {
      // A young series leans on its category.
      for t in 0..<horizon {
        mean[t] =
          (1 - borrowed[s].share) * mean[t] + borrowed[s].share * borrowed[s].level * work.c[work.y.count + t]
      }
    }
    if counted[s] {
      CountQuantiles.write(
        work.y, work.c, mean: UnsafeBufferPointer(mean), year: panel.frequency.year,
        dispersion: dispersion[s], isWhole: isWhole[s], settings: settings, into: quantiles)
    } else if count == 1 {
      // Too short a history for errors: the spread of counts, or a larger one that others of the kind have.
      for t in 0..<horizon {
        let spread = (Swift.max(dispersion[s], 1) * mean[t]).squareRoot()
        for (i, p) in PanelForecast.probabilities.enumerated() {
          quantiles[t * q + i] = Swift.max(0, mean[t] + Normal.quantile(p) * spread)
        }
      }
    } else {
      ErrorSpread.write(
        work.y, work.c, power: settings.errorPower, wanted: Int(settings.errorPool), paths: combined,
        origins: work.origins, mean: UnsafeBufferPointer(mean), into: quantiles)
    }
    let errors = judged(s, work, combined, sinks.accuracy)
    total(s, errors, UnsafeBufferPointer(mean), into: sinks.totals.part(s * q, q))
  }

  /// The errors of whole horizons in the backtest, ascending; the combination's accuracy goes to `accuracy`.
  private func judged(
    _ s: Int, _ work: SeriesWork, _ combined: [Double], _ accuracy: SharedBuffer<Accuracy?>
  ) -> [Double] {
    let tests = work.origins.count - 1
    guard tests > 0 else { return [] }
    let n = work.y.count
    var sums = AccuracySums()
    var errors: [Double] = []
    var now = 0.0
    for f in combined[(tests * horizon)...] { now += f }
    for i in 0..<tests {
      let o = Int(work.origins[i])
      var total = 0.0
      var expected = 0.0
      for t in o..<Swift.min(n, o + horizon) where work.c[t] > 0 {
        let f = combined[i * horizon + t - o]
        if tellsAccuracy { sums.add(actual: work.y[t], forecast: f) }
        total += work.y[t] - f
        expected += f
      }
      guard o + horizon <= n else { continue }
      guard counted[s] else {
        errors.append(total)
        continue
      }
      // Of counted demand little scatters less than much: errors are put on the scale of today's level.
      let unit = Swift.max(dispersion[s], 1e-9)
      errors.append(total * ((now + unit) / (expected + unit)).squareRoot())
    }
    if tellsAccuracy {
      let before = UnsafeBufferPointer(rebasing: work.y[0..<Int(work.origins[tests - 1])])
      accuracy[s] = sums.accuracy(scale: NaiveScale(before))
    }
    return errors.sorted()
  }

  /// Quantiles of the total: by the errors that totals had, or, where there are hardly any, as if the days were
  /// independent.
  private func total(
    _ s: Int, _ errors: [Double], _ mean: UnsafeBufferPointer<Double>,
    into out: UnsafeMutableBufferPointer<Double>
  ) {
    let sum = Statistics.sum(mean)
    if errors.count >= 4, let q = ErrorQuantiles.of(errors, PanelForecast.probabilities) {
      for i in out.indices { out[i] = Swift.max(0, sum + q[i]) }
    } else {
      let spread = (Swift.max(dispersion[s], 1e-9) * sum).squareRoot()
      for (i, p) in PanelForecast.probabilities.enumerated() {
        out[i] = Swift.max(0, sum + Normal.quantile(p) * spread)
      }
    }
    // A total of whole numbers is one.
    if counted[s], isWhole[s] { for i in out.indices { out[i] = out[i].rounded() } }
    for i in 1..<out.count { out[i] = Swift.max(out[i], out[i - 1]) }
  }
}
