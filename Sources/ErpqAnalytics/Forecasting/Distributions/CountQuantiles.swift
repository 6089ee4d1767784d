/// Quantiles of counted demand at each step: past values weighted by how recent they are and by how alike
/// their day was, put on the expected level, averaged with a negative binomial.
enum CountQuantiles {
  static func write(
    _ y: UnsafeBufferPointer<Double>, _ c: UnsafeBufferPointer<Double>, mean: UnsafeBufferPointer<Double>,
    year: Double, dispersion: Double, isWhole: Bool, settings: PanelSettings,
    into out: UnsafeMutableBufferPointer<Double>
  ) {
    let n = y.count
    let q = PanelForecast.probabilities.count
    let sample = CountSample(y, c, keep: power(0.5, 1 / Swift.max(2, settings.sampleHalfLife * year)))
    // Steps share their exposures, and with them all that does not depend on the expected level.
    var known: [(of: CountDistribution, step: Int)] = []
    for step in mean.indices {
      let target = c[n + step]
      let row = UnsafeMutableBufferPointer(rebasing: out[step * q..<(step + 1) * q])
      guard target > 0.02, mean[step] > 0 else {
        row.update(repeating: 0)
        continue
      }
      let place = known.firstIndex { $0.of.exposure == target }
      if let place, mean[known[place].step] == mean[step] {
        for i in 0..<q { row[i] = out[known[place].step * q + i] }
        continue
      }
      let distribution = place.map { known[$0].of } ?? sample.distribution(target, settings.exposureWidth)
      distribution.write(
        mean: mean[step], dispersion: dispersion, isWhole: isWhole, settings: settings, into: row)
      if let place { known[place].step = step } else { known.append((distribution, step)) }
    }
  }
}

/// A series' past values that quantiles of counts are told from.
private struct CountSample {
  struct Value {
    /// What would have been sold at exposure 1.
    var size: Double
    var step: Int32
    /// How recent it is: the newest value weighs 1.
    var weight: Double
    /// The place of its exposure in `logs`.
    var exposure: Int
  }

  /// By size, then by step, ascending.
  private var values: [Value] = []
  /// Logarithms of the exposures there are: one a weekday, and as many for promoted days.
  private var logs: [Double] = []

  init(_ y: UnsafeBufferPointer<Double>, _ c: UnsafeBufferPointer<Double>, keep: Double) {
    var exposures: [Double] = []
    var zeros: [Value] = []
    var w = 1.0
    var t = y.count - 1
    while t >= 0, w > 1e-4 {
      let exposure = c[t]
      if exposure > 0.02 {
        let place = exposures.firstIndex(of: exposure) ?? exposures.count
        if place == exposures.count { exposures.append(exposure) }
        let value = Value(size: y[t] / exposure, step: Int32(t), weight: w, exposure: place)
        if value.size == 0 { zeros.append(value) } else { values.append(value) }
      }
      w *= keep
      t -= 1
    }
    // Days without a sale are many and need no comparing: they stand between returns and sales.
    values.sort { ($0.size, $0.step) < ($1.size, $1.step) }
    let sales = values.firstIndex { $0.size > 0 } ?? values.count
    values.insert(contentsOf: zeros.reversed(), at: sales)
    logs = exposures.map { logarithm($0) }
  }

  /// The distribution of a step by its exposure; days of the same exposure count most.
  func distribution(_ target: Double, _ width: Double) -> CountDistribution {
    let logTarget = logarithm(target)
    let likeness = logs.map { log in
      let d = (log - logTarget) / width
      return exponential(-0.5 * d * d)
    }
    var out = CountDistribution(exposure: target)
    var second = 0.0
    for value in values {
      let kernel = value.weight * likeness[value.exposure]
      out.total += kernel
      out.squared += kernel * kernel
      let x = value.size * target
      out.first += kernel * x
      second += kernel * x * x
    }
    guard out.total > 0, out.first > 0 else { return out }
    out.first /= out.total
    out.second = second / out.total - out.first * out.first
    out.quantiles = quantiles(target, likeness, total: out.total)
    return out
  }

  /// The sizes at which the weights, added up in order of size, reach the probabilities.
  private func quantiles(_ target: Double, _ likeness: [Double], total: Double) -> [Double] {
    let probabilities = PanelForecast.probabilities
    var out: [Double] = []
    out.reserveCapacity(probabilities.count)
    var cumulated = 0.0
    var wanted = probabilities[0] - 1e-12
    for value in values {
      cumulated += value.weight * likeness[value.exposure] / total
      if cumulated < wanted { continue }
      while out.count < probabilities.count, cumulated >= probabilities[out.count] - 1e-12 {
        out.append(value.size * target)
      }
      if out.count == probabilities.count { break }
      wanted = probabilities[out.count] - 1e-12
    }
    while out.count < probabilities.count { out.append(out.last ?? 0) }
    return out
  }
}

/// What past values say of a step of some exposure, before it is put on the expected level.
private struct CountDistribution {
  let exposure: Double
  /// Weights of the values, and their squares, added up.
  var total = 0.0
  var squared = 0.0
  /// Mean and variance.
  var first = 0.0
  var second = 0.0
  var quantiles: [Double] = []

  init(exposure: Double) { self.exposure = exposure }

  /// Quantiles about an expected level.
  func write(
    mean: Double, dispersion: Double, isWhole: Bool, settings: PanelSettings,
    into row: UnsafeMutableBufferPointer<Double>
  ) {
    guard !quantiles.isEmpty else {
      row.update(repeating: 0)
      return
    }
    let ratio = power(mean / first, settings.releveling)
    for i in row.indices { row[i] = quantiles[i] * ratio }
    let relevel = power(mean / first, settings.binomialReleveling)
    let m = first * relevel
    let near = total * total / Swift.max(squared, 1e-12)
    let share =
      settings.binomialShare + (1 - settings.binomialShare) * settings.sampleHalf
      / (settings.sampleHalf + near)
    let own = second * relevel * relevel
    let variance = (own * near + dispersion * m * settings.spreadPrior) / (near + settings.spreadPrior)
    NegativeBinomial.blend(
      mean: m, variance: variance, share: share, PanelForecast.probabilities, into: row)
    if isWhole, settings.whole > 0 { for i in row.indices { row[i] = row[i].rounded() } }
    for i in row.indices { row[i] = Swift.max(0, row[i]) }
  }
}
