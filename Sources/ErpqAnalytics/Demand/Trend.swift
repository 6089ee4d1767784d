import ErpqBase

/// Where demand is going.
public enum Trend: String, Hashable, Sendable, CaseIterable {
  case up = "UP"
  case down = "DOWN"
  case stable = "STABLE"
}

/// How a trend is told from the smoothed demand early and late in the window.
public enum TrendRule: String, Hashable, Sendable, CaseIterable {
  /// (late − early) / early, if the series also rises or falls beyond chance (Mann–Kendall, 5 %).
  case relative
  /// (late − early), in units a day.
  case difference
  /// (late − early) / days of the window: the documents' formula, units a day per day.
  case perDay
}

/// Tests for a trend.
public enum TrendTest {
  /// The two-sided p-value of the Mann–Kendall test with the correction for ties (Kendall, *Rank
  /// Correlation Methods*, 1975); 1 for fewer than four values or where all are equal.
  ///
  /// - Complexity: O(n²), n being the days of a window.
  public static func mannKendall(_ x: [Double]) -> Double {
    let n = x.count
    guard n >= 4 else { return 1 }
    var s = 0
    x.withUnsafeBufferPointer { x in
      for i in 0..<(n - 1) {
        let earlier = x[i]
        for j in (i + 1)..<n { s &+= (x[j] > earlier ? 1 : 0) &- (x[j] < earlier ? 1 : 0) }
      }
    }
    let m = Double(n)
    var variance = m * (m - 1) * (2 * m + 5)
    let sorted = x.sorted()
    var start = 0
    while start < n {
      var end = start + 1
      while end < n, sorted[end] == sorted[start] { end += 1 }
      let t = Double(end - start)
      if t > 1 { variance -= t * (t - 1) * (2 * t + 5) }
      start = end
    }
    variance /= 18
    guard variance > 0, s != 0 else { return 1 }
    let z = (Double(s.magnitude) - 1) / variance.squareRoot()
    return Swift.min(1, 2 * Normal.survival(z))
  }
}
