/// Quantiles of counted demand at each step: past values weighted by how recent they are and by how alike
/// their day was, put on the expected level, averaged with a negative binomial.
enum CountQuantiles {
  static func write(
    _ y: UnsafeBufferPointer<Double>, _ c: UnsafeBufferPointer<Double>, mean: UnsafeBufferPointer<Double>,
    year: Double, dispersion: Double, isWhole: Bool, settings: PanelSettings,
    into out: UnsafeMutableBufferPointer<Double>
  ) {
    let n = y.count
    let h = mean.count
    let probabilities = PanelForecast.probabilities
    let q = probabilities.count
    let keep = power(0.5, 1 / Swift.max(2, settings.sampleHalfLife * year))
    // Values on the level of exposure 1, ascending.
    var order: [Int32] = []
    var size = [Double](repeating: 0, count: n)
    var weight = [Double](repeating: 0, count: n)
    var logs = [Double](repeating: 0, count: n)
    var w = 1.0
    var t = n - 1
    while t >= 0, w > 1e-4 {
      if c[t] > 0.02 {
        order.append(Int32(t))
        size[t] = y[t] / c[t]
        weight[t] = w
        logs[t] = logarithm(c[t])
      }
      w *= keep
      t -= 1
    }
    order.sort { (size[Int($0)], $0) < (size[Int($1)], $1) }
    // Scatter about the expected level, for the negative binomial.
    var done: [Int: Int] = [:]
    for step in 0..<h {
      let target = c[n + step]
      let row = UnsafeMutableBufferPointer(rebasing: out[step * q..<(step + 1) * q])
      let keyed = Int((target * 1e6).rounded())
      if let known = done[keyed], mean[known] == mean[step] {
        for i in 0..<q { row[i] = out[known * q + i] }
        continue
      }
      done[keyed] = step
      guard target > 0.02, mean[step] > 0 else {
        row.update(repeating: 0)
        continue
      }
      let logTarget = logarithm(target)
      var total = 0.0
      var squared = 0.0
      var first = 0.0
      var second = 0.0
      for place in order {
        let t = Int(place)
        let d = (logs[t] - logTarget) / settings.exposureWidth
        let kernel = weight[t] * exponential(-0.5 * d * d)
        total += kernel
        squared += kernel * kernel
        let x = size[t] * target
        first += kernel * x
        second += kernel * x * x
      }
      guard total > 0, first > 0 else {
        row.update(repeating: 0)
        continue
      }
      first /= total
      second = second / total - first * first
      let ratio = power(mean[step] / first, settings.releveling)
      var cumulated = 0.0
      var next = 0
      for place in order {
        let t = Int(place)
        let d = (logs[t] - logTarget) / settings.exposureWidth
        cumulated += weight[t] * exponential(-0.5 * d * d) / total
        while next < q, cumulated >= probabilities[next] - 1e-12 {
          row[next] = size[t] * target * ratio
          next += 1
        }
        if next == q { break }
      }
      while next < q {
        row[next] = next > 0 ? row[next - 1] : 0
        next += 1
      }
      let relevel = power(mean[step] / first, settings.binomialReleveling)
      let m = first * relevel
      let near = total * total / Swift.max(squared, 1e-12)
      let share =
        settings.binomialShare + (1 - settings.binomialShare) * settings.sampleHalf
        / (settings.sampleHalf + near)
      let own = second * relevel * relevel
      let variance = (own * near + dispersion * m * settings.spreadPrior) / (near + settings.spreadPrior)
      NegativeBinomial.blend(mean: m, variance: variance, share: share, probabilities, into: row)
      if isWhole, settings.whole > 0 { for i in 0..<q { row[i] = row[i].rounded() } }
      for i in 0..<q { row[i] = Swift.max(0, row[i]) }
    }
  }
}
