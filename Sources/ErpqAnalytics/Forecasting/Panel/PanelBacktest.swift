import ErpqBase

/// One series' backtest: origins, the candidates' levels and shapes at each, and the paths that follow from them.
struct SeriesWork {
  let y: UnsafeBufferPointer<Double>
  let c: UnsafeBufferPointer<Double>
  let origins: [Int32]
  let horizon: Int
  let models: [LevelModel]
  /// Own and pooled shapes, `origins × horizon` each; empty where no candidate asks for them.
  private(set) var own: [Double] = []
  private(set) var pooled: [Double] = []
  /// Levels of the candidates at the origins, none below zero unless there is a slope, and slopes:
  /// `models × origins`.
  private(set) var levels: [Double] = []
  private(set) var slopes: [Double] = []

  init(_ run: PanelRun, _ s: Int, _ input: SharedInput, models: [LevelModel], wanted: [Bool]? = nil) {
    y = input.history(run, s)
    c = input.exposure(run, s)
    origins = run.origins(y.count)
    horizon = run.horizon
    self.models = models
    for (k, model) in models.enumerated() {
      guard case .annual(_, let isPooled) = model, wanted?[k] ?? true else { continue }
      if isPooled, pooled.isEmpty { pooled = pooledShape(run, s) }
      if !isPooled, own.isEmpty { own = ownShape(run, s) }
    }
    trace(wanted)
  }

  private func ownShape(_ run: PanelRun, _ s: Int) -> [Double] {
    var shape = [Double](repeating: 1, count: origins.count * horizon)
    guard y.count > run.annual.year + 8, run.unit[s] > 0 else { return shape }
    var level = [Double](repeating: 0, count: origins.count)
    shape.withUnsafeMutableBufferPointer { shape in
      level.withUnsafeMutableBufferPointer { level in
        origins.withUnsafeBufferPointer { origins in
          run.annual.sums(
            y, c, origins: origins, horizon: horizon, smooth: true, demand: shape, level: level)
          let unit = run.unit[s] * Double(2 * run.annual.reach + 1)
          for i in origins.indices {
            for h in i * horizon..<(i + 1) * horizon {
              shape[h] =
                (shape[h] * unit + run.settings.annualPrior) / (level[i] * unit + run.settings.annualPrior)
            }
          }
        }
      }
    }
    return shape
  }

  private func pooledShape(_ run: PanelRun, _ s: Int) -> [Double] {
    var shape = [Double](repeating: 1, count: origins.count * horizon)
    guard !run.pool.isEmpty, run.isAligned(origins) || origins.count == 1 else { return shape }
    let most = run.settings.origins + 1
    let width = horizon + 1
    var mine = [Double](repeating: 0, count: origins.count * horizon)
    var level = [Double](repeating: 0, count: origins.count)
    if y.count > run.annual.year + 8, run.unit[s] > 0 {
      mine.withUnsafeMutableBufferPointer { mine in
        level.withUnsafeMutableBufferPointer { level in
          origins.withUnsafeBufferPointer {
            run.annual.sums(
              y, c, origins: $0, horizon: horizon, smooth: false, demand: mine, level: level)
          }
        }
      }
    }
    let prior = run.settings.annualPoolPrior
    for i in origins.indices {
      let row = (run.group[s] * most + origins.count - 1 - i) * width
      let others = run.pool[row + horizon] - level[i] * run.unit[s]
      for h in 0..<horizon {
        let demand = run.pool[row + h] - mine[i * horizon + h] * run.unit[s]
        shape[i * horizon + h] = (Swift.max(0, demand) + prior) / (Swift.max(0, others) + prior)
      }
    }
    return shape
  }

  /// Level of each candidate at each origin, and slope.
  private mutating func trace(_ wanted: [Bool]?) {
    let m = origins.count
    levels = Array(repeating: 0, count: models.count * m)
    slopes = Array(repeating: 0, count: models.count * m)
    let isWanted = models.indices.map { wanted?[$0] ?? true }
    smooth(isWanted)
    for (k, model) in models.enumerated() where isWanted[k] && model.smoothing == nil {
      levels.withUnsafeMutableBufferPointer { levels in
        slopes.withUnsafeMutableBufferPointer { slopes in
          origins.withUnsafeBufferPointer {
            model.trace(
              y, c, origins: $0, levels: UnsafeMutableBufferPointer(rebasing: levels[k * m..<(k + 1) * m]),
              slopes: UnsafeMutableBufferPointer(rebasing: slopes[k * m..<(k + 1) * m]))
          }
        }
      }
    }
    // More returns than sales make no negative demand.
    levels.withUnsafeMutableBufferPointer { levels in
      for (k, model) in models.enumerated() where !model.hasSlope {
        for i in k * m..<(k + 1) * m { levels[i] = Swift.max(0, levels[i]) }
      }
    }
  }

  /// The levels of all candidates by exponential smoothing; several share a parameter.
  private mutating func smooth(_ isWanted: [Bool]) {
    let m = origins.count
    var alphas: [Double] = []
    for (k, model) in models.enumerated() where isWanted[k] {
      if let alpha = model.smoothing, !alphas.contains(alpha) { alphas.append(alpha) }
    }
    var lanes = [SIMD8<Double>](repeating: .zero, count: m)
    for first in stride(from: 0, to: alphas.count, by: 8) {
      let some = alphas[first..<Swift.min(first + 8, alphas.count)]
      var parameters = SIMD8<Double>(repeating: 1)
      for (lane, alpha) in some.enumerated() { parameters[lane] = alpha }
      lanes.withUnsafeMutableBufferPointer { lanes in
        origins.withUnsafeBufferPointer {
          LevelModel.exponentials(parameters, y, c, origins: $0, levels: lanes)
        }
      }
      levels.withUnsafeMutableBufferPointer { levels in
        for (k, model) in models.enumerated() where isWanted[k] {
          guard let alpha = model.smoothing, let lane = some.firstIndex(of: alpha) else { continue }
          for i in 0..<m { levels[k * m + i] = lanes[i][lane - first] }
        }
      }
    }
  }

  /// The shape of a candidate's paths, `origins × horizon`; empty where they are flat.
  private func shape(_ k: Int) -> [Double] {
    if case .annual(_, let isPooled) = models[k] { isPooled ? pooled : own } else { [] }
  }

  /// Adds `weight` times the paths of candidate `k` from every origin, none below zero.
  func add(_ k: Int, weight: Double, to out: UnsafeMutableBufferPointer<Double>) {
    guard let out = out.baseAddress, let c = c.baseAddress else { return }
    let m = origins.count
    let model = models[k]
    shape(k).withUnsafeBufferPointer { shape in
      for i in 0..<m {
        let exposure = c + Int(origins[i])
        let level = levels[k * m + i]
        let row = out + i * horizon
        if model.hasSlope {
          let slope = slopes[k * m + i]
          var growth = 0.0
          var g = 1.0
          for h in 0..<horizon {
            g *= model.phi
            growth += g
            row[h] += weight * (Swift.max(0, level + slope * growth) * exposure[h])
          }
        } else if let shape = shape.isEmpty ? nil : shape.baseAddress {
          let shape = shape + i * horizon
          for h in 0..<horizon { row[h] += weight * (level * shape[h] * exposure[h]) }
        } else {
          for h in 0..<horizon { row[h] += weight * (level * exposure[h]) }
        }
      }
    }
  }
}

extension PanelRun {
  /// Adds up past demand and level of the series of each group, for shapes that they share.
  mutating func shape(_ progress: (Int) -> Void) throws {
    let groups = Swift.max(0, order.bounds.count - 1)
    let most = settings.origins + 1
    let width = horizon + 1
    guard panel.count > 1, groups * most * width < 50_000_000 else { return }
    var pool = [Double](repeating: 0, count: groups * most * width)
    let this = self
    try pool.withUnsafeMutableBufferPointer { pool in
      let pool = SharedBuffer(pool)
      try withInput { input in
        try Parallel.ranges(groups, grain: 1, progress: progress) { range in
          for g in range {
            let part = pool.part(g * most * width, most * width)
            this.shape(g, input, part)
          }
        }
      }
    }
    self.pool = pool
  }

  private func shape(_ g: Int, _ input: SharedInput, _ out: UnsafeMutableBufferPointer<Double>) {
    let width = horizon + 1
    let members = order.order[order.bounds[g]..<order.bounds[g + 1]]
    guard members.count > 1 else { return }
    var demand: [Double] = []
    var level: [Double] = []
    for s in members where unit[s] > 0 {
      let y = input.history(self, s)
      guard y.count > annual.year + 8 else { continue }
      let origins = origins(y.count)
      guard isAligned(origins) else { continue }
      demand = Array(repeating: 0, count: origins.count * horizon)
      level = Array(repeating: 0, count: origins.count)
      demand.withUnsafeMutableBufferPointer { demand in
        level.withUnsafeMutableBufferPointer { level in
          origins.withUnsafeBufferPointer {
            annual.sums(
              y, input.exposure(self, s), origins: $0, horizon: horizon, smooth: false, demand: demand,
              level: level)
          }
        }
      }
      for i in origins.indices {
        let row = (origins.count - 1 - i) * width
        for h in 0..<horizon { out[row + h] += demand[i * horizon + h] * unit[s] }
        out[row + horizon] += level[i] * unit[s]
      }
    }
  }

  /// Runs the backtest of every candidate over every series.
  mutating func judge(_ progress: (Int) -> Void) throws {
    let this = self
    var losses = self.losses
    var sums = self.sums
    var met = self.met
    var evidence = self.evidence
    try losses.withUnsafeMutableBufferPointer { losses in
      try sums.withUnsafeMutableBufferPointer { sums in
        try met.withUnsafeMutableBufferPointer { met in
          try evidence.withUnsafeMutableBufferPointer { evidence in
            let out = (SharedBuffer(losses), SharedBuffer(sums), SharedBuffer(met), SharedBuffer(evidence))
            try withInput { input in
              try Parallel.ranges(panel.count, grain: 16, progress: progress) { range in
                for s in range {
                  this.judge(
                    s, input, out.0.part(s * Self.slots, Self.slots),
                    sums: out.1.part(s * Self.slots, Self.slots), met: out.2, evidence: out.3)
                }
              }
            }
          }
        }
      }
    }
    (self.losses, self.sums, self.met, self.evidence) = (losses, sums, met, evidence)
  }

  private func judge(
    _ s: Int, _ input: SharedInput, _ losses: UnsafeMutableBufferPointer<Double>,
    sums: UnsafeMutableBufferPointer<Double>, met: SharedBuffer<Double>, evidence: SharedBuffer<Double>
  ) {
    guard panel.length(s) - begin[s] >= 4 else { return }
    let work = SeriesWork(self, s, input, models: candidates(s))
    let y = work.y
    let n = y.count
    let tests = work.origins.count - 1
    guard tests > 0 else { return }
    for i in 0..<tests {
      let o = Int(work.origins[i])
      for t in o..<Swift.min(n, o + horizon) { met[s] += y[t] }
    }
    work.judge(totalShare: settings.totalShare) { k, loss, sum in
      losses[k] = logarithm(Swift.max(loss / Double(tests), 1e-300))
      sums[k] = sum
    }
    evidence[s] = Double(n - Int(work.origins[0])) / Double(horizon)
  }
}
