import ErpqBase

/// Buffers of one series' backtest: origins, and the paths of one candidate from each.
struct SeriesWork {
  let y: UnsafeBufferPointer<Double>
  let c: UnsafeBufferPointer<Double>
  let origins: [Int32]
  let horizon: Int
  let models: [LevelModel]
  /// Own and pooled shapes, `origins × horizon` each; empty where no candidate asks for them.
  var own: [Double] = []
  var pooled: [Double] = []

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

  /// Writes the paths of candidate `k` from every origin, none below zero.
  ///
  /// - Parameter scratch: twice as many values as origins.
  func paths(
    _ k: Int, scratch: UnsafeMutableBufferPointer<Double>, into out: UnsafeMutableBufferPointer<Double>
  ) {
    let model = models[k]
    let m = origins.count
    let levels = UnsafeMutableBufferPointer(rebasing: scratch[0..<m])
    let slopes = UnsafeMutableBufferPointer(rebasing: scratch[m..<2 * m])
    slopes.update(repeating: 0)
    origins.withUnsafeBufferPointer { model.trace(y, c, origins: $0, levels: levels, slopes: slopes) }
    // More returns than sales make no negative demand.
    if !model.hasSlope { for i in 0..<m { levels[i] = Swift.max(0, levels[i]) } }
    if case .annual(_, let isPooled) = model {
      (isPooled ? pooled : own).withUnsafeBufferPointer { shape in
        for i in 0..<m {
          let o = Int(origins[i])
          for h in 0..<horizon { out[i * horizon + h] = levels[i] * shape[i * horizon + h] * c[o + h] }
        }
      }
      return
    }
    let phi = model.phi
    for i in 0..<m {
      let o = Int(origins[i])
      if model.hasSlope {
        var growth = 0.0
        var g = 1.0
        for h in 0..<horizon {
          g *= phi
          growth += g
          out[i * horizon + h] = Swift.max(0, levels[i] + slopes[i] * growth) * c[o + h]
        }
      } else {
        for h in 0..<horizon { out[i * horizon + h] = levels[i] * c[o + h] }
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
    let size = work.origins.count * (horizon + 2)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { scratch in
      let paths = UnsafeMutableBufferPointer(rebasing: scratch[(2 * work.origins.count)...])
      for k in work.models.indices {
        work.paths(k, scratch: scratch, into: paths)
        var loss = 0.0
        var sum = 0.0
        for i in 0..<tests {
          let o = Int(work.origins[i])
          let known = Swift.min(horizon, n - o)
          var squares = 0.0
          var total = 0.0
          for t in 0..<known {
            let f = paths[i * horizon + t]
            let e = y[o + t] - f
            sum += f
            squares += e * e
            total += e
          }
          loss +=
            ((1 - settings.totalShare) * squares + settings.totalShare * total * total) / Double(known)
        }
        losses[k] = logarithm(Swift.max(loss / Double(tests), 1e-300))
        sums[k] = sum
      }
    }
    evidence[s] = Double(n - Int(work.origins[0])) / Double(horizon)
  }
}
