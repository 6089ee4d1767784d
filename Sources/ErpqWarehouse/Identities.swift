import GRDB

/// Gives names of a file the numbers that the rest of the program works with, the same ones at every load.
///
/// A name that is a whole number keeps it where the number is free; other names get numbers from
/// `firstAssigned` up, in the order in which they come.
struct Identities {
  private var known: [String: Int64]
  private var taken: Set<Int64>
  private var next: Int64
  private let limit: Int64
  private let numbersAreIDs: Bool

  /// - Parameter numbersAreIDs: whether a whole number names the row that has it as its id already.
  init(known: [String: Int64], taken: Set<Int64>, firstAssigned: Int64, numbersAreIDs: Bool = false) {
    self.numbersAreIDs = numbersAreIDs
    self.known = known
    self.taken = taken
    limit = firstAssigned
    next = firstAssigned
  }

  /// The number of a name; `isNew` when it has just been given.
  mutating func id(for name: String) -> (id: Int64, isNew: Bool) {
    if let id = known[name] { return (id, false) }
    if let number = Int64(name), number > 0, number < limit, String(number) == name {
      if !taken.contains(number) { return (keep(name, number), true) }
      if numbersAreIDs { return (keep(name, number), false) }
    }
    while taken.contains(next) { next += 1 }
    return (keep(name, next), true)
  }

  private mutating func keep(_ name: String, _ id: Int64) -> Int64 {
    known[name] = id
    taken.insert(id)
    return id
  }

  /// The identities that a table already holds.
  init(
    _ database: Database, table: String, key: String, name: String, firstAssigned: Int64,
    numbersAreIDs: Bool = false
  ) throws {
    var known: [String: Int64] = [:]
    var taken = Set<Int64>()
    let rows = try Row.fetchCursor(database, sql: "SELECT \(key), \(name) FROM \(table) ORDER BY \(key) DESC")
    while let row = try rows.next() {
      let id: Int64 = row[0]
      taken.insert(id)
      // In descending order, so that of equal names the lowest number stays.
      if let name: String = row[1] { known[name] = id }
    }
    self.init(known: known, taken: taken, firstAssigned: firstAssigned, numbersAreIDs: numbersAreIDs)
  }
}

/// Texts that are stored once: category names, currency codes, states.
struct Words {
  private var known: [String: Int64] = [:]
  private let database: Database
  private let table: String
  private let column: String

  init(_ database: Database, table: String = "words", column: String = "word") throws {
    self.database = database
    self.table = table
    self.column = column
    let rows = try Row.fetchCursor(database, sql: "SELECT id, \(column) FROM \(table)")
    while let row = try rows.next() { known[row[1]] = row[0] }
  }

  /// The number of a text; a new text is stored.
  mutating func id(_ text: String?) throws -> Int64? {
    guard let text else { return nil }
    if let id = known[text] { return id }
    try database.execute(sql: "INSERT INTO \(table) (\(column)) VALUES (?)", arguments: [text])
    known[text] = database.lastInsertedRowID
    return database.lastInsertedRowID
  }
}
