import ErpqTables

/// Which rows of a growing column hold a value. Costs nothing until the first null.
struct ValidityBuilder {
  private var words: [UInt64] = []
  private var count = 0
  private var hasNulls = false

  /// Adds `rows` flags, one a byte; `nulls` of them are 0.
  mutating func append(_ flags: UnsafePointer<UInt8>, _ rows: Int, nulls: Int) {
    if nulls == 0, !hasNulls {
      count += rows
      return
    }
    if !hasNulls {
      hasNulls = true
      words = Bitmap(repeating: true, count: count).words
    }
    let needed = (count + rows + 63) / 64
    words.append(contentsOf: repeatElement(0, count: Swift.max(0, needed - words.count)))
    words.withUnsafeMutableBufferPointer { words in
      for i in 0..<rows {
        let bit = count &+ i
        words[bit >> 6] |= UInt64(flags[i]) << UInt64(bit & 63)
      }
    }
    count += rows
  }

  /// The bitmap; nil when there is no null.
  func build() -> Bitmap? {
    guard hasNulls else { return nil }
    var bitmap = Bitmap(repeating: false, count: count)
    for i in bitmap.words.indices { bitmap.words[i] = words[i] }
    return bitmap
  }
}
