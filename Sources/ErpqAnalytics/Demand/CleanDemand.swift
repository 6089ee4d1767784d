import ErpqBase

/// What in a history of sales is no usual demand: days on which there was nothing to sell, and orders that came
/// once.
public enum CleanDemand {
  /// A run of days without stock that is longer is no gap in supply: the product was given up, or is not kept
  /// in stock at all.
  public static let longestGap = 90
  /// Sales without stock, as a share of what the same days sell with stock, from which orders are plainly
  /// taken without stock: then sales tell of demand on these days too.
  public static let backorderShare = 0.5
  /// Units that the days without stock would have had to sell for their silence to mean something.
  public static let leastMissed = 3.0

  /// The days of a history, ascending, whose sales say nothing of demand because nothing lay in stock.
  ///
  /// All days without stock are left out or none: leaving out only those without a sale would make demand look
  /// higher than it is. They are left out where they sold less than half of what days with stock sell.
  ///
  /// - Parameters:
  ///   - y: sales a day.
  ///   - isOut: whether nothing lay in stock all day; as many.
  public static func stockOuts(_ y: ArraySlice<Double>, isOut: [Bool]) -> [Int] {
    let n = Swift.min(y.count, isOut.count)
    let first = y.startIndex
    guard let begin = (0..<n).first(where: { y[first + $0] != 0 }) else { return [] }
    var days: [Int] = []
    var t = begin
    while t < n {
      guard isOut[t] else {
        t += 1
        continue
      }
      var end = t
      while end < n, isOut[end] { end += 1 }
      if end - t <= longestGap { days.append(contentsOf: t..<end) }
      t = end
    }
    guard !days.isEmpty else { return [] }
    var sold = 0.0
    for d in days { sold += Swift.max(0, y[first + d]) }
    var with = 0.0
    var count = 0.0
    for t in begin..<n where !isOut[t] {
      with += Swift.max(0, y[first + t])
      count += 1
    }
    guard count > 0 else { return [] }
    let expected = with / count * Double(days.count)
    return expected >= leastMissed && sold < backorderShare * expected ? days : []
  }

  /// A day with an order far beyond all others.
  public struct Bulk: Hashable, Sendable {
    /// The place of the day in the history.
    public var day: Int
    /// What was sold.
    public var sold: Double
    /// What it is read as: as much as on the best of the other days.
    public var read: Double
  }

  /// How many times the best of the usual days a day must have sold to be no usual one.
  public static let bulkFactor = 3.0

  /// One-off bulk orders: days beyond the outer fence of the days with sales (the third quartile and six times
  /// the distance of the quartiles) that sold more than three times as much as any usual day, at most two and a
  /// hundredth of all days with sales. What comes oftener is the demand's own way.
  ///
  /// Twelve usual days with sales are needed to say what is usual.
  public static func bulk(_ y: ArraySlice<Double>) -> [Bulk] {
    let first = y.startIndex
    let places = y.indices.filter { y[$0] > 0 }.sorted { (y[$1], $0) < (y[$0], $1) }
    let most = Swift.max(2, places.count / 100)
    guard places.count >= 13 else { return [] }
    let ascending = places.reversed().map { y[$0] }
    let (low, high) = (
      Statistics.quantile(sorted: ascending, 0.25) ?? 0, Statistics.quantile(sorted: ascending, 0.75) ?? 0
    )
    // The largest step down within the first few.
    for k in stride(from: Swift.min(most, places.count - 12), through: 1, by: -1) {
      let usual = y[places[k]]
      let least = y[places[k - 1]]
      if least > bulkFactor * usual, least > high + 6 * (high - low) {
        return places[..<k].map { Bulk(day: $0 - first, sold: y[$0], read: usual) }.sorted { $0.day < $1.day }
      }
    }
    return []
  }
}
