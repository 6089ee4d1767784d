/// Comparisons with a class threshold that rounding cannot change.
///
/// Values exactly on a threshold are common with counts: three equal sales in thirty days have a z of
/// exactly 3, and 1.1 a day for seven and three days is 11.000000000000002 against a stock of 11. A value
/// within `tolerance` of a threshold therefore counts as lying on it.
public enum Tie {
  /// Absolute distance within which a value counts as being on the threshold.
  public static let tolerance = 1e-9

  /// Whether `value` is clearly below `cut`.
  @inlinable public static func below(_ value: Double, _ cut: Double) -> Bool { value < cut - tolerance }

  /// Whether `value` is clearly above `cut`.
  @inlinable public static func above(_ value: Double, _ cut: Double) -> Bool { value > cut + tolerance }

  /// Whether `value` is at or below `cut`.
  @inlinable public static func atMost(_ value: Double, _ cut: Double) -> Bool { value <= cut + tolerance }

  /// Whether `value` is at or above `cut`.
  @inlinable public static func atLeast(_ value: Double, _ cut: Double) -> Bool { value >= cut - tolerance }

  /// Whether a stock is clearly below a level; the tolerance grows with levels above one.
  @inlinable public static func stockBelow(_ stock: Double, _ level: Double) -> Bool {
    stock < level - tolerance * Swift.max(1, level)
  }
}
