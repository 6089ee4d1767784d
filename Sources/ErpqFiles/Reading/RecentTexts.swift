import ErpqTables

/// Codes of short texts seen before, by their bytes: saves most look-ups in a column's dictionary, since
/// order books repeat the same articles and customers.
final class RecentTexts {
  private let words: UnsafeMutablePointer<UInt64>
  private let codes: UnsafeMutablePointer<Int32>
  private let mask: Int

  /// Room for so many texts, a power of two of up to 4096.
  init(size: Int) {
    mask = size - 1
    words = .allocate(capacity: size)
    codes = .allocate(capacity: size)
    // No text has this word: its eighth byte is no length of up to seven.
    words.initialize(repeating: .max, count: size)
    codes.initialize(repeating: 0, count: size)
  }

  deinit {
    words.deallocate()
    codes.deallocate()
  }

  /// The code of the text at `p`, which must be followed by eight bytes that may be read.
  @inline(__always)
  func code(
    _ p: UnsafePointer<UInt8>, _ count: Int, _ dictionary: inout TextDictionaryBuilder
  ) -> Int32 {
    guard count <= 7 else {
      return dictionary.code(for: UnsafeBufferPointer(start: p, count: count))
    }
    // The bytes of the text, its length in the eighth: equal words are equal texts.
    let bits = UInt64(truncatingIfNeeded: count &* 8)
    let bytes = UnsafeRawPointer(p).loadUnaligned(as: UInt64.self)
    let word = bytes & ((1 &<< bits) &- 1) | UInt64(truncatingIfNeeded: count) &<< 56
    let slot = Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) &>> 52) & mask
    if words[slot] == word { return codes[slot] }
    let code = dictionary.code(for: UnsafeBufferPointer(start: p, count: count))
    words[slot] = word
    codes[slot] = code
    return code
  }
}

/// Whether two texts of the same eight bytes or more are equal.
@inline(__always)
func areEqual(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
  let (a, b) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
  func differ(_ i: Int) -> Bool {
    a.loadUnaligned(fromByteOffset: i, as: UInt64.self) != b.loadUnaligned(fromByteOffset: i, as: UInt64.self)
  }
  var i = 0
  while i &+ 8 < count {
    if differ(i) { return false }
    i &+= 8
  }
  return !differ(count &- 8)
}
