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
  ///
  /// - Parameters:
  ///   - tellsAccuracy: whether the result's `accuracy` is wanted.
  ///   - progress: called now and then with the steps of work done and those there are.
  /// - Throws: `Cancellation.Interrupted`.
  public static func forecast(
    _ panel: SeriesPanel, horizon: Int, settings: PanelSettings = PanelSettings(), tellsAccuracy: Bool = true,
    progress: ((_ done: Int, _ of: Int) -> Void)? = nil
  ) throws -> PanelForecast {
    let h = Swift.max(0, Swift.min(Forecaster.longestHorizon, horizon))
    var run = PanelRun(panel, horizon: h, settings: settings, tellsAccuracy: tellsAccuracy)
    guard h > 0, panel.count > 0 else { return run.result }
    let total = panel.count * 3
    try run.shape { progress?($0, total) }
    try run.judge { progress?(panel.count + $0, total) }
    run.weigh()
    try run.write { progress?(2 * panel.count + $0, total) }
    return run.result
  }
}

/// The state of one run over a panel; its stages are in the files beside this one.
struct PanelRun {
  let panel: SeriesPanel
  let horizon: Int
  let settings: PanelSettings
  let effects: CalendarEffects
  let order: PanelOrder
  let annual: AnnualShape
  /// The candidates for counted and for continuous demand.
  private let countedModels: [LevelModel]
  private let continuousModels: [LevelModel]
  /// Whether the combinations' accuracy is told.
  let tellsAccuracy: Bool
  var result: PanelForecast
  /// Where the history of each series begins; its length if nothing was sold.
  var begin: [Int]
  var counted: [Bool]
  /// Mean over variance of each series: what turns its demand into an effective number of events.
  var unit: [Double]
  /// Logarithm of each candidate's loss, `count × slots`.
  var losses: [Double]
  /// Each candidate's forecasts of all backtest steps added up, `count × slots`.
  var sums: [Double]
  /// Actual demand of all backtest steps, a series.
  var met: [Double]
  /// Independent horizons in a series' backtest; 0 where there is none.
  var evidence: [Double]
  var weights: [Double]
  /// What forecasts are multiplied by, a series: past demand over past forecasts of its kind.
  var drift: [Double]
  /// Past demand and level of each group, `groups × origins × (horizon + 1)`, the last origin first.
  var pool: [Double] = []
  var group: [Int]
  /// Variance over mean of each series' demand at exposure 1, helped by that of others of its kind.
  var dispersion: [Double]
  /// What a young series takes from its category: a level, and its share.
  var borrowed: [(level: Double, share: Double)]
  /// Whether each series holds whole numbers only.
  var isWhole: [Bool]

  /// The share of steps without demand from which it is counted.
  static let zeroShare = 0.05
  /// Most candidates of a kind.
  static let slots = 24

  init(_ panel: SeriesPanel, horizon: Int, settings: PanelSettings, tellsAccuracy: Bool) {
    self.panel = panel
    self.horizon = horizon
    self.settings = settings
    let n = panel.count
    effects = CalendarEffects(panel, horizon: horizon, settings: settings.effects)
    order = PanelOrder(panel)
    annual = AnnualShape(panel.frequency)
    countedModels = Self.countedModels(panel.frequency)
    continuousModels = Self.continuousModels
    self.tellsAccuracy = tellsAccuracy
    result = PanelForecast(count: n, horizon: horizon)
    result.uplift = effects.uplift
    begin = Array(repeating: 0, count: n)
    counted = Array(repeating: false, count: n)
    unit = Array(repeating: 0, count: n)
    losses = Array(repeating: 0, count: n * Self.slots)
    sums = Array(repeating: 0, count: n * Self.slots)
    met = Array(repeating: 0, count: n)
    evidence = Array(repeating: 0, count: n)
    weights = Array(repeating: 0, count: n * Self.slots)
    drift = Array(repeating: 1, count: n)
    group = Array(repeating: 0, count: n)
    dispersion = Array(repeating: 1, count: n)
    borrowed = Array(repeating: (0, 0), count: n)
    isWhole = Array(repeating: false, count: n)
    for g in 0..<Swift.max(0, order.bounds.count - 1) {
      for s in order.order[order.bounds[g]..<order.bounds[g + 1]] { group[s] = g }
    }
    panel.values.withUnsafeBufferPointer { values in
      for s in 0..<n {
        let y = UnsafeBufferPointer(rebasing: values[panel.offsets[s]..<panel.offsets[s + 1]])
        let first = y.firstIndex { $0 != 0 } ?? y.count
        let own = UnsafeBufferPointer(rebasing: y[first...])
        result.classes[s] = DemandClass(own)
        counted[s] = Self.isCounted(own)
        begin[s] = first
        if counted[s] {
          // A record that begins with a sale says more of them than there are. As many steps without one
          // belong before it as lie between two sales on average.
          let sales = own.reduce(0) { $1 != 0 ? $0 + 1 : $0 }
          if sales > 0 { begin[s] = Swift.max(0, first - own.count / sales) }
        }
        let m = Statistics.moments(own, .population)
        let variance = Swift.max(m.deviation * m.deviation, 1e-3 * m.mean * m.mean)
        if m.mean > 0, variance > 0 { unit[s] = m.mean / variance }
        // Beyond 2⁵³ all are whole.
        isWhole[s] = own.allSatisfy { $0.magnitude > 0x1p53 || Double(Int64($0)) == $0 }
      }
    }
  }

  /// Whether demand is counted: zeros are common.
  static func isCounted(_ y: UnsafeBufferPointer<Double>) -> Bool {
    var zeros = 0
    for v in y where v == 0 { zeros += 1 }
    return Double(zeros) >= zeroShare * Double(y.count)
  }

  /// The candidates for a series' kind of demand.
  @inline(__always) func candidates(_ s: Int) -> [LevelModel] {
    counted[s] ? countedModels : continuousModels
  }

  private static func countedModels(_ frequency: SeriesFrequency) -> [LevelModel] {
    [
      .exponential(alpha: 0.01), .exponential(alpha: 0.02), .exponential(alpha: 0.04),
      .exponential(alpha: 0.08), .exponential(alpha: 0.15), .exponential(alpha: 0.3),
      .window(Int(frequency.year)), .window(1_000_000), .tsb(chance: 0.05, size: 0.05),
      .sba(alpha: 0.1), .annual(alpha: 0.04, pooled: true), .annual(alpha: 0.1, pooled: true),
      .annual(alpha: 0.04, pooled: false),
    ]
  }

  private static let continuousModels: [LevelModel] = [
    .exponential(alpha: 0.01), .exponential(alpha: 0.03), .exponential(alpha: 0.1),
    .exponential(alpha: 0.25),
    .exponential(alpha: 0.5), .exponential(alpha: 0.8), .exponential(alpha: 1),
    .theta(alpha: 0.1), .theta(alpha: 0.3), .theta(alpha: 0.6), .theta(alpha: 0.9),
    .damped(alpha: 0.2, beta: 0.05, phi: 0.95), .damped(alpha: 0.5, beta: 0.1, phi: 0.95),
    .damped(alpha: 0.9, beta: 0.1, phi: 0.95), .damped(alpha: 1, beta: 0.2, phi: 0.9),
    .damped(alpha: 0.9, beta: 0.5, phi: 0.8), .annual(alpha: 0.03, pooled: true),
    .annual(alpha: 0.1, pooled: true), .annual(alpha: 0.4, pooled: true),
    .annual(alpha: 0.1, pooled: false),
    .annual(alpha: 0.4, pooled: false), .annual(alpha: 0.8, pooled: false),
  ]

  /// Steps between two origins where there is room.
  var stride: Int { Swift.max(1, horizon / 4) }

  /// Where the backtest cuts a history of `n` values, ascending, then `n` itself.
  func origins(_ n: Int) -> [Int32] {
    guard n >= 4 else { return [Int32(n)] }
    let least = Swift.max(2, Swift.min(2 * panel.frequency.season, n / 2))
    var out: [Int32] = [Int32(n)]
    let shortest = n - least > horizon ? horizon : Swift.max(1, (n - least) / 2)
    let room = n - shortest - least
    let stride = Swift.max(1, Swift.min(stride, Swift.max(1, room / 8)))
    var cut = n - shortest
    while cut >= least, out.count <= settings.origins {
      out.append(Int32(cut))
      cut -= stride
    }
    out.reverse()
    return out
  }

  /// Whether origins lie where the group's do.
  func isAligned(_ origins: [Int32]) -> Bool {
    let n = origins.count
    return n > 1 && Int(origins[n - 1] - origins[n - 2]) == horizon
      && (n < 3 || Int(origins[n - 2] - origins[n - 3]) == stride)
  }

  /// Calls `body` with all flat inputs.
  func withInput<R>(_ body: (SharedInput) throws -> R) rethrows -> R {
    try panel.values.withUnsafeBufferPointer { values in
      try effects.exposure.withUnsafeBufferPointer { exposure in
        try body(SharedInput(values: values, exposure: exposure))
      }
    }
  }
}

/// The flat inputs of a run, read by all threads.
struct SharedInput: @unchecked Sendable {
  let values: UnsafeBufferPointer<Double>
  let exposure: UnsafeBufferPointer<Double>

  @inline(__always)
  func history(_ run: PanelRun, _ s: Int) -> UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(rebasing: values[run.panel.offsets[s] + run.begin[s]..<run.panel.offsets[s + 1]])
  }

  @inline(__always)
  func exposure(_ run: PanelRun, _ s: Int) -> UnsafeBufferPointer<Double> {
    let base = run.panel.offsets[s] + s * run.horizon
    return UnsafeBufferPointer(
      rebasing: exposure[base + run.begin[s]..<base + run.panel.length(s) + run.horizon])
  }
}
