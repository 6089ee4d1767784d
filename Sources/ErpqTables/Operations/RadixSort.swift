import ErpqBase

extension SortCodes {
  /// The rows in the order of their codes, stable against the order given (that of the table when nil).
  ///
  /// Up to 32 leading bits of a code and the row's place share one 64-bit word, which is sorted from its low
  /// digit to its high one; rows whose leading bits agree are then sorted among themselves by the rest.
  func order(after previous: [Int32]?) throws -> [Int32] {
    let rows = codes.count
    if bits == 0 {
      return previous
        ?? [Int32](unsafeUninitializedCapacity: rows) { out, n in
          for i in 0..<rows { out[i] = Int32(truncatingIfNeeded: i) }
          n = rows
        }
    }
    let low = UInt64(Swift.max(0, bits - 32))
    var words = [UInt64](unsafeUninitializedCapacity: rows) { out, n in
      codes.withUnsafeBufferPointer { c in
        if let previous {
          previous.withUnsafeBufferPointer { p in
            for i in 0..<rows { out[i] = (c[Int(p[i])] >> low) << 32 | UInt64(truncatingIfNeeded: i) }
          }
        } else {
          for i in 0..<rows { out[i] = (c[i] >> low) << 32 | UInt64(truncatingIfNeeded: i) }
        }
      }
      n = rows
    }
    try radixSort(&words, from: 32, bits: Swift.min(bits, 32))
    var order = [Int32](unsafeUninitializedCapacity: rows) { out, n in
      words.withUnsafeBufferPointer { w in
        for i in 0..<rows { out[i] = Int32(truncatingIfNeeded: w[i]) }
      }
      n = rows
    }
    if low > 0 { try breakTies(words, &order, previous, lowBits: low) }
    if let previous {
      order.withUnsafeMutableBufferPointer { o in
        previous.withUnsafeBufferPointer { p in for i in 0..<o.count { o[i] = p[Int(o[i])] } }
      }
    }
    return order
  }

  /// Sorts each run of equal leading bits by the low bits. The places in `order` ascend within a run.
  private func breakTies(
    _ words: [UInt64], _ order: inout [Int32], _ previous: [Int32]?, lowBits: UInt64
  ) throws {
    let mask = (UInt64(1) << lowBits) - 1
    let rows = words.count
    let cancel = Cancellation.current
    var run: [UInt64] = []
    var start = 0
    while start < rows {
      var end = start + 1
      let leading = words[start] >> 32
      while end < rows, words[end] >> 32 == leading { end += 1 }
      if end - start > 1 {
        try cancel.check()
        run.removeAll(keepingCapacity: true)
        for i in start..<end {
          let place = Int(order[i])
          let row = previous.map { Int($0[place]) } ?? place
          run.append((codes[row] & mask) << 32 | UInt64(place))
        }
        if run.count > 1024 { try radixSort(&run, from: 32, bits: Int(lowBits)) } else { run.sort() }
        for i in start..<end { order[i] = Int32(truncatingIfNeeded: run[i - start]) }
      }
      start = end
    }
  }
}

/// Sorts words by `bits` bits from bit `from` on, stable, least significant digit first. Digits that all
/// words share cost nothing.
func radixSort(_ words: inout [UInt64], from: Int, bits: Int) throws {
  let cancel = Cancellation.current
  let passes = (bits + 10) / 11
  let width = (bits + passes - 1) / passes
  let buckets = 1 << width
  let mask = UInt64(buckets - 1)
  var counts = [[Int]](repeating: [Int](repeating: 0, count: buckets), count: passes)
  for pass in 0..<passes {
    let shift = UInt64(from + pass * width)
    counts[pass].withUnsafeMutableBufferPointer { counts in
      words.withUnsafeBufferPointer { w in for x in w { counts[Int((x >> shift) & mask)] &+= 1 } }
    }
  }
  var other = [UInt64](unsafeUninitializedCapacity: words.count) { out, n in
    out.initialize(repeating: 0)
    n = words.count
  }
  for pass in 0..<passes where !counts[pass].contains(words.count) {
    try cancel.check()
    let shift = UInt64(from + pass * width)
    var next = 0
    for digit in 0..<buckets {
      let n = counts[pass][digit]
      counts[pass][digit] = next
      next += n
    }
    counts[pass].withUnsafeMutableBufferPointer { places in
      other.withUnsafeMutableBufferPointer { out in
        words.withUnsafeBufferPointer { w in
          for x in w {
            let digit = Int((x >> shift) & mask)
            out[places[digit]] = x
            places[digit] &+= 1
          }
        }
      }
    }
    swap(&words, &other)
  }
}
