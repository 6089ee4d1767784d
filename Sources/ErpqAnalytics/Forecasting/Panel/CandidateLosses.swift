extension SeriesWork {
  /// What becomes of a candidate's level over the horizon.
  private enum Course: CaseIterable {
    /// Nothing.
    case flat
    /// It follows the shape of earlier years.
    case shaped
    /// It rises or falls by its slope.
    case sloped

    init(_ model: LevelModel) {
      if case .annual = model { self = .shaped } else { self = model.hasSlope ? .sloped : .flat }
    }
  }

  /// Tells how far each candidate's forecasts were from what came: its loss, added up over the origins, and the
  /// sum of its forecasts.
  ///
  /// - Parameter totalShare: share of the horizon's total in the loss, beside single steps.
  func judge(totalShare: Double, _ report: (_ k: Int, _ loss: Double, _ sum: Double) -> Void) {
    for course in Course.allCases {
      let all = models.indices.filter { Course(models[$0]) == course }
      // Four at once: a sum waits for its last addition, and four wait together.
      for first in stride(from: 0, to: all.count, by: 4) {
        let some = Array(all[first..<Swift.min(first + 4, all.count)])
        let (loss, sum) = own.withUnsafeBufferPointer { own in
          pooled.withUnsafeBufferPointer { pooled in
            losses(some, course, shapes: some.map { isPooled($0) ? pooled : own }, totalShare)
          }
        }
        for (lane, k) in some.enumerated() { report(k, loss[lane], sum[lane]) }
      }
    }
  }

  private func losses(
    _ some: [Int], _ course: Course, shapes: [UnsafeBufferPointer<Double>], _ totalShare: Double
  ) -> (loss: SIMD4<Double>, sum: SIMD4<Double>) {
    let m = origins.count
    var lanes = Lanes()
    let growths = course == .sloped ? growth(some) : []
    var shape = [SIMD4<Double>](repeating: .zero, count: course == .shaped ? horizon : 0)
    for i in 0..<m - 1 {
      let o = Int(origins[i])
      let known = Swift.min(horizon, y.count - o)
      var level = SIMD4<Double>.zero
      var slope = SIMD4<Double>.zero
      for (lane, k) in some.enumerated() {
        level[lane] = levels[k * m + i]
        slope[lane] = slopes[k * m + i]
      }
      lanes.begin()
      switch course {
      case .flat:
        for t in 0..<known { lanes.add(level * c[o &+ t], y[o &+ t]) }
      case .shaped:
        for (lane, own) in shapes.enumerated() {
          for h in 0..<known { shape[h][lane] = own[i * horizon + h] }
        }
        for t in 0..<known { lanes.add(level * shape[t] * c[o &+ t], y[o &+ t]) }
      case .sloped:
        for t in 0..<known {
          let f = level + slope * growths[t]
          lanes.add(SIMD4<Double>.zero.replacing(with: f, where: f .>= 0) * c[o &+ t], y[o &+ t])
        }
      }
      lanes.end(known, totalShare)
    }
    return (lanes.loss, lanes.sum)
  }

  /// What slopes are multiplied by at each step.
  private func growth(_ some: [Int]) -> [SIMD4<Double>] {
    var phi = SIMD4<Double>.zero
    for (lane, k) in some.enumerated() { phi[lane] = models[k].phi }
    var power = SIMD4<Double>(repeating: 1)
    var sum = SIMD4<Double>.zero
    return (0..<horizon).map { _ in
      power *= phi
      sum += power
      return sum
    }
  }

  private func isPooled(_ k: Int) -> Bool {
    if case .annual(_, let isPooled) = models[k] { isPooled } else { false }
  }
}

/// Errors of four candidates.
private struct Lanes {
  /// Added up over the origins.
  var loss = SIMD4<Double>.zero
  /// All forecasts.
  var sum = SIMD4<Double>.zero
  private var squares = SIMD4<Double>.zero
  private var total = SIMD4<Double>.zero

  /// An origin begins.
  @inline(__always) mutating func begin() { (squares, total) = (.zero, .zero) }

  /// A step of which `actual` came.
  @inline(__always) mutating func add(_ forecast: SIMD4<Double>, _ actual: Double) {
    let e = actual - forecast
    sum += forecast
    squares += e * e
    total += e
  }

  /// An origin ends, after `known` steps.
  @inline(__always) mutating func end(_ known: Int, _ totalShare: Double) {
    loss += ((1 - totalShare) * squares + totalShare * total * total) / Double(known)
  }
}
