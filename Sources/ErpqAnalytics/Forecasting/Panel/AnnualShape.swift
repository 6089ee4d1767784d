/// How demand of the coming steps stands to the level before them, told from the same steps of earlier
/// years: what followed the same week of the calendar then, over the level there was then. Each origin looks
/// only at what lies before it.
struct AnnualShape {
  /// Steps of a year: whole weeks for days, so that weekdays meet.
  let year: Int
  /// Neighbouring steps that a series' own shape is smoothed over, on each side.
  let reach: Int
  /// The smoothing parameter of the level that a past year is measured by.
  static let alpha = 0.3
  /// Most years looked back.
  static let years = 4

  init(_ frequency: SeriesFrequency) {
    switch frequency {
    case .daily: (year, reach) = (364, 3)
    case .weekly: (year, reach) = (52, 1)
    case .monthly: (year, reach) = (12, 0)
    }
  }

  /// Adds up demand and level of past years for each origin.
  ///
  /// - Parameters:
  ///   - demand: `origins × horizon`: past demand at exposure 1, summed over years.
  ///   - level: a value an origin: past levels, summed over years.
  func sums(
    _ y: UnsafeBufferPointer<Double>, _ c: UnsafeBufferPointer<Double>, origins: UnsafeBufferPointer<Int32>,
    horizon: Int, smooth: Bool, demand: UnsafeMutableBufferPointer<Double>,
    level: UnsafeMutableBufferPointer<Double>
  ) {
    demand.update(repeating: 0)
    level.update(repeating: 0)
    let reach = smooth ? self.reach : 0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * origins.count) { scratch in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: origins.count) { shifted in
        let levels = UnsafeMutableBufferPointer(rebasing: scratch[0..<origins.count])
        let slopes = UnsafeMutableBufferPointer(rebasing: scratch[origins.count...])
        for k in 1...Self.years {
          guard Int(origins[origins.count - 1]) - k * year > 8 else { break }
          for i in origins.indices { shifted[i] = Swift.max(0, origins[i] - Int32(k * year)) }
          LevelModel.exponential(alpha: Self.alpha).trace(
            y, c, origins: UnsafeBufferPointer(shifted), levels: levels, slopes: slopes)
          let usable = origins.indices.filter { shifted[$0] > 8 && levels[$0] > 0 }
          guard let first = usable.first, let last = usable.last else { continue }
          let past = PastDemand(
            y, c, reach: reach, from: Int(shifted[first]),
            to: Int(shifted[last]) + Swift.min(horizon, year))
          for i in usable {
            level[i] += levels[i]
            past.add(
              horizon, year, at: Int(shifted[i]), before: Int(origins[i]), level: levels[i],
              to: UnsafeMutableBufferPointer(rebasing: demand[i * horizon..<(i + 1) * horizon]))
          }
        }
      }
    }
  }
}

/// Demand of past steps at exposure 1, each smoothed over its neighbours.
private struct PastDemand {
  private let y: UnsafeBufferPointer<Double>
  private let c: UnsafeBufferPointer<Double>
  private let reach: Int
  private let first: Int
  /// From `first`, for whoever has seen all neighbours; NaN where the exposure says nothing.
  private let known: [Double]

  init(_ y: UnsafeBufferPointer<Double>, _ c: UnsafeBufferPointer<Double>, reach: Int, from: Int, to: Int) {
    (self.y, self.c, self.reach, first) = (y, c, reach, from)
    known = (from..<to).map { Self.smoothed(y, c, $0, reach, before: y.count) }
  }

  /// Adds the demand of `horizon` steps from `at` as an origin sees it, the level where nothing is known.
  func add(
    _ horizon: Int, _ year: Int, at: Int, before origin: Int, level: Double,
    to row: UnsafeMutableBufferPointer<Double>
  ) {
    // A horizon longer than a year looks at the last year again.
    var begin = 0
    while begin < horizon {
      let count = Swift.min(year, horizon - begin)
      // The last steps of a year may have neighbours that the origin has not seen.
      let seen = Swift.max(0, Swift.min(count, origin - reach - at))
      known.withUnsafeBufferPointer { known in
        for h in 0..<seen {
          let v = known[at &- first &+ h]
          row[begin &+ h] += v.isNaN ? level : v
        }
      }
      for h in seen..<count {
        let v = Self.smoothed(y, c, at + h, reach, before: origin)
        row[begin + h] += v.isNaN ? level : v
      }
      begin += count
    }
  }

  private static func smoothed(
    _ y: UnsafeBufferPointer<Double>, _ c: UnsafeBufferPointer<Double>, _ t: Int, _ reach: Int,
    before origin: Int
  ) -> Double {
    var top = 0.0
    var below = 0.0
    var j = Swift.max(0, t - reach)
    let end = Swift.min(origin - 1, t + reach)
    while j <= end {
      let w = Double(reach &+ 1 &- (j > t ? j &- t : t &- j))
      top += w * y[j]
      below += w * c[j]
      j &+= 1
    }
    return below > 0.1 ? top / below : .nan
  }
}
