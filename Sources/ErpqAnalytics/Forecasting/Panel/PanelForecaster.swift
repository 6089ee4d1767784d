import ErpqBase

/// The automatic forecast of many series at once.
///
/// Demand is exposure × level: the exposure is what calendar and promotions say of a step
/// (`CalendarEffects`), the level what cheap rules with fixed parameters say (`LevelModel`). Every rule is
/// judged at the horizon by a rolling backtest over the series itself, helped by how the rules fared on the
/// other series of the same class, and the best are averaged. Quantiles come from the series' own past
/// values where demand is counted, and from backtest errors where it is continuous.
public enum PanelForecaster {
  /// Forecasts every series; the result does not depend on how many cores there are.
  ///
  /// Nothing after a series' own last value informs its forecast: what it learns from others comes from
  /// series that end no later.
  /// - Throws: `Cancellation.Interrupted`.
  public static func forecast(
    _ panel: SeriesPanel, horizon: Int, settings: PanelSettings = PanelSettings(),
    progress: ((_ done: Int, _ of: Int) -> Void)? = nil
  ) throws -> PanelForecast {
    let h = Swift.max(0, Swift.min(Forecaster.longestHorizon, horizon))
    var run = PanelRun(panel, horizon: h, settings: settings)
    guard h > 0, panel.count > 0 else { return run.result }
    let total = panel.count * 2
    try run.judge { progress?($0, total) }
    run.weigh()
    try run.write { progress?(panel.count + $0, total) }
    return run.result
  }
}

/// The stages of one run over a panel.
struct PanelRun {
  let panel: SeriesPanel
  let horizon: Int
  let settings: PanelSettings
  let effects: CalendarEffects
  let order: PanelOrder
  var result: PanelForecast
  /// First value other than 0 of each series, its length if there is none.
  var begin: [Int]
  var counted: [Bool]
  /// Logarithm of each candidate's loss, `count × candidates`; NaN where none is known.
  var losses: [Double]
  var evidence: [Double]
  var weights: [Double]

  static let slots = 24

  init(_ panel: SeriesPanel, horizon: Int, settings: PanelSettings) {
    self.panel = panel
    self.horizon = horizon
    self.settings = settings
    let n = panel.count
    effects = CalendarEffects(panel, horizon: horizon, settings: settings.effects)
    order = PanelOrder(panel)
    result = PanelForecast(count: n, horizon: horizon)
    begin = Array(repeating: 0, count: n)
    counted = Array(repeating: false, count: n)
    losses = Array(repeating: .nan, count: n * Self.slots)
    evidence = Array(repeating: 0, count: n)
    weights = Array(repeating: 0, count: n * Self.slots)
    panel.values.withUnsafeBufferPointer { values in
      for s in 0..<n {
        let y = UnsafeBufferPointer(rebasing: values[panel.offsets[s]..<panel.offsets[s + 1]])
        let first = y.firstIndex { $0 != 0 } ?? y.count
        begin[s] = first
        let own = UnsafeBufferPointer(rebasing: y[first...])
        result.classes[s] = DemandClass(own)
        counted[s] = Self.isCounted(own)
      }
    }
  }

  /// Whether demand is counted: zeros are common, or it comes in a few whole units.
  static func isCounted(_ y: UnsafeBufferPointer<Double>) -> Bool {
    var zeros = 0
    for v in y where v == 0 { zeros += 1 }
    return Double(zeros) >= 0.05 * Double(y.count)
  }

  /// The candidates for a kind of demand.
  static func candidates(counted: Bool, year: Double) -> [LevelModel] {
    if counted {
      return [
        .exponential(alpha: 0.01), .exponential(alpha: 0.02), .exponential(alpha: 0.04),
        .exponential(alpha: 0.08), .exponential(alpha: 0.15), .exponential(alpha: 0.3),
        .window(Int(year)), .window(1_000_000), .tsb(chance: 0.05, size: 0.05), .sba(alpha: 0.1),
      ]
    }
    return [
      .exponential(alpha: 0.03), .exponential(alpha: 0.1), .exponential(alpha: 0.25),
      .exponential(alpha: 0.5), .exponential(alpha: 0.8), .exponential(alpha: 1),
      .theta(alpha: 0.1), .theta(alpha: 0.3), .theta(alpha: 0.6), .theta(alpha: 0.9),
      .damped(alpha: 0.2, beta: 0.05, phi: 0.95), .damped(alpha: 0.5, beta: 0.1, phi: 0.95),
      .damped(alpha: 0.9, beta: 0.1, phi: 0.95), .damped(alpha: 1, beta: 0.2, phi: 0.9),
      .damped(alpha: 0.9, beta: 0.5, phi: 0.8),
    ]
  }

  /// Where the backtest cuts a history of `n` values, ascending, then `n` itself.
  func origins(_ n: Int) -> [Int32] {
    let least = Swift.max(2, Swift.min(2 * panel.frequency.season, n / 2))
    var out: [Int32] = []
    let shortest = n - least > horizon ? horizon : Swift.max(1, (n - least) / 2)
    let room = n - shortest - least
    let stride = Swift.max(1, Swift.min(Swift.max(1, horizon / 4), Swift.max(1, room / 8)))
    var cut = n - shortest
    while cut >= least, out.count < settings.origins {
      out.append(Int32(cut))
      cut -= stride
    }
    out.reverse()
    out.append(Int32(n))
    return out
  }

  /// Runs the backtest of every candidate over every series.
  mutating func judge(_ progress: (Int) -> Void) throws {
    let this = self
    try losses.withUnsafeMutableBufferPointer { losses in
      try evidence.withUnsafeMutableBufferPointer { evidence in
        let losses = SharedBuffer(losses)
        let evidence = SharedBuffer(evidence)
        try panel.values.withUnsafeBufferPointer { values in
          try effects.exposure.withUnsafeBufferPointer { exposure in
            let shared = SharedInput(values: values, exposure: exposure)
            try Parallel.ranges(panel.count, grain: 16, progress: progress) { range in
              for s in range {
                evidence[s] = this.judge(s, shared, losses.part(s * Self.slots, Self.slots))
              }
            }
          }
        }
      }
    }
  }

  private func judge(
    _ s: Int, _ input: SharedInput, _ out: UnsafeMutableBufferPointer<Double>
  ) -> Double {
    let y = input.history(panel, s, from: begin[s])
    let c = input.exposure(panel, s, from: begin[s], horizon: horizon)
    let n = y.count
    guard n >= 4 else { return 0 }
    let origins = origins(n)
    let tests = origins.count - 1
    guard tests > 0 else { return 0 }
    let models = Self.candidates(counted: counted[s], year: panel.frequency.year)
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * origins.count) { scratch in
      let levels = UnsafeMutableBufferPointer(rebasing: scratch[0..<origins.count])
      let slopes = UnsafeMutableBufferPointer(rebasing: scratch[origins.count...])
      return origins.withUnsafeBufferPointer { origins in
        for (k, model) in models.enumerated() {
          slopes.initialize(repeating: 0)
          model.trace(y, c, origins: origins, levels: levels, slopes: slopes)
          var loss = 0.0
          for i in 0..<tests {
            let o = Int(origins[i])
            let known = Swift.min(horizon, n - o)
            var squares = 0.0
            var total = 0.0
            var growth = 0.0
            var g = 1.0
            let phi = model.phi
            for t in 0..<known {
              g *= phi
              growth += g
              let e = y[o + t] - (levels[i] + slopes[i] * growth) * c[o + t]
              squares += e * e
              total += e
            }
            loss +=
              (1 - settings.totalShare) * squares / Double(known) + settings.totalShare * total * total
              / Double(known)
          }
          out[k] = logarithm(Swift.max(loss / Double(tests), 1e-300))
        }
        return Double(n - Int(origins[0])) / Double(horizon)
      }
    }
  }

  /// Turns losses into weights, a series' own experience helped by that of others.
  mutating func weigh() {
    let slots = Self.slots
    let keys = DemandClass.allCases.count * 2
    var pool = [Double](repeating: 0, count: keys * slots)
    var known = [Double](repeating: 0, count: keys)
    func key(_ s: Int) -> Int {
      let c = DemandClass.allCases.firstIndex(of: result.classes[s]) ?? 0
      return c * 2 + (counted[s] ? 1 : 0)
    }
    var scratch = [Double](repeating: 0, count: slots)
    order.forEachGroup { members in
      for s in members where evidence[s] > 0 {
        let width = Self.candidates(counted: counted[s], year: panel.frequency.year).count
        var centre = 0.0
        for k in 0..<width { centre += losses[s * slots + k] }
        centre /= Double(width)
        let into = key(s)
        for k in 0..<width {
          losses[s * slots + k] -= centre
          pool[into * slots + k] += losses[s * slots + k]
        }
        known[into] += 1
      }
      for s in members {
        let models = Self.candidates(counted: counted[s], year: panel.frequency.year)
        let width = models.count
        let from = key(s)
        let m = evidence[s]
        let others = known[from] > 0 ? settings.pooledEvidence : 0
        guard m + others > 0 else {
          weights[s * slots] = 1
          continue
        }
        var best = Double.infinity
        for k in 0..<width {
          let own = m > 0 ? losses[s * slots + k] : 0
          let theirs = known[from] > 0 ? pool[from * slots + k] / known[from] : 0
          scratch[k] = (m * own + others * theirs) / (m + others)
          best = Swift.min(best, scratch[k])
        }
        var sum = 0.0
        for k in 0..<width {
          scratch[k] = exponential((best - scratch[k]) / settings.temperature)
          if scratch[k] < 0.02 { scratch[k] = 0 }
          sum += scratch[k]
        }
        for k in 0..<width { weights[s * slots + k] = scratch[k] / sum }
        result.parts[s] = (0..<width).filter { scratch[$0] > 0 }.map {
          ForecastPart(method: "\(models[$0])", weight: scratch[$0] / sum)
        }.sorted { $0.weight > $1.weight }
      }
    }
  }

  /// Writes means and quantiles.
  mutating func write(_ progress: (Int) -> Void) throws {
    let this = self
    let q = PanelForecast.probabilities.count
    var mean = result.mean
    var quantiles = result.quantiles
    try mean.withUnsafeMutableBufferPointer { mean in
      try quantiles.withUnsafeMutableBufferPointer { quantiles in
        let mean = SharedBuffer(mean)
        let quantiles = SharedBuffer(quantiles)
        try panel.values.withUnsafeBufferPointer { values in
          try effects.exposure.withUnsafeBufferPointer { exposure in
            let shared = SharedInput(values: values, exposure: exposure)
            let h = horizon
            try Parallel.ranges(panel.count, grain: 16, progress: progress) { range in
              for s in range {
                this.write(s, shared, mean.part(s * h, h), quantiles.part(s * h * q, h * q))
              }
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
    let y = input.history(panel, s, from: begin[s])
    let c = input.exposure(panel, s, from: begin[s], horizon: horizon)
    let n = y.count
    guard n > 0 else { return }
    let origins = n >= 4 && !counted[s] ? origins(n) : [Int32(n)]
    let models = Self.candidates(counted: counted[s], year: panel.frequency.year)
    let h = horizon
    // Forecasts of the combination from every origin, the last row from the end of the history.
    var paths = [Double](repeating: 0, count: origins.count * h)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * origins.count) { scratch in
      let levels = UnsafeMutableBufferPointer(rebasing: scratch[0..<origins.count])
      let slopes = UnsafeMutableBufferPointer(rebasing: scratch[origins.count...])
      origins.withUnsafeBufferPointer { origins in
        paths.withUnsafeMutableBufferPointer { paths in
          for (k, model) in models.enumerated() {
            let w = weights[s * Self.slots + k]
            guard w > 0 else { continue }
            slopes.initialize(repeating: 0)
            model.trace(y, c, origins: origins, levels: levels, slopes: slopes)
            for i in 0..<origins.count {
              let o = Int(origins[i])
              var growth = 0.0
              var g = 1.0
              for t in 0..<h {
                g *= model.phi
                growth += g
                paths[i * h + t] += w * Swift.max(0, levels[i] + slopes[i] * growth) * c[o + t]
              }
            }
          }
        }
      }
    }
    let last = (origins.count - 1) * h
    for t in 0..<h { mean[t] = paths[last + t] }
    if counted[s] {
      CountQuantiles.write(
        y, c, mean: UnsafeBufferPointer(mean), year: panel.frequency.year, settings: settings,
        into: quantiles)
    } else {
      ErrorSpread.write(
        y, paths: paths, origins: origins, mean: UnsafeBufferPointer(mean), into: quantiles)
    }
  }
}

/// The flat inputs of a run, read by all threads.
struct SharedInput: @unchecked Sendable {
  let values: UnsafeBufferPointer<Double>
  let exposure: UnsafeBufferPointer<Double>

  @inline(__always)
  func history(_ panel: SeriesPanel, _ s: Int, from: Int) -> UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(rebasing: values[panel.offsets[s] + from..<panel.offsets[s + 1]])
  }

  @inline(__always)
  func exposure(
    _ panel: SeriesPanel, _ s: Int, from: Int, horizon: Int
  ) -> UnsafeBufferPointer<Double> {
    let base = panel.offsets[s] + s * horizon
    return UnsafeBufferPointer(rebasing: exposure[base + from..<base + panel.length(s) + horizon])
  }
}
