/// One bit a row: whether a column's value is there. Bits past `count` are zero.
public struct Bitmap: Hashable, Sendable {
  /// The bits, 64 a word, lowest first.
  public var words: [UInt64]
  /// Number of rows.
  public let count: Int

  /// `count` bits, all set or all clear.
  public init(repeating bit: Bool, count: Int) {
    self.count = count
    words = [UInt64](repeating: bit ? .max : 0, count: (count + 63) / 64)
    if bit { clearTail() }
  }

  /// The bits of an array of flags.
  public init(_ flags: [Bool]) {
    self.init(repeating: false, count: flags.count)
    for (i, flag) in flags.enumerated() where flag { words[i >> 6] |= 1 << UInt64(i & 63) }
  }

  private mutating func clearTail() {
    if count & 63 != 0, !words.isEmpty { words[words.count - 1] &= (1 << UInt64(count & 63)) - 1 }
  }

  /// The bit of a row.
  @inline(__always)
  public subscript(row: Int) -> Bool {
    get { words[row >> 6] >> UInt64(row & 63) & 1 == 1 }
    set {
      let bit: UInt64 = 1 << UInt64(row & 63)
      if newValue { words[row >> 6] |= bit } else { words[row >> 6] &= ~bit }
    }
  }

  /// Number of set bits.
  public var setCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// Rows set in both.
  public func intersection(_ other: Bitmap) -> Bitmap {
    var result = self
    for i in words.indices { result.words[i] &= other.words[i] }
    return result
  }

  /// Rows that are not set.
  public var inverted: Bitmap {
    var result = self
    result.words = words.map { ~$0 }
    result.clearTail()
    return result
  }

  /// Both validities at once; nil stands for "all valid".
  public static func both(_ a: Bitmap?, _ b: Bitmap?) -> Bitmap? {
    guard let a else { return b }
    guard let b else { return a }
    return a.intersection(b)
  }
}
