/// Kinds of demand by how often it comes and how much its size varies (Syntetos, Boylan & Croston, "On the
/// categorization of demand patterns", 2005): cuts at an average interval of 1.32 steps and a squared
/// coefficient of variation of 0.49.
public enum DemandClass: String, Hashable, Sendable, CaseIterable {
  /// Nothing was ever sold.
  case none
  /// Too short a history to say.
  case new
  /// Comes often, in similar sizes.
  case smooth
  /// Comes often, in very different sizes.
  case erratic
  /// Comes seldom, in similar sizes.
  case intermittent
  /// Comes seldom, in very different sizes.
  case lumpy

  /// Steps per sale from which demand is intermittent.
  public static let intervalCut = 1.32
  /// Squared coefficient of variation of sizes from which demand is erratic.
  public static let variationCut = 0.49

  /// The class of a history that begins with its first sale.
  init(_ y: UnsafeBufferPointer<Double>) {
    var sales = 0
    var sum = 0.0
    var squares = 0.0
    for v in y where v != 0 {
      sales += 1
      sum += v
      squares += v * v
    }
    guard sales > 0 else {
      self = .none
      return
    }
    guard y.count >= 8 else {
      self = .new
      return
    }
    let interval = Double(y.count) / Double(sales)
    let mean = sum / Double(sales)
    let variation = Swift.max(0, squares / Double(sales) - mean * mean) / (mean * mean)
    let often = interval < Self.intervalCut
    self =
      variation < Self.variationCut ? (often ? .smooth : .intermittent) : (often ? .erratic : .lumpy)
  }

  /// The class of a history; zeros before its first sale do not count.
  public init(history: [Double]) {
    let clean = History.sanitized(history)
    let start = clean.firstIndex { $0 != 0 } ?? clean.count
    self = clean.withUnsafeBufferPointer { DemandClass(UnsafeBufferPointer(rebasing: $0[start...])) }
  }
}
