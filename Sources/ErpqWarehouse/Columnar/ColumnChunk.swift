import ErpqTables
import GRDB

import struct ErpqTables.Column

/// The cells of one column in one row group, packed: whole numbers as distances from the lowest, in as few bytes as the
/// highest needs; numbers with a few decimals as whole numbers of their last decimal, where that gives back the same
/// bits; other numbers as they are; texts as a list of the distinct ones and the place of each in it.
///
/// (Frame of reference after Goldstein et al., "Compressing Relations and Indexes", 1998; decimals after Afroozeh et al.,
/// "ALP: Adaptive Lossless floating-Point Compression", 2023.)
enum ColumnChunk {
  /// Bytes before the cells: kind, width, decimals, whether nulls follow, four unused ones, the lowest number.
  private static let headerSize = 16
  private static let powers = [1.0, 10, 100, 1_000, 10_000]
  /// Above it, not every whole number is a double.
  private static let exact = 9_007_199_254_740_992.0

  private enum Kind: UInt8 { case whole, decimal, raw, text }

  /// The chunk holds cells of another kind than its column.
  static let damaged = DatabaseError(resultCode: .SQLITE_CORRUPT)

  /// Packs a column; lowest and highest are known of whole numbers, days and moments.
  static func pack(_ column: Column) -> (low: Int64?, high: Int64?, bytes: [UInt8]) {
    let nulls = column.validity.map { $0.inverted }
    switch column.storage {
    case .ints(let cells): return pack(cells, nulls: nulls)
    case .days(let cells): return pack(cells.map(Int64.init), nulls: nulls)
    case .bools(let cells): return pack(cells.map { $0 ? 1 : 0 }, nulls: nulls)
    case .doubles(let cells): return (nil, nil, pack(cells, nulls: nulls))
    case .codes(let codes, let texts): return (nil, nil, pack(codes, texts, nulls: nulls))
    case .values, .nulls: break
    }
    let none = Bitmap(repeating: true, count: column.count)
    switch column.type.physical {
    case .doubles: return (nil, nil, pack([Double](repeating: 0, count: column.count), nulls: none))
    case .codes:
      let codes = [Int32](repeating: 0, count: column.count)
      return (nil, nil, pack(codes, TextDictionary(distinct: []), nulls: none))
    default: return pack([Int64](repeating: 0, count: column.count), nulls: none)
    }
  }

  /// Packs whole numbers; those at `nulls` do not count.
  static func pack(_ cells: [Int64], nulls: Bitmap?) -> (low: Int64?, high: Int64?, bytes: [UInt8]) {
    let (low, high) = bounds(cells, nulls)
    let bytes = packed(.whole, decimals: 0, cells, low ?? 0, high ?? 0, nulls)
    return (low, high, bytes)
  }

  /// Packs numbers; those at `nulls` do not count.
  static func pack(_ cells: [Double], nulls: Bitmap?) -> [UInt8] {
    var whole = [Int64](repeating: 0, count: cells.count)
    for decimals in powers.indices where fill(&whole, cells, nulls, powers[decimals]) {
      let (low, high) = bounds(whole, nulls)
      return packed(.decimal, decimals: decimals, whole, low ?? 0, high ?? 0, nulls)
    }
    var bytes = header(.raw, width: 8, decimals: 0, low: 0, nulls)
    append(cells.map(\.bitPattern), to: &bytes)
    return bytes
  }

  /// Packs texts, given as places in a list of distinct ones.
  static func pack(_ codes: [Int32], _ texts: TextDictionary, nulls: Bitmap?) -> [UInt8] {
    // The lowest place is 0, so that the field for it is free for the number of texts.
    let count = Int64(texts.count)
    let width = width(UInt64(Swift.max(0, count - 1)))
    var bytes = header(.text, width: width, decimals: 0, low: count, nulls)
    append(texts.offsets.dropFirst().map { UInt32(truncatingIfNeeded: $0) }, to: &bytes)
    bytes.append(contentsOf: texts.bytes)
    append(codes.map(Int64.init), width: width, from: 0, to: &bytes)
    return bytes
  }

  private static func bounds(_ cells: [Int64], _ nulls: Bitmap?) -> (Int64?, Int64?) {
    var (low, high, any) = (Int64.max, Int64.min, false)
    for (i, cell) in cells.enumerated() where nulls?[i] != true {
      low = Swift.min(low, cell)
      high = Swift.max(high, cell)
      any = true
    }
    return any ? (low, high) : (nil, nil)
  }

  /// Whether every number is a whole number of parts, to the bit.
  private static func fill(
    _ whole: inout [Int64], _ cells: [Double], _ nulls: Bitmap?, _ parts: Double
  ) -> Bool {
    for (i, cell) in cells.enumerated() where nulls?[i] != true {
      let scaled = (cell * parts).rounded()
      guard scaled.magnitude < exact, (scaled / parts).bitPattern == cell.bitPattern else { return false }
      whole[i] = Int64(scaled)
      // Minus zero is a whole number of nothing, and not the same bits.
      guard scaled != 0 || cell.sign == .plus else { return false }
    }
    return true
  }

  private static func packed(
    _ kind: Kind, decimals: Int, _ cells: [Int64], _ low: Int64, _ high: Int64, _ nulls: Bitmap?
  ) -> [UInt8] {
    let width = width(UInt64(bitPattern: high &- low))
    var bytes = header(kind, width: width, decimals: decimals, low: low, nulls)
    append(cells, width: width, from: low, to: &bytes)
    return bytes
  }

  /// Bytes that a distance of at most so much needs.
  private static func width(_ range: UInt64) -> Int {
    switch range {
    case 0: 0
    case ...0xFF: 1
    case ...0xFFFF: 2
    case ...0xFFFF_FFFF: 4
    default: 8
    }
  }

  /// What lies under a null is cut to the width like the others; no one reads it.
  private static func append(_ cells: [Int64], width: Int, from low: Int64, to bytes: inout [UInt8]) {
    switch width {
    case 0: break
    case 1: append(cells.map { UInt8(truncatingIfNeeded: $0 &- low) }, to: &bytes)
    case 2: append(cells.map { UInt16(truncatingIfNeeded: $0 &- low) }, to: &bytes)
    case 4: append(cells.map { UInt32(truncatingIfNeeded: $0 &- low) }, to: &bytes)
    default: append(cells.map { UInt64(bitPattern: $0 &- low) }, to: &bytes)
    }
  }

  private static func header(
    _ kind: Kind, width: Int, decimals: Int, low: Int64, _ nulls: Bitmap?
  ) -> [UInt8] {
    var bytes = [kind.rawValue, UInt8(width), UInt8(decimals), nulls == nil ? 0 : 1, 0, 0, 0, 0]
    append([UInt64(bitPattern: low)] + (nulls?.words ?? []), to: &bytes)
    return bytes
  }

  private static func append<T: FixedWidthInteger>(_ values: [T], to bytes: inout [UInt8]) {
    values.map(\.littleEndian).withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}

extension ColumnChunk {
  /// A chunk's bytes, to be unpacked while they last.
  struct Packed {
    private let kind: Kind
    private let width: Int
    private let parts: Double
    /// The lowest number; 0 for texts.
    private let low: Int64
    private let textCount: Int
    private let nulls: UnsafeRawBufferPointer
    /// Where each text ends, then the texts.
    private let texts: UnsafeRawBufferPointer
    private let cells: UnsafeRawBufferPointer

    /// Nil when these are not the bytes of so many cells.
    init?(_ bytes: UnsafeRawBufferPointer, rows: Int) {
      guard bytes.count >= headerSize, let kind = Kind(rawValue: bytes[0]), bytes[1] <= 8,
        Int(bytes[2]) < powers.count
      else { return nil }
      self.kind = kind
      width = Int(bytes[1])
      parts = powers[Int(bytes[2])]
      let low = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self))
      self.low = kind == .text ? 0 : low
      let textStart = headerSize + (bytes[3] == 0 ? 0 : (rows + 63) / 64 * 8)
      let cellStart = bytes.count - rows * width
      guard [0, 1, 2, 4, 8].contains(width), textStart <= cellStart else { return nil }
      nulls = UnsafeRawBufferPointer(rebasing: bytes[headerSize..<textStart])
      texts = UnsafeRawBufferPointer(rebasing: bytes[textStart..<cellStart])
      cells = UnsafeRawBufferPointer(rebasing: bytes[cellStart...])
      guard kind == .text ? low >= 0 && low <= texts.count / 4 : texts.isEmpty else { return nil }
      textCount = kind == .text ? Int(low) : 0
    }

    /// Gives the places of the nulls among these rows.
    func nulls(_ runs: [Range<Int>], _ found: (Int) -> Void) {
      guard !nulls.isEmpty else { return }
      var place = 0
      for run in runs {
        for row in run where isNull(row) { found(place + row - run.lowerBound) }
        place += run.count
      }
    }

    @inline(__always)
    private func isNull(_ row: Int) -> Bool {
      guard !nulls.isEmpty else { return false }
      let word = nulls.loadUnaligned(fromByteOffset: (row >> 6) << 3, as: UInt64.self)
      return UInt64(littleEndian: word) >> UInt64(row & 63) & 1 == 1
    }

    /// The whole numbers of these rows, 0 or the lowest where there is none.
    func whole<T: FixedWidthInteger>(_ runs: [Range<Int>], into out: UnsafeMutablePointer<T>) throws {
      guard kind == .whole else { throw ColumnChunk.damaged }
      unpack(runs) { out[$0] = T(truncatingIfNeeded: $1) }
    }

    /// The numbers of these rows, times `scale`.
    func numbers(_ runs: [Range<Int>], scale: Double, into out: UnsafeMutablePointer<Double>) throws {
      switch kind {
      case .whole, .text: throw ColumnChunk.damaged
      case .raw: unpack(runs) { out[$0] = Double(bitPattern: UInt64(bitPattern: $1)) * scale }
      case .decimal where parts == 1: unpack(runs) { out[$0] = Double($1) * scale }
      case .decimal:
        let parts = parts
        unpack(runs) { out[$0] = Double($1) / parts * scale }
      }
    }

    /// The texts of these rows as codes of a dictionary, which learns the new ones.
    func texts(
      _ runs: [Range<Int>], _ dictionary: inout TextDictionaryBuilder, into out: UnsafeMutablePointer<Int32>
    ) throws {
      guard kind == .text else { throw ColumnChunk.damaged }
      unpack(runs) { out[$0] = Int32(truncatingIfNeeded: $1) }
      var codes = [Int32](repeating: -1, count: textCount)
      for (i, row) in runs.joined().enumerated() {
        let place = Int(out[i])
        guard !isNull(row) else { continue }
        guard codes.indices.contains(place) else { throw ColumnChunk.damaged }
        if codes[place] < 0 {
          let text = try UnsafeRawBufferPointer(rebasing: texts[bytes(ofText: place)])
          codes[place] = text.withMemoryRebound(to: UInt8.self) { dictionary.code(for: $0) }
        }
        out[i] = codes[place]
      }
    }

    private func bytes(ofText place: Int) throws -> Range<Int> {
      func end(_ place: Int) -> Int {
        let offset = texts.loadUnaligned(fromByteOffset: 4 * place, as: UInt32.self)
        return 4 * textCount + Int(UInt32(littleEndian: offset))
      }
      let (start, end) = (place == 0 ? 4 * textCount : end(place - 1), end(place))
      guard start <= end, end <= texts.count else { throw ColumnChunk.damaged }
      return start..<end
    }

    /// Gives each cell with its place among the rows.
    @inline(__always)
    private func unpack(_ runs: [Range<Int>], _ take: (Int, Int64) -> Void) {
      switch width {
      case 0: for i in 0..<runs.reduce(0, { $0 + $1.count }) { take(i, low) }
      case 1: unpack(runs, UInt8.self, take)
      case 2: unpack(runs, UInt16.self, take)
      case 4: unpack(runs, UInt32.self, take)
      default: unpack(runs, UInt64.self, take)
      }
    }

    @inline(__always)
    private func unpack<T: FixedWidthInteger>(
      _ runs: [Range<Int>], _: T.Type, _ take: (Int, Int64) -> Void
    ) {
      guard let base = cells.baseAddress else { return }
      let size = MemoryLayout<T>.size
      var place = 0
      for run in runs {
        let start = base + run.lowerBound * size
        for i in 0..<run.count {
          let cell = T(littleEndian: start.loadUnaligned(fromByteOffset: i &* size, as: T.self))
          take(place &+ i, low &+ Int64(truncatingIfNeeded: cell))
        }
        place += run.count
      }
    }
  }
}
