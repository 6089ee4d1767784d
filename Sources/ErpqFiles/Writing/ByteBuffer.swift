import ErpqBase

/// Where written bytes go, a block at a time. What it throws ends the writing.
public typealias ByteSink = (UnsafeRawBufferPointer) throws -> Void

/// Collects bytes and hands them to a sink in blocks.
struct ByteBuffer {
  private(set) var bytes: [UInt8] = []
  private let sink: ByteSink
  private static let block = 64 << 10

  init(_ sink: @escaping ByteSink) {
    self.sink = sink
    bytes.reserveCapacity(ByteBuffer.block + 4096)
  }

  @inline(__always)
  mutating func put(_ byte: UInt8) { bytes.append(byte) }

  mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func put(_ slice: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: slice) }

  /// A whole number in decimal.
  mutating func put(int value: Int64) {
    if value < 0 { put(0x2D) }
    put(digits: value.magnitude, width: 1)
  }

  /// Decimal digits, with leading zeros up to `width`.
  mutating func put(digits value: UInt64, width: Int) {
    let start = bytes.count
    var rest = value
    repeat {
      bytes.append(UInt8(truncatingIfNeeded: rest % 10) + 0x30)
      rest /= 10
    } while rest > 0
    while bytes.count - start < width { bytes.append(0x30) }
    var (i, j) = (start, bytes.count - 1)
    while i < j {
      bytes.swapAt(i, j)
      i += 1
      j -= 1
    }
  }

  private static let scales: [Double] = [1, 10, 100, 1000, 10_000, 100_000]

  /// The shortest decimal that reads back as the same number. Not for infinite ones.
  mutating func put(_ value: Double, decimal: UInt8) {
    let magnitude = value.magnitude
    // A number of up to 15 digits is the only such decimal near its double, so the first scale that gives a
    // whole number and divides back gives the shortest form.
    if magnitude < 1e10 {
      for places in 0..<6 {
        let scale = ByteBuffer.scales[places]
        let product = magnitude * scale
        // Rounded by hand: below 10¹⁵ an integer holds it, and the library's function is a call.
        var whole = UInt64(product)
        if product - Double(whole) >= 0.5 { whole += 1 }
        let scaled = Double(whole)
        guard scaled < 1e15, scaled / scale == magnitude else { continue }
        if value < 0 { put(0x2D) }
        let unit = UInt64(scale)
        put(digits: whole / unit, width: 1)
        if places > 0 {
          put(decimal)
          put(digits: whole % unit, width: places)
        }
        return
      }
    }
    for byte in formatNumber(value).utf8 { put(byte == 0x2E ? decimal : byte) }
  }

  /// `YYYY-MM-DD`.
  mutating func put(day: Int32) {
    let (year, month, date) = CivilDate(day: day).components
    if year < 0 { put(0x2D) }
    put(digits: UInt64(year.magnitude), width: 4)
    put(0x2D)
    put(digits: UInt64(month.magnitude), width: 2)
    put(0x2D)
    put(digits: UInt64(date.magnitude), width: 2)
  }

  /// `YYYY-MM-DD HH:MM:SS`, with a fraction only where there is one; between the two stands `separator`.
  mutating func put(microseconds: Int64, separator: UInt8) {
    let instant = Instant(microseconds: microseconds)
    put(day: instant.utcDate.day)
    put(separator)
    let day: Int64 = 86_400_000_000
    let rest = UInt64(((microseconds % day) + day) % day)
    let seconds = rest / 1_000_000
    put(digits: seconds / 3600, width: 2)
    put(0x3A)
    put(digits: seconds / 60 % 60, width: 2)
    put(0x3A)
    put(digits: seconds % 60, width: 2)
    if rest % 1_000_000 != 0 {
      put(0x2E)
      put(digits: rest % 1_000_000, width: 6)
    }
  }

  /// Hands the bytes on when a block is full.
  @inline(__always)
  mutating func drain() throws { if bytes.count >= ByteBuffer.block { try flush() } }

  /// Hands all bytes on.
  mutating func flush() throws {
    guard !bytes.isEmpty else { return }
    try bytes.withUnsafeBytes { try sink($0) }
    bytes.removeAll(keepingCapacity: true)
  }
}
