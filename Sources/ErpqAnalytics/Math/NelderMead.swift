/// Minimum of a function of a few variables without derivatives (Nelder & Mead, "A simplex method for
/// function minimization", 1965), inside bounds: points are moved to the nearest allowed one.
enum NelderMead {
  /// - Parameters:
  ///   - start: where the search begins; inside the bounds.
  ///   - steps: how far the first simplex reaches in each direction.
  ///   - evaluations: most calls of `f`.
  ///   - tolerance: the search ends when the values at the corners differ by this share or less.
  /// - Returns: the best point found, and the value there.
  static func minimize(
    start: [Double], steps: [Double], lower: [Double], upper: [Double], evaluations: Int,
    tolerance: Double = 1e-8, _ f: (UnsafeBufferPointer<Double>) -> Double
  ) -> (point: [Double], value: Double) {
    let d = start.count
    guard d > 0 else { return (start, start.withUnsafeBufferPointer(f)) }
    func bounded(_ x: inout [Double]) {
      for i in 0..<d { x[i] = Swift.max(lower[i], Swift.min(upper[i], x[i])) }
    }
    var used = 0
    func value(_ x: [Double]) -> Double {
      used += 1
      let v = x.withUnsafeBufferPointer(f)
      return v.isNaN ? .infinity : v
    }
    var simplex: [(x: [Double], v: Double)] = []
    var first = start
    bounded(&first)
    simplex.append((first, value(first)))
    for i in 0..<d {
      var x = first
      x[i] += x[i] + steps[i] <= upper[i] ? steps[i] : -steps[i]
      bounded(&x)
      simplex.append((x, value(x)))
    }
    var centre = [Double](repeating: 0, count: d)
    func along(_ t: Double) -> [Double] {
      var x = centre
      for i in 0..<d { x[i] += t * (simplex[d].x[i] - centre[i]) }
      bounded(&x)
      return x
    }
    while used < evaluations {
      simplex.sort { $0.v < $1.v }
      let spread = simplex[d].v - simplex[0].v
      if !(spread > tolerance * (simplex[0].v.magnitude + 1e-12)) { break }
      for i in 0..<d {
        centre[i] = 0
        for j in 0..<d { centre[i] += simplex[j].x[i] }
        centre[i] /= Double(d)
      }
      let reflected = along(-1)
      let r = value(reflected)
      if r < simplex[0].v {
        let stretched = along(-2)
        let e = value(stretched)
        simplex[d] = e < r ? (stretched, e) : (reflected, r)
      } else if r < simplex[d - 1].v {
        simplex[d] = (reflected, r)
      } else {
        let inner = along(r < simplex[d].v ? -0.5 : 0.5)
        let c = value(inner)
        if c < Swift.min(r, simplex[d].v) {
          simplex[d] = (inner, c)
        } else {
          for j in 1...d {
            for i in 0..<d {
              simplex[j].x[i] = simplex[0].x[i] + 0.5 * (simplex[j].x[i] - simplex[0].x[i])
            }
            simplex[j].v = value(simplex[j].x)
          }
        }
      }
    }
    let best = simplex.min { $0.v < $1.v } ?? simplex[0]
    return (best.x, best.v)
  }

  /// Minimum of a function of one variable on an interval (golden section search, Kiefer 1953).
  static func goldenSection(
    _ low: Double, _ high: Double, tolerance: Double = 1e-6, _ f: (Double) -> Double
  ) -> Double {
    let ratio = (5.0.squareRoot() - 1) / 2
    var (a, b) = (low, high)
    var x = b - ratio * (b - a)
    var y = a + ratio * (b - a)
    var (fx, fy) = (f(x), f(y))
    while b - a > tolerance {
      if fx < fy {
        (b, y, fy) = (y, x, fx)
        x = b - ratio * (b - a)
        fx = f(x)
      } else {
        (a, x, fx) = (x, y, fy)
        y = a + ratio * (b - a)
        fy = f(y)
      }
    }
    return (a + b) / 2
  }
}
