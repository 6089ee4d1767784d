/// The distinct texts of a column: a column holds a code a row, the dictionary holds each text once.
///
/// Entries are distinct, so two codes of one dictionary are equal exactly when their texts are.
public final class TextDictionary: Sendable {
  /// The UTF-8 bytes of all entries, one after the other.
  public let bytes: [UInt8]
  /// Entry `i` is `bytes[offsets[i]..<offsets[i + 1]]`.
  public let offsets: [Int]

  /// Number of entries.
  public var count: Int { offsets.count - 1 }

  /// Takes entries that are known to be distinct.
  public init(bytes: [UInt8], offsets: [Int]) {
    self.bytes = bytes
    self.offsets = offsets
  }

  /// Takes texts that are known to be distinct.
  public convenience init(distinct texts: [String]) {
    var bytes: [UInt8] = []
    var offsets = [0]
    for text in texts {
      bytes.append(contentsOf: text.utf8)
      offsets.append(bytes.count)
    }
    self.init(bytes: bytes, offsets: offsets)
  }

  /// The text of an entry.
  public subscript(code: Int32) -> String {
    String(decoding: bytes[offsets[Int(code)]..<offsets[Int(code) + 1]], as: UTF8.self)
  }

  /// All entries as strings, in the order of their codes.
  public var strings: [String] { (0..<count).map { self[Int32($0)] } }

  /// For each entry its place among the entries in the order of their UTF-8 bytes (the order of code points).
  public func ranks() -> [Int32] {
    let order = bytes.withUnsafeBufferPointer { b in
      (0..<Int32(count)).sorted { x, y in
        let (a0, a1) = (offsets[Int(x)], offsets[Int(x) + 1])
        let (b0, b1) = (offsets[Int(y)], offsets[Int(y) + 1])
        var i = 0
        let n = min(a1 - a0, b1 - b0)
        while i < n {
          let (p, q) = (b[a0 + i], b[b0 + i])
          if p != q { return p < q }
          i += 1
        }
        return a1 - a0 < b1 - b0
      }
    }
    var ranks = [Int32](repeating: 0, count: count)
    for (rank, code) in order.enumerated() { ranks[Int(code)] = Int32(rank) }
    return ranks
  }
}

/// Collects texts and gives each distinct one a code, in the order of first appearance.
public struct TextDictionaryBuilder {
  private var bytes: [UInt8] = []
  private var offsets: [Int] = [0]
  private var hashes: [UInt64] = []
  private var slots: [Int32]
  private var mask: Int

  /// An empty builder with room for about `capacity` distinct texts.
  public init(capacity: Int = 64) {
    var size = 128
    while size < capacity * 2 { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    mask = size - 1
  }

  /// Number of distinct texts so far.
  public var count: Int { offsets.count - 1 }

  /// The code of a text.
  public mutating func code(for text: String) -> Int32 {
    var text = text
    return text.withUTF8 { code(for: $0) }
  }

  /// The code of a text given as UTF-8 bytes (which must be valid UTF-8).
  public mutating func code(for utf8: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = TextDictionaryBuilder.hash(utf8)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let code = slots[slot]
      if code < 0 { break }
      if hashes[Int(code)] == hash, equals(code, utf8) { return code }
      slot = (slot + 1) & mask
    }
    let code = Int32(count)
    bytes.append(contentsOf: utf8)
    offsets.append(bytes.count)
    hashes.append(hash)
    slots[slot] = code
    if count * 2 > slots.count { grow() }
    return code
  }

  /// The dictionary of what was collected.
  public func build() -> TextDictionary { TextDictionary(bytes: bytes, offsets: offsets) }

  private func equals(_ code: Int32, _ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = offsets[Int(code)]
    guard offsets[Int(code) + 1] - start == utf8.count else { return false }
    return bytes.withUnsafeBufferPointer { b in
      for i in 0..<utf8.count where b[start + i] != utf8[i] { return false }
      return true
    }
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    mask = slots.count - 1
    for (code, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(code)
    }
  }

  /// A 64-bit hash of bytes, the same on every run (FNV-1a over words, finished by a multiply-xorshift).
  @inline(__always)
  static func hash(_ utf8: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var h: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(utf8.count)
    var i = 0
    if let base = UnsafeRawPointer(utf8.baseAddress) {
      while i + 8 <= utf8.count {
        h = (h ^ base.loadUnaligned(fromByteOffset: i, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
        h ^= h >> 29
        i += 8
      }
    }
    while i < utf8.count {
      h = (h ^ UInt64(utf8[i])) &* 0x0000_0100_0000_01B3
      i += 1
    }
    h ^= h >> 32
    h = h &* 0xD6E8_FEB8_6659_FD93
    return h ^ (h >> 32)
  }
}
