/// Where the values of each key lie, row by row: eight bytes a value, its kind and its first byte.
final class JSONRows {
  /// A key at its place among nested objects.
  private final class Node {
    let name: [UInt8]
    unowned let parent: Node?
    var children: [Node] = []
    /// The children by name, once there are many.
    var byName: [[UInt8]: Int] = [:]
    /// The column of the values that are no objects.
    var column: Int?
    /// The child after the one found last: rows mostly have their keys in the same order.
    var next = 0

    init(_ name: [UInt8], in parent: Node?) {
      self.name = name
      self.parent = parent
    }
  }

  private let bytes: UnsafePointer<UInt8>
  private let root = Node([], in: nil)
  /// For each column the names of the keys that lead to it.
  private(set) var paths: [[String]] = []
  /// For each column its tokens, from its first row on; columns may end early (missing values).
  private(set) var tokens: [[UInt64]] = []
  /// For each column the row of its first token.
  private var firsts: [Int] = []
  /// Rows committed.
  private(set) var count = 0
  /// For each row its first byte.
  private(set) var starts: [Int] = []
  /// What is no object.
  private(set) var rejects: [RejectedRow] = []

  /// Up to so many children are looked through one by one.
  private static let fewChildren = 16

  init(_ bytes: UnsafePointer<UInt8>) { self.bytes = bytes }

  static func token(_ kind: JSONKind, _ offset: Int) -> UInt64 {
    UInt64(kind.rawValue) << 56 | UInt64(offset)
  }

  /// A row begins.
  func begin(at offset: Int) { starts.append(offset) }

  /// The row is complete.
  func commit() { count += 1 }

  /// Forgets the row that was begun.
  func rollBack() {
    starts.removeLast()
    for c in tokens.indices where !tokens[c].isEmpty && firsts[c] + tokens[c].count > count {
      tokens[c].removeLast()
    }
  }

  /// Notes a row that is no object.
  func reject(_ line: Int, from start: Int, to end: Int, _ reason: String) {
    var end = end
    while end > start, bytes[end - 1] == 0x0D { end -= 1 }
    let raw = UnsafeBufferPointer(start: bytes + start, count: end - start)
    rejects.append(
      RejectedRow(
        line: line, reason: "line \(grouped(line)): \(reason)", raw: String(decoding: raw, as: UTF8.self)))
  }

  /// Reads the object that is next as the row at hand.
  func object(_ scanner: inout JSONScanner, depth: Int) throws(JSONFailure) {
    try members(&scanner, root, depth)
  }

  private func members(_ scanner: inout JSONScanner, _ node: Node, _ depth: Int) throws(JSONFailure) {
    try scanner.descend(depth)
    if scanner.close(0x7D) { return }
    node.next = 0
    repeat {
      let key = try scanner.key()
      let child = child(of: node, key)
      scanner.skipBlanks()
      if scanner.peek == 0x7B {
        if child.column == nil, child.children.isEmpty { child.next = 0 }
        try members(&scanner, child, depth + 1)
      } else {
        let offset = scanner.position
        let kind = try scanner.skip(depth: depth + 1)
        set(child, JSONRows.token(kind, offset))
      }
    } while try scanner.another(0x7D, "a comma or }")
  }

  private func child(of node: Node, _ key: (start: Int, end: Int, isEscaped: Bool)) -> Node {
    let count = key.end - key.start
    if !key.isEscaped {
      if node.next < node.children.count, matches(node.children[node.next].name, key.start, count) {
        node.next += 1
        return node.children[node.next - 1]
      }
      if node.children.count <= JSONRows.fewChildren {
        for (i, child) in node.children.enumerated() where matches(child.name, key.start, count) {
          node.next = i + 1
          return child
        }
      }
    }
    var name: [UInt8] = []
    JSONEscapes.unescape(
      UnsafeBufferPointer(start: bytes + key.start, count: key.end - key.start), into: &name)
    let isLarge = node.children.count > JSONRows.fewChildren
    if let i = isLarge ? node.byName[name] : node.children.firstIndex(where: { $0.name == name }) {
      node.next = i + 1
      return node.children[i]
    }
    let child = Node(name, in: node)
    node.children.append(child)
    if isLarge {
      node.byName[name] = node.children.count - 1
    } else if node.children.count > JSONRows.fewChildren {
      for (i, child) in node.children.enumerated() { node.byName[child.name] = i }
    }
    node.next = node.children.count
    return child
  }

  @inline(__always)
  private func matches(_ name: [UInt8], _ start: Int, _ count: Int) -> Bool {
    guard name.count == count else { return false }
    for i in 0..<count where name[i] != bytes[start &+ i] { return false }
    return true
  }

  private func set(_ node: Node, _ token: UInt64) {
    guard let c = node.column else {
      node.column = tokens.count
      paths.append(path(to: node))
      tokens.append([token])
      firsts.append(count)
      return
    }
    if tokens[c].isEmpty { firsts[c] = count }
    let have = firsts[c] + tokens[c].count
    if have == count {
      tokens[c].append(token)
    } else if have < count {
      tokens[c].append(contentsOf: repeatElement(0, count: count - have))
      tokens[c].append(token)
    } else {
      // The key stands in the object again: the last one counts, as in most readers.
      tokens[c][count - firsts[c]] = token
    }
  }

  /// The names of the keys that lead to a node.
  private func path(to node: Node) -> [String] {
    var names: [String] = []
    var at = node
    while let parent = at.parent {
      names.append(String(decoding: at.name, as: UTF8.self))
      at = parent
    }
    return names.reversed()
  }

  /// Leaves out rows; for those that a forced type rejects.
  func drop(_ rows: Set<Int>) {
    func kept<T>(_ values: [T]) -> [T] {
      values.enumerated().filter { !rows.contains($0.offset) }.map(\.element)
    }
    for c in tokens.indices { tokens[c] = kept(tokens[c]) }
    starts = kept(starts)
    count -= rows.count
  }

  /// Fails when there are so many keys that they must be values (`{"4711": …}`): the table would be mostly
  /// empty, and larger than memory.
  func checkWidth(path: String) throws {
    let width = tokens.count
    guard width > 10_000 || width > 1000 && width * count > 1 << 28 else { return }
    throw FileError(
      "\(path) is not a table: its first \(grouped(count)) objects have \(grouped(width)) different keys",
      path: path,
      hint: "Are the keys values? Then make a list of objects that hold them.")
  }

  /// Gives each column a token for each row.
  func fillUp() {
    for c in tokens.indices {
      if firsts[c] > 0 { tokens[c] = Array(repeating: 0, count: firsts[c]) + tokens[c] }
      firsts[c] = 0
      tokens[c].append(contentsOf: repeatElement(0, count: count - tokens[c].count))
    }
  }

  /// Adds rejected rows, and puts all in the order of their lines.
  func add(_ more: [RejectedRow]) {
    rejects = (rejects + more).sorted { $0.line < $1.line }
  }
}
