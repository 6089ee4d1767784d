import GRDB

/// The records of a table of the mirror as they lie in a company file, each value as text, nothing as "".
func mirrorRows(_ path: String, _ table: String, _ columns: [String]) throws -> [Int64: [String]] {
  var configuration = Configuration()
  configuration.readonly = true
  let queue = try DatabaseQueue(path: path, configuration: configuration)
  defer { try? queue.close() }
  return try queue.read { database in
    var rows: [Int64: [String]] = [:]
    let list = columns.map { "\"\($0)\"" }.joined(separator: ", ")
    let cursor = try Row.fetchCursor(database, sql: "SELECT \(list) FROM \"mirror_\(table)\"")
    while let row = try cursor.next() {
      let words = (0..<columns.count).map { i -> String in
        switch (row[i] as DatabaseValue).storage {
        case .int64(let n): n == 0 ? "" : String(n)
        case .double(let d): d == 0 ? "" : String(d)
        case .string(let s): s
        default: ""
        }
      }
      if let id: Int64 = row["id"] { rows[id] = words }
    }
    return rows
  }
}
