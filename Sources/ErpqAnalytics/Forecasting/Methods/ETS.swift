/// Exponential smoothing with a level, perhaps a trend and a season: the family of state space models of
/// Hyndman, Koehler, Ord & Snyder, *Forecasting with Exponential Smoothing* (2008), without multiplicative
/// trends. A fit minimises the negative log likelihood over smoothing parameters and initial states.
struct ETS: Hashable, Sendable {
  enum Component: Hashable, Sendable {
    case none, additive, multiplicative
  }

  var error = Component.additive
  var hasTrend = false
  var isDamped = false
  var season = Component.none
  var period = 1

  /// The model in the literature's letters: `ETS(A,Ad,N)`.
  var name: String {
    func letter(_ c: Component) -> String { c == .none ? "N" : c == .additive ? "A" : "M" }
    return "ETS(\(letter(error)),\(hasTrend ? isDamped ? "Ad" : "A" : "N"),\(letter(season)))"
  }

  /// What a model is with numbers in it.
  struct Fit: Sendable {
    var model: ETS
    var alpha: Double
    var beta = 0.0
    var gamma = 0.0
    var phi = 1.0
    /// Level, slope, then the season of the first `period` values, before the first value.
    var start: [Double]
    /// n·ln Σe², plus 2·Σ ln|f| for multiplicative errors: −2 ln L up to a constant.
    var likelihood = Double.infinity
    /// Akaike's criterion, corrected for small samples.
    var aicc = Double.infinity
  }

  /// The numbers that a fit looks for.
  private var parameters: Int { 1 + (hasTrend ? 1 : 0) + (isDamped ? 1 : 0) + (season == .none ? 0 : 1) }
  private var states: Int { 1 + (hasTrend ? 1 : 0) + (season == .none ? 0 : period - 1) }

  /// Longest season whose initial states are fitted; those of longer ones are taken from a decomposition.
  private static let fittedSeason = 13

  /// The model with the least AICc of those that suit the history; nil where it is too short for any.
  static func best(_ y: UnsafeBufferPointer<Double>, period: Int) -> Fit? {
    var positive = true
    for v in y where v <= 0 { positive = false }
    var best: Fit?
    for error in [Component.additive, .multiplicative] where positive || error == .additive {
      for (trend, damped) in [(false, false), (true, true), (true, false)] {
        for season in [Component.none, .additive, .multiplicative] {
          if season == .multiplicative, error == .additive || !positive { continue }
          if season != .none, period < 2 || y.count <= 2 * period { continue }
          let model = ETS(
            error: error, hasTrend: trend, isDamped: damped, season: season,
            period: season == .none ? 1 : period)
          if let fit = model.fit(y), fit.aicc < best?.aicc ?? .infinity { best = fit }
        }
      }
    }
    return best
  }

  /// Fits this model; nil where the history is too short for it.
  func fit(_ y: UnsafeBufferPointer<Double>) -> Fit? {
    let count = parameters + states
    guard y.count > count + 4, season == .none || y.count >= 2 * period else { return nil }
    let start = initialStates(y)
    let fitsSeason = season != .none && period <= ETS.fittedSeason
    var point = [season == .none ? 0.2 : 0.1 + 0.4 / Double(period)]
    var steps = [0.2]
    var lower = [1e-4]
    var upper = [0.9999]
    func add(_ x: Double, _ step: Double, _ low: Double, _ high: Double) {
      point.append(x)
      steps.append(step)
      lower.append(low)
      upper.append(high)
    }
    if hasTrend { add(0.02, 0.05, 1e-4, 0.9999) }
    if season != .none { add(0.05, 0.1, 1e-4, 0.9999) }
    if isDamped { add(0.95, -0.05, 0.8, 0.98) }
    let scale = Swift.max(Statistics.moments(y, .population).deviation, 1e-9)
    add(start[0], 0.3 * scale, -1e100, 1e100)
    if hasTrend { add(start[1], 0.05 * scale, -1e100, 1e100) }
    if fitsSeason {
      for k in 0..<period - 1 {
        add(start[2 + k], season == .additive ? 0.2 * scale : 0.05, -1e100, 1e100)
      }
    }
    var state = start
    var scratch = [Double](repeating: 0, count: 2 + period)
    // The search restarts from where it ended: a simplex shrinks too early in many dimensions.
    var best = (point: point, value: Double.infinity)
    for round in 0..<3 {
      let found = NelderMead.minimize(
        start: round == 0 ? point : best.point, steps: steps.map { $0 / Double(1 << round) }, lower: lower,
        upper: upper, evaluations: 200 * point.count, tolerance: 1e-9
      ) { p in
        objective(y, p, fitsSeason, &state, &scratch)
      }
      let gain = best.value - found.value
      if found.value < best.value { best = found }
      if !(gain > 1e-6 * (found.value.magnitude + 1)) { break }
    }
    guard best.value.isFinite else { return nil }
    return best.point.withUnsafeBufferPointer { p in
      unpack(p, fitsSeason, &state)
      var fit = Fit(model: self, alpha: p[0], start: state)
      var k = 1
      if hasTrend { (fit.beta, k) = (p[k], k + 1) }
      if season != .none { (fit.gamma, k) = (p[k], k + 1) }
      if isDamped { (fit.phi, k) = (p[k], k + 1) }
      fit.likelihood = best.value
      let n = Double(y.count)
      let used = Double(count + 1)
      fit.aicc = best.value + 2 * used + (n > used + 1 ? 2 * used * (used + 1) / (n - used - 1) : .infinity)
      return fit
    }
  }

  /// Level, slope and season that a search starts from: a decomposition, and a line through the first values
  /// without their season.
  private func initialStates(_ y: UnsafeBufferPointer<Double>) -> [Double] {
    var index = Season.none
    if season != .none {
      index = Decomposition.season(y, period: period, isMultiplicative: season == .multiplicative)
    }
    let first = Swift.min(y.count, Swift.max(10, 2 * period))
    let x = (0..<first).map { index.removed(y[$0], at: $0) }
    var level = Statistics.mean(x)
    var slope = 0.0
    if hasTrend {
      let n = Double(first)
      var top = 0.0
      for t in 0..<first { top += (Double(t) - (n - 1) / 2) * x[t] }
      slope = top / (n * (n * n - 1) / 12)
      level -= slope * (n + 1) / 2
    }
    let filler = season == .multiplicative ? 1.0 : 0
    let seasonal = index.index.isEmpty ? [Double](repeating: filler, count: period) : index.index
    return [level, slope] + seasonal
  }

  /// Level, slope and season from a point of the search; the last season makes the others' mean neutral.
  private func unpack(_ p: UnsafeBufferPointer<Double>, _ fitsSeason: Bool, _ state: inout [Double]) {
    var k = parameters
    state[0] = p[k]
    k += 1
    if hasTrend {
      state[1] = p[k]
      k += 1
    }
    guard fitsSeason else { return }
    var sum = 0.0
    for j in 0..<period - 1 {
      state[2 + j] = p[k + j]
      sum += p[k + j]
    }
    state[1 + period] = (season == .multiplicative ? Double(period) : 0) - sum
  }

  private func objective(
    _ y: UnsafeBufferPointer<Double>, _ p: UnsafeBufferPointer<Double>, _ fitsSeason: Bool,
    _ state: inout [Double], _ scratch: inout [Double]
  ) -> Double {
    let alpha = p[0]
    var k = 1
    var beta = 0.0
    var gamma = 0.0
    var phi = 1.0
    if hasTrend { (beta, k) = (p[k], k + 1) }
    if season != .none { (gamma, k) = (p[k], k + 1) }
    if isDamped { phi = p[k] }
    // The usual region: each smoothing parameter leaves room for the next.
    guard beta <= alpha, gamma <= 1 - alpha else { return .infinity }
    unpack(p, fitsSeason, &state)
    for i in state.indices { scratch[i] = state[i] }
    return scratch.withUnsafeMutableBufferPointer {
      run(y, alpha: alpha, beta: beta, gamma: gamma, phi: phi, state: $0)
    }
  }

  /// Runs the model over a history. `state` holds level, slope and a ring of seasons, and is moved on.
  ///
  /// - Returns: n·ln Σe² (+ 2·Σ ln|f| for multiplicative errors).
  func run(
    _ y: UnsafeBufferPointer<Double>, alpha: Double, beta: Double, gamma: Double, phi: Double,
    state: UnsafeMutableBufferPointer<Double>
  ) -> Double {
    var level = state[0]
    var slope = state[1]
    var squares = 0.0
    var logs = 0.0
    let steer = beta / alpha
    var place = 2
    let end = 2 + period
    for t in y.indices {
      let before = level
      let damped = phi * slope
      let q = hasTrend ? level + damped : level
      var f = q
      let s = state[place]
      if season == .additive { f = q + s } else if season == .multiplicative { f = q * s }
      let value = y[t]
      if error == .multiplicative {
        guard f > 1e-12 else { return .infinity }
        let e = (value - f) / f
        squares += e * e
        logs += logarithm(f)
      } else {
        squares += (value - f) * (value - f)
      }
      var p = value
      if season == .additive {
        p = value - s
      } else if season == .multiplicative {
        p = s > 1e-12 ? value / s : value
      }
      level = q + alpha * (p - q)
      if hasTrend { slope = damped + steer * (level - before - damped) }
      if season != .none {
        let seen = season == .additive ? value - q : (q.magnitude > 1e-12 ? value / q : s)
        state[place] = s + gamma * (seen - s)
        place += 1
        if place == end { place = 2 }
      }
    }
    state[0] = level
    state[1] = slope
    let n = Double(y.count)
    return n * logarithm(Swift.max(squares, 1e-300)) + 2 * logs
  }

  /// The expected path after a history.
  static func path(
    _ y: UnsafeBufferPointer<Double>, _ fit: Fit, into out: UnsafeMutableBufferPointer<Double>
  ) {
    let model = fit.model
    var state = fit.start
    state.withUnsafeMutableBufferPointer {
      _ = model.run(
        y, alpha: fit.alpha, beta: fit.beta, gamma: fit.gamma, phi: fit.phi, state: $0)
    }
    var growth = 0.0
    var g = 1.0
    for h in 0..<out.count {
      g *= fit.phi
      growth += model.isDamped ? g : 1
      let q = state[0] + (model.hasTrend ? growth * state[1] : 0)
      let s = state[2 + (y.count + h) % model.period]
      let f = model.season == .additive ? q + s : model.season == .multiplicative ? q * s : q
      out[h] = Swift.max(0, f.isFinite ? f : 0)
    }
  }

  /// The path of a fitted model, or of simple smoothing where the history is too short for a fit.
  static func path(
    _ y: UnsafeBufferPointer<Double>, fit: Fit?, into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    guard let fit else { return SimpleSmoothing.path(y, alpha: nil, into: out) }
    path(y, fit, into: out)
    return .ets
  }
}
