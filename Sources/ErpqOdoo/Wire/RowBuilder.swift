import ErpqBase
import ErpqTables

/// How a field's values become a column. Odoo sends `false` for everything that is empty, so what a value means
/// depends on its field's type and never on the value.
public enum WireKind: Hashable, Sendable {
  /// A whole number; `false` is null. Also a many2one, as an id or as `[id, name]`.
  case id
  /// A number; NaN and infinities, which the database can hold, are null.
  case number
  case bool
  /// A text; `false` is null.
  case text
  /// A day.
  case date
  /// A moment, UTC.
  case datetime
  /// The ids of a one2many or many2many.
  case ids

  /// The type of its column.
  public var type: ValueType {
    switch self {
    case .id: .int
    case .number: .number
    case .bool: .bool
    case .text: .text
    case .date: .date
    case .datetime: .datetime
    case .ids: .list(.int)
    }
  }
}

/// A field that is asked for.
public struct WireField: Hashable, Sendable {
  /// Its name in Odoo.
  public var name: String
  /// How its values are read.
  public var kind: WireKind

  /// A field.
  public init(_ name: String, _ kind: WireKind) {
    self.name = name
    self.kind = kind
  }
}

/// Records as they came: a column a field, in the order asked for.
public struct WirePage: Sendable {
  /// The rows; the columns have the fields' names.
  public var table: Table
  /// Numbers that were NaN or infinite and became null.
  public var notNumbers: Int

  /// Number of records.
  public var count: Int { table.rowCount }
}

/// Collects the records of an answer, whatever the protocol, and turns them into columns.
final class RowBuilder {
  let fields: [WireField]
  /// One word a cell, row by row: an integer, a double's bits, a day, a text's code, a list's place.
  private var words: UnsafeMutablePointer<UInt64>
  private var flags: UnsafeMutablePointer<UInt8>
  private var capacity = 0
  private(set) var rowCount = 0
  private var at = 0
  private(set) var notNumbers = 0
  private var dictionaries: [TextDictionaryBuilder]
  /// The last text of each field: states, currencies and the like repeat.
  private var lastCodes: [Int32]
  private var lastTexts: [[UInt8]]
  private var lists: [[Value]] = []
  /// Names of the fields one after the other, for comparing keys.
  private let names: [UInt8]
  private let nameStarts: [Int]
  private var next = 0
  /// For answers that hold whole columns: the key of each field's.
  var columnKeys: [String]? { didSet { columnLengths = fields.map { _ in -1 } } }
  /// How long each column was; -1 for one that did not come.
  var columnLengths: [Int] = []
  /// How long the server says they are.
  var columnCount: Int?

  init(_ fields: [WireField]) {
    self.fields = fields
    words = .allocate(capacity: 1)
    flags = .allocate(capacity: 1)
    dictionaries = fields.map { _ in TextDictionaryBuilder() }
    lastCodes = fields.map { _ in -1 }
    lastTexts = fields.map { _ in [] }
    names = fields.flatMap { Array($0.name.utf8) }
    var starts = [0]
    for field in fields { starts.append(starts[starts.count - 1] + field.name.utf8.count) }
    nameStarts = starts
  }

  deinit {
    words.deallocate()
    flags.deallocate()
  }

  /// Begins the next record. All of its cells are null until they are set.
  func beginRow() {
    let width = Swift.max(fields.count, 1)
    if rowCount == capacity {
      let grown = Swift.max(1024, capacity * 2)
      let newWords = UnsafeMutablePointer<UInt64>.allocate(capacity: grown * width)
      let newFlags = UnsafeMutablePointer<UInt8>.allocate(capacity: grown * width)
      newWords.update(from: words, count: rowCount * width)
      newFlags.update(from: flags, count: rowCount * width)
      words.deallocate()
      flags.deallocate()
      words = newWords
      flags = newFlags
      capacity = grown
    }
    at = rowCount * width
    (flags + at).update(repeating: 0, count: width)
    (words + at).update(repeating: 0, count: width)
    rowCount += 1
    next = 0
  }

  /// Goes to a row that exists, or to the one behind the last.
  @inline(__always)
  func select(_ row: Int) {
    if row == rowCount { beginRow() } else { at = row &* Swift.max(fields.count, 1) }
  }

  /// Puts the rows in the order of a whole-number field, unless they are.
  ///
  /// - Returns: false when a number occurs twice or is missing.
  func sort(by field: Int) -> Bool {
    let width = Swift.max(fields.count, 1)
    func key(_ row: Int) -> Int64 { Int64(bitPattern: words[row * width + field]) }
    for row in 0..<rowCount where flags[row * width + field] == 0 { return false }
    var isSorted = true
    for row in 0..<Swift.max(0, rowCount - 1) where key(row) >= key(row + 1) { isSorted = false }
    if isSorted { return true }
    let order = (0..<rowCount).sorted { key($0) < key($1) }
    for (a, b) in zip(order, order.dropFirst()) where key(a) == key(b) { return false }
    let newWords = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * width)
    let newFlags = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * width)
    for (to, from) in order.enumerated() {
      (newWords + to * width).update(from: words + from * width, count: width)
      (newFlags + to * width).update(from: flags + from * width, count: width)
    }
    words.deallocate()
    flags.deallocate()
    words = newWords
    flags = newFlags
    return true
  }

  /// The field that a key names: usually the one behind the last; -1 when nobody asked for it.
  @inline(__always)
  func field(_ key: UnsafePointer<UInt8>, _ count: Int) -> Int {
    if next < fields.count, matches(next, key, count) {
      next &+= 1
      return next &- 1
    }
    return search(key, count)
  }

  @inline(never)
  private func search(_ key: UnsafePointer<UInt8>, _ count: Int) -> Int {
    for i in fields.indices where matches(i, key, count) {
      next = i + 1
      return i
    }
    return -1
  }

  @inline(__always)
  private func matches(_ i: Int, _ key: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let start = nameStarts[i]
    guard nameStarts[i &+ 1] &- start == count else { return false }
    return names.withUnsafeBufferPointer { names in
      for k in 0..<count where names[start &+ k] != key[k] { return false }
      return true
    }
  }

  @inline(__always)
  private func put(_ field: Int, _ word: UInt64) {
    words[at &+ field] = word
    flags[at &+ field] = 1
  }

  /// A number for a field; false when the field takes none.
  @inline(__always)
  func set(_ field: Int, _ number: WireNumber) -> Bool {
    switch (fields[field].kind, number) {
    case (.id, .int(let i)): put(field, UInt64(bitPattern: i))
    case (.number, .int(let i)): put(field, Double(i).bitPattern)
    case (.number, .double(let d)):
      if d.isFinite { put(field, d.bitPattern) } else { notNumbers &+= 1 }
    case (.id, .double(let d)):
      // Sums of ids may come as 3.0.
      guard let i = Int64(exactly: d) else { return false }
      put(field, UInt64(bitPattern: i))
    case (.bool, .int(let i)): put(field, i == 0 ? 0 : 1)
    // A text field of digits comes as a number where a module stores one.
    case (.text, .int(let i)): return setText(field, Array(String(i).utf8))
    case (.text, .double(let d)): return setText(field, Array("\(d)".utf8))
    default: return false
    }
    return true
  }

  /// A truth value: itself for booleans, nothing for all other fields when it is false.
  @inline(__always)
  func set(_ field: Int, _ value: Bool) -> Bool {
    if fields[field].kind == .bool {
      put(field, value ? 1 : 0)
      return true
    }
    return !value
  }

  /// A text for a field, valid UTF-8; false when the field takes none or the text is no date.
  @inline(__always)
  func set(_ field: Int, text p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    switch fields[field].kind {
    case .text: setText(field, UnsafeBufferPointer(start: p, count: count))
    case .datetime:
      if let moment = scanMoment(p, 0, count) {
        put(field, UInt64(bitPattern: moment))
      } else if count == 10, let day = scanDay(p, 0) {
        put(field, UInt64(bitPattern: Int64(day) &* 86_400_000_000))
      } else {
        return count == 0
      }
    case .date:
      // A field that became a moment in a later version is cut to its UTC day by the mapping, not here.
      guard count == 10, let day = scanDay(p, 0) else { return count == 0 }
      put(field, UInt64(bitPattern: Int64(day)))
    default: return false
    }
    return true
  }

  private func setText(_ field: Int, _ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { setText(field, $0) }
    return true
  }

  private func setText(_ field: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
    let last = lastCodes[field]
    if last >= 0, lastTexts[field].count == bytes.count, lastTexts[field].elementsEqual(bytes) {
      put(field, UInt64(last))
      return
    }
    let code = dictionaries[field].code(for: bytes)
    if bytes.count <= 32 {
      lastCodes[field] = code
      lastTexts[field] = Array(bytes)
    }
    put(field, UInt64(code))
  }

  /// A list of ids for a field of such.
  func set(_ field: Int, ids: [Int64]) {
    put(field, UInt64(lists.count))
    lists.append(ids.map { .int($0) })
  }

  /// The whole number of a field in the last record; nil when it has none, or there is no record.
  func lastInteger(_ field: Int) -> Int64? {
    guard rowCount > 0 else { return nil }
    let at = (rowCount - 1) * Swift.max(fields.count, 1) + field
    return flags[at] != 0 ? Int64(bitPattern: words[at]) : nil
  }

  /// The records so far as columns.
  func finish() -> WirePage {
    let width = Swift.max(fields.count, 1)
    var columns: [(String, Column)] = []
    for (f, field) in fields.enumerated() {
      var validity = Bitmap(repeating: false, count: rowCount)
      for row in 0..<rowCount where flags[row * width + f] != 0 {
        validity.words[row >> 6] |= 1 << UInt64(row & 63)
      }
      func gather<T>(_ make: (UInt64) -> T) -> [T] {
        [T](unsafeUninitializedCapacity: rowCount) { buffer, count in
          for row in 0..<rowCount {
            buffer.initializeElement(at: row, to: make(words[row &* width &+ f]))
          }
          count = rowCount
        }
      }
      let storage: Column.Storage
      switch field.kind {
      case .id, .datetime: storage = .ints(gather { Int64(bitPattern: $0) })
      case .number: storage = .doubles(gather { Double(bitPattern: $0) })
      case .bool: storage = .bools(gather { $0 != 0 })
      case .date: storage = .days(gather { Int32(truncatingIfNeeded: $0) })
      case .text:
        // A dictionary is never empty, so that the code under a null means something.
        if dictionaries[f].count == 0 { _ = dictionaries[f].code(for: "") }
        storage = .codes(gather { Int32(truncatingIfNeeded: $0) }, dictionaries[f].build())
      case .ids:
        storage = .values(
          (0..<rowCount).map { row in
            flags[row * width + f] == 0 ? .null : .list(lists[Int(words[row * width + f])])
          })
      }
      columns.append((field.name, Column(field.kind.type, storage, validity: validity)))
    }
    return WirePage(
      table: Table(
        Schema(columns.map { Field($0.0, $0.1.type) }), columns.map(\.1), rowCount: rowCount),
      notNumbers: notNumbers)
  }
}
