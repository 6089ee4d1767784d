#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Natural logarithm.
@inline(__always) func logarithm(_ x: Double) -> Double { log(x) }
/// Exponential function.
@inline(__always) func exponential(_ x: Double) -> Double { exp(x) }
/// Power.
@inline(__always) func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
/// Logarithm of the gamma function of a positive number.
func logGamma(_ x: Double) -> Double {
  var sign: Int32 = 0
  return lgamma_r(x, &sign)
}
