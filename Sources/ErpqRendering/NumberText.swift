import ErpqBase

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Numbers as people read them. Data files take `Value.description` instead, which keeps every digit.
public enum NumberText {
  /// A number with as many digits as one takes in at a glance.
  public static func figure(_ value: Double) -> String {
    let size = value.magnitude
    let decimals = value == value.rounded() || size >= 1000 ? 0 : size >= 100 ? 1 : 2
    return fixed(value, decimals: decimals)
  }

  /// An integer with commas between thousands.
  public static func grouped(_ value: Int64) -> String {
    (value < 0 ? "-" : "") + grouping(String(value.magnitude))
  }

  /// A number with exactly `decimals` decimals (0…12), with commas between thousands when `grouped`.
  ///
  /// What is not finite reads `nan`, `inf`, `-inf`; from 1e15 on, where a double no longer holds decimals,
  /// and for numbers too small to show one digit of, the shortest scientific form is taken.
  public static func fixed(_ value: Double, decimals: Int, grouped: Bool = true) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    if value.magnitude >= 1e15 { return scientific(value) }
    let decimals = max(0, min(12, decimals))
    var places = decimals
    var scaled = (value.magnitude * powersOfTen[places]).rounded()
    while scaled >= 9e15, places > 0 {
      places -= 1
      scaled = (value.magnitude * powersOfTen[places]).rounded()
    }
    var digits = String(UInt64(scaled)) + String(repeating: "0", count: decimals - places)
    if digits.utf8.count <= decimals {
      digits = String(repeating: "0", count: decimals + 1 - digits.utf8.count) + digits
    }
    let whole = String(digits.dropLast(decimals))
    // A number that rounds to zero has no sign.
    let sign = value < 0 && scaled > 0 ? "-" : ""
    return sign + (grouped ? grouping(whole) : whole) + (decimals > 0 ? "." + digits.suffix(decimals) : "")
  }

  /// A short form with a suffix for axes: `950`, `1.2k`, `35M`, `4.2G`; `decimals` apply to the scaled
  /// number.
  static func compact(_ value: Double, scale: (divisor: Double, suffix: String), decimals: Int) -> String {
    fixed(value / scale.divisor, decimals: decimals) + (value == 0 ? "" : scale.suffix)
  }

  /// The number of decimals that a column of numbers is shown with: as many as its values have, at most what
  /// its magnitude allows (four significant digits below one, one decimal from a thousand on), but more, up
  /// to four, where values that differ would look the same or would look like zero.
  static func decimals(for values: [Double]) -> Int {
    var largest = 0.0
    var exact = 0
    for v in values where v.isFinite {
      largest = max(largest, v.magnitude)
      while exact < 12, !isWhole(v, decimals: exact) { exact += 1 }
    }
    guard largest > 0 else { return 0 }
    let exponent = Int(log10(largest).rounded(.down))
    let cap = exponent >= 3 ? 1 : exponent >= 1 ? 2 : exponent >= 0 ? 3 : min(12, 3 - exponent)
    // Two decimals are prices more often than not, and nothing of them is cut.
    var places = exact <= 2 ? exact : min(exact, cap)
    while places < min(exact, 4), hides(values, places) { places += 1 }
    return places
  }

  private static func isWhole(_ v: Double, decimals: Int) -> Bool {
    let scaled = v.magnitude * powersOfTen[decimals]
    return scaled >= 1e15 || (scaled - scaled.rounded()).magnitude <= max(1e-9, scaled * 4e-16)
  }

  /// Whether so few decimals make a number look like zero or like another one of the column.
  private static func hides(_ values: [Double], _ places: Int) -> Bool {
    var shown: [Double: Double] = [:]
    for v in values where v.isFinite && v.magnitude < 1e15 {
      let rounded = (v * powersOfTen[places]).rounded()
      if rounded == 0, v.magnitude >= 1e-9 { return true }
      if let other = shown[rounded], (other - v).magnitude > 1e-9 * v.magnitude { return true }
      shown[rounded] = v
    }
    return false
  }

  static let powersOfTen: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12]

  /// Four significant digits and a power of ten: `1.234e+18`.
  static func scientific(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return formatNumber(value) }
    var exponent = Int(log10(value.magnitude).rounded(.down))
    // In two steps, because 10^-320 is not a normal number.
    var mantissa =
      value.magnitude * pow(10, Double(-exponent / 2)) * pow(10, Double(-exponent - (-exponent / 2)))
    mantissa = (mantissa * 1000).rounded() / 1000
    if mantissa >= 10 {
      mantissa /= 10
      exponent += 1
    }
    return (value < 0 ? "-" : "") + formatNumber(mantissa) + "e" + (exponent < 0 ? "-" : "+")
      + padded(abs(exponent), 2)
  }

  private static func grouping(_ digits: String) -> String {
    let u = Array(digits.utf8)
    guard u.count > 3 else { return digits }
    var out: [UInt8] = []
    out.reserveCapacity(u.count + u.count / 3)
    for (i, digit) in u.enumerated() {
      if i > 0, (u.count - i) % 3 == 0 { out.append(44) }
      out.append(digit)
    }
    return String(decoding: out, as: UTF8.self)
  }
}
