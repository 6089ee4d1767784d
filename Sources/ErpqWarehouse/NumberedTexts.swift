import ErpqTables
import GRDB

/// The texts that stand for numbers in another table, read once a scan.
struct NumberedTexts {
  let dictionary: TextDictionary
  /// Code of each small number, -1 where there is none; larger numbers stand in `sparse`.
  private let dense: [Int32]
  private let sparse: [Int64: Int32]

  /// Numbers up to this stand in an array.
  private static let denseLimit: Int64 = 2_000_000

  init(_ text: StoredText, on database: Database) throws {
    var builder = TextDictionaryBuilder()
    var dense: [Int32] = []
    var sparse: [Int64: Int32] = [:]
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT \(text.key), \(text.text) FROM \(text.from) WHERE \(text.text) IS NOT NULL ORDER BY 1")
    while let row = try rows.next() {
      let number: Int64 = row[0]
      let string: String = row[1]
      let code = builder.code(for: string)
      if number >= 0, number < NumberedTexts.denseLimit {
        while dense.count <= Int(number) { dense.append(-1) }
        dense[Int(number)] = code
      } else {
        sparse[number] = code
      }
    }
    self.dense = dense
    self.sparse = sparse
    dictionary = builder.build()
  }

  /// The code of a number; -1 where it has no text.
  @inline(__always)
  func code(of number: Int64) -> Int32 {
    if number >= 0, number < Int64(dense.count) { dense[Int(number)] } else { sparse[number] ?? -1 }
  }

  /// The codes of numbers, and which of them have a text; nil when all do. The others have code 0.
  func codes(of numbers: [Int64]) -> (codes: [Int32], named: Bitmap?) {
    var named: Bitmap?
    let codes = [Int32](unsafeUninitializedCapacity: numbers.count) { out, count in
      for (i, number) in numbers.enumerated() {
        let code = code(of: number)
        out[i] = Swift.max(0, code)
        guard code < 0 else { continue }
        if named == nil { named = Bitmap(repeating: true, count: numbers.count) }
        named?[i] = false
      }
      count = numbers.count
    }
    return (codes, named)
  }
}
