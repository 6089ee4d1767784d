import ErpqBase
import Foundation

/// Judges series one after the other, with the same scratch memory for all.
///
/// A series that sells on nine of ten open days or more, and ten a day or steadily, is held against the median
/// of the weekday, in square roots, which make the noise of counts even (Anscombe, Biometrika 35, 1948); the
/// deviation is 0.6745/MAD (Iglewicz & Hoaglin, *How to Detect and Handle Outliers*, 1993), or by the mean
/// absolute deviation where more than half of the days are exactly as expected. One outlier moves neither, so it
/// cannot hide itself. A weekday that never sells is closed and counts for nothing.
///
/// A series that sells more rarely, or less, has no typical day. Its days are held against a negative binomial
/// with mean and variance of all other days. A stop of sales is told by the chance (1 − p)ᵏ of k open days
/// without one. Of days that follow such laws, Poisson or three times as uneven, at most 1.5 % are flagged at 3.
struct RobustJudge {
  let rule: AnomalyRule
  private var medians = [Double](repeating: 0, count: 7)
  private var isOpen = [Bool](repeating: false, count: 7)
  private var scratch: [Double]

  /// Fewer days tell nothing about what is ordinary.
  static let fewestDays = 14
  /// The share of open days with sales from which a series has a typical day.
  static let regularShare = 0.9
  /// Typical quantities below this are small counts.
  static let smallCount = 10.0
  /// MAD of a normal variable is 0.6745 of its deviation, the mean absolute deviation 0.7979.
  private static let madScale = 0.6744897501960817
  private static let meanScale = 0.7978845608028654

  init(rule: AnomalyRule, columns: Int) {
    self.rule = rule
    scratch = [Double](repeating: 0, count: columns)
  }

  /// Calls `flag` with (last day, days, z, expected) of each anomaly. Whether a stop of sales goes unnoticed.
  mutating func judge(
    _ y: UnsafeBufferPointer<Double>, from start: Int, judged: Int, flag: (Int, Int, Double, Double) -> Void
  ) -> Bool {
    let n = y.count - start
    guard n >= RobustJudge.fewestDays else { return true }
    let sales = findClosedDays(y, start)
    guard sales > 0 else { return true }
    var open = 0
    for i in start..<y.count where isOpen[i % 7] { open += 1 }
    let firstJudged = Swift.max(start, y.count - judged)
    let daily: Double
    let canDropInADay: Bool
    if Double(sales) >= RobustJudge.regularShare * Double(open),
      let judged = regular(y, start, firstJudged, flag)
    {
      (daily, canDropInADay) = judged
    } else {
      (daily, canDropInADay) = counted(y, start, firstJudged, open: open, sales: sales, flag)
    }
    guard !canDropInADay else { return false }
    runs(y, start, firstJudged, open: open, sales: sales, daily: daily, flag)
    var judgedOpen = 0
    var salesBefore = 0
    for i in start..<y.count where isOpen[i % 7] {
      if i >= firstJudged { judgedOpen += 1 } else if y[i] > 0 { salesBefore += 1 }
    }
    let p = RobustJudge.saleChance(salesBefore, open)
    return RobustJudge.z(logChance: Double(judgedOpen) * log1p(-p)) < rule.threshold - Tie.tolerance
  }

  /// Finds the weekdays that never sell though chance would have it. The number of days with sales.
  private mutating func findClosedDays(_ y: UnsafeBufferPointer<Double>, _ start: Int) -> Int {
    var sales = 0
    for d in 0..<7 { isOpen[d] = false }
    for i in start..<y.count where y[i] > 0 {
      sales += 1
      isOpen[i % 7] = true
    }
    let n = y.count - start
    let share = Double(sales) / Double(n)
    // Without a sale on n/7 days at a chance of one in a thousand: closed. Else it may have been chance.
    guard share >= 1 || Double(n / 7) * log1p(-share) < log(0.001) else {
      for d in 0..<7 { isOpen[d] = true }
      return sales
    }
    return sales
  }

  /// The expected quantity of a typical open day, and whether a day of zero would be flagged; nil for small
  /// counts with the noise of counts, whose medians are too coarse.
  private mutating func regular(
    _ y: UnsafeBufferPointer<Double>, _ start: Int, _ firstJudged: Int,
    _ flag: (Int, Int, Double, Double) -> Void
  ) -> (Double, Bool)? {
    // With fewer than four of each weekday the week is not seen; one median stands for all.
    let weekly = y.count - start >= 28
    for d in 0..<7 where isOpen[d] {
      var count = 0
      if weekly {
        for i in stride(from: RobustJudge.first(d, start), to: y.count, by: 7) {
          scratch[count] = y[i]
          count += 1
        }
      } else {
        for i in start..<y.count where isOpen[i % 7] {
          scratch[count] = y[i]
          count += 1
        }
      }
      medians[d] = median(count)
    }
    var count = 0
    var sum = 0.0
    for i in start..<y.count where isOpen[i % 7] {
      scratch[count] = (RobustJudge.root(y[i]) - RobustJudge.root(medians[i % 7])).magnitude
      sum += scratch[count]
      count += 1
    }
    let mad = median(count)
    let scale = mad > 0 ? mad / RobustJudge.madScale : sum / Double(count) / RobustJudge.meanScale
    var typical = 0.0
    var openDays = 0
    for d in 0..<7 where isOpen[d] {
      typical += medians[d]
      openDays += 1
    }
    typical /= Double(Swift.max(1, openDays))
    // No day differs from its weekday: any difference would be flagged, and there is none.
    guard scale > 0 else { return (typical, typical > 0) }
    // The root of a Poisson variable varies by a half; a much steadier series is none.
    if typical < RobustJudge.smallCount, scale > 0.35 { return nil }
    for i in firstJudged..<y.count where isOpen[i % 7] {
      let z = (RobustJudge.root(y[i]) - RobustJudge.root(medians[i % 7])) / scale
      if Tie.atLeast(z.magnitude, rule.threshold) { flag(i, 1, z, medians[i % 7]) }
    }
    let drop = (RobustJudge.root(typical) - RobustJudge.root(0)) / scale
    return (typical, Tie.atLeast(drop, rule.threshold))
  }

  /// Flags days that sell more, or less, than a negative binomial of the other days explains. The expected
  /// quantity of an open day, and whether a day of zero would be flagged.
  private func counted(
    _ y: UnsafeBufferPointer<Double>, _ start: Int, _ firstJudged: Int, open: Int, sales: Int,
    _ flag: (Int, Int, Double, Double) -> Void
  ) -> (Double, Bool) {
    var sum = 0.0
    var squares = 0.0
    for i in start..<y.count where isOpen[i % 7] {
      sum += y[i]
      squares += y[i] * y[i]
    }
    let others = Double(Swift.max(2, open) - 1)
    for i in firstJudged..<y.count where isOpen[i % 7] {
      let x = y[i]
      guard sales > 1 || x <= 0 else {
        // Nothing is known of the size of its sales.
        let z = RobustJudge.z(logChance: log(RobustJudge.saleChance(0, open - 1)))
        if Tie.atLeast(z, rule.threshold) { flag(i, 1, z, 0) }
        continue
      }
      let mean = Swift.max(0, (sum - x) / others)
      guard x > mean || mean > rule.threshold else { continue }
      let variance = Swift.max(
        0, (squares - x * x - (sum - x) * (sum - x) / others) / Swift.max(1, others - 1))
      let z: Double
      if x > mean {
        // Half a unit more keeps the chance of what never happened above nothing.
        let chance = CountTail.atLeast(x, mean: mean + 0.5 / others, variance: variance)
        z = RobustJudge.z(logChance: log(Swift.max(chance, 1e-300)))
      } else {
        let more = CountTail.atLeast(Swift.max(0, x.rounded(.down)) + 1, mean: mean, variance: variance)
        z = -RobustJudge.z(logChance: log(Swift.max(1 - more, 1e-300)))
      }
      if Tie.atLeast(z.magnitude, rule.threshold) { flag(i, 1, z, mean) }
    }
    let n = Double(Swift.max(1, open))
    let mean = sum / n
    let variance = (squares - sum * mean) / Swift.max(1, n - 1)
    let zero = RobustJudge.z(
      logChance: log(Swift.max(1e-300, 1 - CountTail.atLeast(1, mean: mean, variance: variance))))
    return (Swift.max(0, mean), Tie.atLeast(zero, rule.threshold))
  }

  /// Flags runs without sales that end in the judged days and that chance does not explain.
  private func runs(
    _ y: UnsafeBufferPointer<Double>, _ start: Int, _ firstJudged: Int, open: Int, sales: Int, daily: Double,
    _ flag: (Int, Int, Double, Double) -> Void
  ) {
    var length = 0
    var openLength = 0
    for i in start...y.count {
      if i < y.count, y[i] <= 0 {
        length += 1
        if isOpen[i % 7] { openLength += 1 }
        continue
      }
      if openLength > 0, i > firstJudged {
        // The run itself is among the days: what is asked is whether all of them can be of one kind.
        let p = RobustJudge.saleChance(sales, open)
        let z = RobustJudge.z(logChance: Double(openLength) * log1p(-p))
        if Tie.atLeast(z, rule.threshold) { flag(i - 1, length, -z, daily * Double(openLength)) }
      }
      (length, openLength) = (0, 0)
    }
  }

  /// The square root that makes the noise of counts even; returns count below zero.
  @inline(__always) private static func root(_ x: Double) -> Double {
    x >= 0 ? (x + 0.375).squareRoot() : 2 * 0.375.squareRoot() - (0.375 - x).squareRoot()
  }

  /// The chance of a sale on an open day, kept below 1 by half a day (the Jeffreys prior's mean).
  private static func saleChance(_ sales: Int, _ open: Int) -> Double {
    (Double(sales) + 0.5) / (Double(Swift.max(sales, open)) + 1)
  }

  /// The z that a normal variable exceeds with that chance; 0 for what is likelier than not.
  private static func z(logChance: Double) -> Double {
    logChance > -0.6931471805599453 ? 0 : -Normal.quantile(exp(Swift.max(-690, logChance)))
  }

  /// The first place from `start` on that falls on a weekday.
  private static func first(_ weekday: Int, _ start: Int) -> Int { start + (weekday - start % 7 + 7) % 7 }

  /// The median of the first values of the scratch memory, which are put into order.
  private mutating func median(_ count: Int) -> Double {
    guard count > 0 else { return 0 }
    scratch.withUnsafeMutableBufferPointer { all in
      var part = UnsafeMutableBufferPointer(rebasing: all[0..<count])
      if count <= 16 {
        for i in 1..<Swift.max(1, count) {
          let value = part[i]
          var j = i
          while j > 0, part[j - 1] > value {
            part[j] = part[j - 1]
            j -= 1
          }
          part[j] = value
        }
      } else {
        part.sort()
      }
    }
    return count % 2 == 1 ? scratch[count / 2] : (scratch[count / 2 - 1] + scratch[count / 2]) / 2
  }
}
