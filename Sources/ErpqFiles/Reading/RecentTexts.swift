import ErpqTables

/// Codes of short texts seen before, by their bytes: saves most look-ups in a column's dictionary, since order
/// books repeat the same articles and customers.
struct RecentTexts {
  private var words: [UInt64] = []
  private var codes: [Int32] = []
  private static let size = 8192

  /// The code of the text at `p`, which must be followed by eight bytes that may be read.
  @inline(__always)
  mutating func code(
    _ p: UnsafePointer<UInt8>, _ count: Int, _ dictionary: inout TextDictionaryBuilder
  ) -> Int32 {
    guard count <= 7 else {
      return dictionary.code(for: UnsafeBufferPointer(start: p, count: count))
    }
    if words.isEmpty {
      words = Array(repeating: 0, count: RecentTexts.size)
      codes = Array(repeating: -1, count: RecentTexts.size)
    }
    // The bytes of the text, its length in the eighth: equal words are equal texts.
    let bits = UInt64(count) &* 8
    let word = UnsafeRawPointer(p).loadUnaligned(as: UInt64.self) & ((1 &<< bits) &- 1) | UInt64(count) &<< 56
    let slot = Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 51)
    if words[slot] == word, codes[slot] >= 0 { return codes[slot] }
    let code = dictionary.code(for: UnsafeBufferPointer(start: p, count: count))
    words[slot] = word
    codes[slot] = code
    return code
  }
}
