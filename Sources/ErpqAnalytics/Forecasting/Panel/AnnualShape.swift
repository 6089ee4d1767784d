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
          for i in origins.indices where shifted[i] > 8 && levels[i] > 0 {
            let at = Int(shifted[i])
            level[i] += levels[i]
            let row = i * horizon
            for h in 0..<horizon {
              // A horizon longer than a year looks at the last year again.
              let t = at + (h % year)
              var top = 0.0
              var below = 0.0
              var j = Swift.max(0, t - reach)
              let end = Swift.min(Int(origins[i]) - 1, t + reach)
              while j <= end {
                let w = Double(reach + 1 - (j - t).magnitudeInt)
                top += w * y[j]
                below += w * c[j]
                j += 1
              }
              demand[row + h] += below > 0.1 ? top / below : levels[i]
            }
          }
        }
      }
    }
  }
}

extension Int {
  fileprivate var magnitudeInt: Int { self < 0 ? -self : self }
}
