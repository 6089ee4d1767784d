extension PanelRun {
  /// Turns losses into weights, a series' own experience helped by that of others, and tells by how much
  /// past forecasts of its kind fell short or went too far.
  mutating func weigh() {
    let slots = Self.slots
    let kinds = DemandClass.allCases.count * 2
    var pool = [Double](repeating: 0, count: kinds * slots)
    var known = [Double](repeating: 0, count: kinds)
    var past = [Double](repeating: 0, count: kinds * 2)
    var scratch = [Double](repeating: 0, count: slots)
    // Logarithms of dispersions, and the number of series that have one.
    var spread = [Double](repeating: 0, count: kinds * 2)
    for members in order.groups {
      for s in members where evidence[s] > 0 {
        let width = candidates(s).count
        var centre = 0.0
        for k in 0..<width { centre += losses[s * slots + k] }
        centre /= Double(width)
        let into = kind(s)
        // One series that a candidate fits all but exactly, one long dead for instance, says no more than others.
        var least = Double.infinity
        for k in 0..<width {
          losses[s * slots + k] -= centre
          least = Swift.min(least, losses[s * slots + k])
        }
        let most = counted[s] ? 1.0 : 4.0
        var mean = 0.0
        for k in 0..<width { mean += Swift.min(most, losses[s * slots + k] - least) / Double(width) }
        for k in 0..<width {
          pool[into * slots + k] += Swift.min(most, losses[s * slots + k] - least) - mean
        }
        known[into] += 1
      }
      for s in members { weigh(s, pool, known, &scratch) }
      if !panel.category.isEmpty { borrow(members) }
      for s in members where unit[s] > 0 {
        let n = Double(panel.length(s) - begin[s])
        spread[kind(s) * 2] += n * logarithm(1 / unit[s])
        spread[kind(s) * 2 + 1] += n
      }
      for s in members {
        let k = kind(s) * 2
        let n = unit[s] > 0 ? Double(panel.length(s) - begin[s]) : 0
        let own = n > 0 ? n * logarithm(1 / unit[s]) : 0
        let others = spread[k + 1] > n ? (spread[k] - own) / (spread[k + 1] - n) : 0
        dispersion[s] = exponential((own + settings.spreadPrior * others) / (n + settings.spreadPrior))
      }
      // The drift is that of the series that end together: another moment has another one.
      past = Array(repeating: 0, count: kinds * 2)
      for s in members where evidence[s] > 0 {
        let width = candidates(s).count
        var forecast = 0.0
        for k in 0..<width { forecast += weights[s * slots + k] * sums[s * slots + k] }
        past[kind(s) * 2] += met[s] * unit[s]
        past[kind(s) * 2 + 1] += forecast * unit[s]
      }
      for s in members {
        let k = kind(s) * 2
        let ratio = (past[k] + settings.driftPrior) / (past[k + 1] + settings.driftPrior)
        // Over less than a year a drift cannot be told from a season.
        let share = settings.driftShare * Swift.min(1, Double(horizon) / panel.frequency.year)
        drift[s] = counted[s] ? power(Swift.max(0.5, Swift.min(2, ratio)), share) : 1
      }
    }
  }

  /// Gives young series the level of their category: the mean demand a step of its older members over the last
  /// season or four.
  private mutating func borrow(_ members: ArraySlice<Int>) {
    let young = 4 * panel.frequency.season
    var level: [Int32: (sum: Double, count: Double)] = [:]
    for s in members where panel.length(s) - begin[s] > young {
      let end = panel.offsets[s + 1]
      var sum = 0.0
      for t in end - young..<end { sum += panel.values[t] }
      let before = level[panel.category[s]] ?? (0, 0)
      level[panel.category[s]] = (before.sum + sum / Double(young), before.count + 1)
    }
    for s in members {
      let n = panel.length(s) - begin[s]
      guard n > 0, n <= young, let known = level[panel.category[s]], known.count > 0 else { continue }
      borrowed[s] = (known.sum / known.count, settings.categoryPrior / (settings.categoryPrior + Double(n)))
    }
  }

  /// Which series share their experience.
  private func kind(_ s: Int) -> Int {
    let c = DemandClass.allCases.firstIndex(of: result.classes[s]) ?? 0
    return c * 2 + (counted[s] ? 1 : 0)
  }

  private mutating func weigh(
    _ s: Int, _ pool: [Double], _ known: [Double], _ scratch: inout [Double]
  ) {
    let slots = Self.slots
    let models = candidates(s)
    let width = models.count
    let from = kind(s)
    let m = evidence[s]
    let others = known[from] > 0 ? settings.pooledEvidence : 0
    guard m + others > 0 else {
      // Nothing to judge by: the mean of all there is.
      let mean = models.firstIndex { if case .window = $0 { true } else { false } } ?? 0
      weights[s * slots + mean] = 1
      let name = result.classes[s] == .none ? "zero" : models[mean].name
      result.parts[s] = [ForecastPart(method: name, weight: 1)]
      return
    }
    var best = Double.infinity
    for k in 0..<width {
      let own = m > 0 ? losses[s * slots + k] : 0
      let theirs = known[from] > 0 ? pool[from * slots + k] / known[from] : 0
      scratch[k] = (m * own + others * theirs) / (m + others)
      best = Swift.min(best, scratch[k])
    }
    var sum = 0.0
    let combined = scratch
    let temperature = counted[s] ? settings.countedTemperature : settings.temperature
    for k in 0..<width {
      scratch[k] =
        settings.only >= 0
        ? (k == Int(settings.only) ? 1 : 0) : exponential((best - scratch[k]) / temperature)
      if scratch[k] < 0.02 { scratch[k] = 0 }
      sum += scratch[k]
    }
    for k in 0..<width { weights[s * slots + k] = scratch[k] / sum }
    // Candidates of one method with different parameters are one part.
    var parts: [ForecastPart] = []
    for k in 0..<width where scratch[k] > 0 {
      if let i = parts.firstIndex(where: { $0.method == models[k].name }) {
        parts[i].weight += scratch[k] / sum
        parts[i].error = Swift.min(parts[i].error ?? .infinity, exponential((combined[k] - best) / 2))
      } else {
        parts.append(
          ForecastPart(
            method: models[k].name, weight: scratch[k] / sum, error: exponential((combined[k] - best) / 2)))
      }
    }
    result.parts[s] = parts.sorted { ($0.weight, $1.method) > ($1.weight, $0.method) }
  }
}
