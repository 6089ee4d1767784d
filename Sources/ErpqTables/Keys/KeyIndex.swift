import ErpqBase

/// Gives each distinct code a number, in the order of first appearance: a plain array over a small range of
/// codes, otherwise a hash table with open addressing.
struct KeyIndex {
  private struct Slot {
    var key: UInt64
    /// −1 when the slot is free.
    var id: Int32
  }

  /// Number of distinct codes so far.
  private(set) var count = 0
  /// The row (by the caller's numbering) in which each was first seen.
  private(set) var firstRows: [Int32] = []
  private var direct: [Int32]
  private var slots: [Slot]
  private var shift: UInt64

  /// An index for codes below `range`, about `rows` of them.
  init(range: UInt64, rows: Int) {
    if KeyIndex.isDense(range: range, rows: rows) {
      direct = [Int32](repeating: -1, count: Int(range))
      slots = []
      shift = 0
    } else {
      direct = []
      slots = [Slot](repeating: Slot(key: 0, id: -1), count: 1 << 12)
      shift = 64 - 12
    }
  }

  /// Whether an array over the range is worth its memory: of the order of the rows, at most 64 million.
  static func isDense(range: UInt64, rows: Int) -> Bool {
    range <= UInt64(Swift.max(1 << 16, Swift.min(4 * rows, 1 << 26)))
  }

  /// Whether codes are looked up directly.
  var isDirect: Bool { slots.isEmpty }

  @inline(__always)
  private static func mix(_ key: UInt64) -> UInt64 {
    let x = (key ^ (key >> 32)) &* 0x9E37_79B9_7F4A_7C15
    return (x ^ (x >> 29)) &* 0xBF58_476D_1CE4_E5B9
  }

  /// The numbers of the codes of a run of rows, new ones given where needed. Rows are numbered from
  /// `firstRow`.
  mutating func insert<C: FixedWidthInteger & UnsignedInteger>(
    _ codes: [C], into ids: inout [Int32], firstRow: Int = 0
  ) throws {
    try insert(rows: codes.count, into: &ids, firstRow: firstRow, codes) { codes, i in
      UInt64(truncatingIfNeeded: codes[i])
    }
  }

  /// The same for codes that are computed from the elements of an array.
  @inline(__always)
  mutating func insert<T>(
    rows: Int, into ids: inout [Int32], firstRow: Int = 0, _ values: [T],
    _ code: (UnsafeBufferPointer<T>, Int) -> UInt64
  ) throws {
    let cancel = Cancellation.current
    let start = ids.count
    ids.append(contentsOf: repeatElement(0, count: rows))
    var from = 0
    while from < rows {
      try cancel.check()
      let to = Swift.min(rows, from + 65_536)
      if isDirect {
        insertDirect(from..<to, &ids, start, firstRow, values, code)
      } else {
        if (count + (to - from)) * 2 > slots.count {
          // Room for every row of the chunk to be new: no test within the loop.
          grow(for: count + (to - from))
        }
        insertHashed(from..<to, &ids, start, firstRow, values, code)
      }
      from = to
    }
  }

  @inline(__always)
  private mutating func insertDirect<T>(
    _ range: Range<Int>, _ ids: inout [Int32], _ start: Int, _ firstRow: Int, _ values: [T],
    _ code: (UnsafeBufferPointer<T>, Int) -> UInt64
  ) {
    var count = Int32(self.count)
    var fresh: [Int32] = []
    direct.withUnsafeMutableBufferPointer { direct in
      ids.withUnsafeMutableBufferPointer { ids in
        values.withUnsafeBufferPointer { values in
          for i in range {
            let place = Int(truncatingIfNeeded: code(values, i))
            var id = direct[place]
            if id < 0 {
              id = count
              direct[place] = id
              count &+= 1
              fresh.append(Int32(truncatingIfNeeded: firstRow &+ i))
            }
            ids[start &+ i] = id
          }
        }
      }
    }
    self.count = Int(count)
    firstRows += fresh
  }

  @inline(__always)
  private mutating func insertHashed<T>(
    _ range: Range<Int>, _ ids: inout [Int32], _ start: Int, _ firstRow: Int, _ values: [T],
    _ code: (UnsafeBufferPointer<T>, Int) -> UInt64
  ) {
    var count = Int32(self.count)
    var fresh: [Int32] = []
    let shift = self.shift
    let mask = slots.count - 1
    slots.withUnsafeMutableBufferPointer { slots in
      ids.withUnsafeMutableBufferPointer { ids in
        values.withUnsafeBufferPointer { values in
          for i in range {
            let key = code(values, i)
            var place = Int(truncatingIfNeeded: KeyIndex.mix(key) >> shift)
            while true {
              let slot = slots[place]
              if slot.id < 0 {
                slots[place] = Slot(key: key, id: count)
                ids[start &+ i] = count
                count &+= 1
                fresh.append(Int32(truncatingIfNeeded: firstRow &+ i))
                break
              }
              if slot.key == key {
                ids[start &+ i] = slot.id
                break
              }
              place = (place &+ 1) & mask
            }
          }
        }
      }
    }
    self.count = Int(count)
    firstRows += fresh
  }

  private mutating func grow(for wanted: Int) {
    let old = slots
    var bits = 64 - Int(shift)
    while 1 << bits < wanted * 2 { bits += 2 }
    shift = UInt64(64 - bits)
    slots = [Slot](repeating: Slot(key: 0, id: -1), count: 1 << bits)
    let mask = slots.count - 1
    let shift = self.shift
    slots.withUnsafeMutableBufferPointer { slots in
      for slot in old where slot.id >= 0 {
        var place = Int(truncatingIfNeeded: KeyIndex.mix(slot.key) >> shift)
        while slots[place].id >= 0 { place = (place &+ 1) & mask }
        slots[place] = slot
      }
    }
  }

  /// The number of each code, −1 for codes never seen.
  func find(_ codes: [UInt64]) throws -> [Int32] {
    let cancel = Cancellation.current
    try cancel.check()
    let shift = self.shift
    let mask = slots.count - 1
    return [Int32](unsafeUninitializedCapacity: codes.count) { out, n in
      codes.withUnsafeBufferPointer { codes in
        if isDirect {
          direct.withUnsafeBufferPointer { direct in
            let limit = UInt64(direct.count)
            for i in 0..<codes.count { out[i] = codes[i] < limit ? direct[Int(codes[i])] : -1 }
          }
        } else {
          slots.withUnsafeBufferPointer { slots in
            for i in 0..<codes.count {
              let key = codes[i]
              var place = Int(truncatingIfNeeded: KeyIndex.mix(key) >> shift)
              while slots[place].id >= 0, slots[place].key != key { place = (place &+ 1) & mask }
              out[i] = slots[place].id
            }
          }
        }
      }
      n = codes.count
    }
  }
}
