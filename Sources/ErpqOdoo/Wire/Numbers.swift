#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Powers of ten that are exact doubles.
private let powers: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
  1e19, 1e20, 1e21, 1e22,
]

/// A number read from text.
enum WireNumber {
  case int(Int64)
  case double(Double)
}

/// Reads a number at `i`, which moves behind it; nil when none stands there. The byte behind the number must be
/// readable and no part of one. The nearest double is always found: short decimals by one exact division
/// (Clinger 1990), others by `strtod`.
@inline(__always)
func scanNumber(_ p: UnsafePointer<UInt8>, _ i: inout Int, _ end: Int) -> WireNumber? {
  let start = i
  var j = i
  let isNegative = j < end && p[j] == 0x2D
  if isNegative { j &+= 1 }
  let firstDigit = j
  var mantissa: UInt64 = 0
  while j < end, p[j] &- 0x30 < 10 {
    mantissa = mantissa &* 10 &+ UInt64(p[j] &- 0x30)
    j &+= 1
  }
  var digits = j &- firstDigit
  guard digits > 0 else { return nil }
  guard j < end, p[j] == 0x2E || p[j] | 0x20 == 0x65 else {
    i = j
    if digits <= 18 { return .int(isNegative ? -Int64(mantissa) : Int64(mantissa)) }
    return wholeNumber(p, start, j)
  }
  var scale = 0
  if p[j] == 0x2E {
    j &+= 1
    let first = j
    while j < end, p[j] &- 0x30 < 10 {
      mantissa = mantissa &* 10 &+ UInt64(p[j] &- 0x30)
      j &+= 1
    }
    scale = j &- first
    digits &+= scale
  }
  if j < end, p[j] | 0x20 == 0x65 {
    j &+= 1
    if j < end, p[j] == 0x2B || p[j] == 0x2D { j &+= 1 }
    while j < end, p[j] &- 0x30 < 10 { j &+= 1 }
    i = j
    return .double(slowDouble(p, start))
  }
  i = j
  if digits <= 19, mantissa < 1 << 53, scale <= 22 {
    let value = Double(mantissa) / powers[scale]
    return .double(isNegative ? -value : value)
  }
  return .double(slowDouble(p, start))
}

@inline(never)
private func slowDouble(_ p: UnsafePointer<UInt8>, _ start: Int) -> Double {
  strtod(UnsafeRawPointer(p + start).assumingMemoryBound(to: CChar.self), nil)
}

/// A whole number of more than 18 digits: exact where it fits 64 bits, else the nearest double.
@inline(never)
private func wholeNumber(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> WireNumber {
  let text = String(decoding: UnsafeBufferPointer(start: p + start, count: end - start), as: UTF8.self)
  return Int64(text).map { .int($0) } ?? .double(slowDouble(p, start))
}

/// Reads `YYYY-MM-DD` as days since 1970-01-01; nil for anything else.
@inline(__always)
func scanDay(_ p: UnsafePointer<UInt8>, _ i: Int) -> Int32? {
  func digit(_ k: Int) -> Int32 { Int32(p[i &+ k] &- 0x30) }
  for k in [0, 1, 2, 3, 5, 6, 8, 9] where p[i &+ k] &- 0x30 > 9 { return nil }
  guard p[i &+ 4] == 0x2D, p[i &+ 7] == 0x2D else { return nil }
  let year = ((digit(0) &* 10 &+ digit(1)) &* 10 &+ digit(2)) &* 10 &+ digit(3)
  let month = digit(5) &* 10 &+ digit(6)
  let day = digit(8) &* 10 &+ digit(9)
  guard month >= 1, month <= 12, day >= 1, day <= monthLength(year, month) else { return nil }
  // Days from civil, Howard Hinnant, for years from 0 on.
  let y = month <= 2 ? year &- 1 : year
  let era = (y >= 0 ? y : y &- 399) / 400
  let yoe = y &- era &* 400
  let doy = (153 &* (month &+ (month > 2 ? -3 : 9)) &+ 2) / 5 &+ day &- 1
  return era &* 146_097 &+ yoe &* 365 &+ yoe / 4 &- yoe / 100 &+ doy &- 719_468
}

@inline(__always)
private func monthLength(_ year: Int32, _ month: Int32) -> Int32 {
  switch month {
  case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  case 4, 6, 9, 11: 30
  default: 31
  }
}

/// Reads `YYYY-MM-DD HH:MM:SS[.ffffff]` (UTC) as microseconds; nil for anything else.
@inline(__always)
func scanMoment(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int64? {
  guard end &- start >= 19, let day = scanDay(p, start) else { return nil }
  func two(_ k: Int) -> Int64? {
    let (a, b) = (p[start &+ k] &- 0x30, p[start &+ k &+ 1] &- 0x30)
    return a < 10 && b < 10 ? Int64(a) &* 10 &+ Int64(b) : nil
  }
  guard p[start &+ 10] == 0x20 || p[start &+ 10] == 0x54, p[start &+ 13] == 0x3A, p[start &+ 16] == 0x3A,
    let h = two(11), let m = two(14), let s = two(17), h < 24, m < 60, s < 61
  else { return nil }
  var micro: Int64 = 0
  var i = start &+ 19
  if i < end, p[i] == 0x2E {
    var scale: Int64 = 100_000
    i &+= 1
    while i < end, p[i] &- 0x30 < 10 {
      micro &+= Int64(p[i] &- 0x30) &* scale
      scale /= 10
      i &+= 1
    }
  }
  guard i == end else { return nil }
  return (Int64(day) &* 86_400 &+ h &* 3600 &+ m &* 60 &+ s) &* 1_000_000 &+ micro
}
