import ErpqBase

extension JSONBytes {
  /// Reads a list of records into a builder.
  mutating func rows(into builder: RowBuilder, depth: Int) throws {
    skipBlanks()
    guard i < end, p[i] == 0x5B else { throw failure("a list of records") }
    if let keys = builder.columnKeys { return try columns(keys, into: builder, depth: depth) }
    guard try enter(0x5D, depth: depth) else { return }
    let cancel = Cancellation.current
    repeat {
      if builder.rowCount & 0xFFFF == 0 { try cancel.check() }
      try row(into: builder, depth: depth + 1)
    } while try another(0x5D)
  }

  /// Reads the one group of an answer whose members are whole columns.
  private mutating func columns(_ keys: [String], into builder: RowBuilder, depth: Int) throws {
    let cancel = Cancellation.current
    guard try enter(0x5D, depth: depth) else { return }
    skipBlanks()
    guard i < end, p[i] == 0x7B else { throw failure("a group") }
    guard try enter(0x7D, depth: depth + 1) else { throw failure("a column") }
    repeat {
      let key = try key()
      let name = String(decoding: unescaped(key.start, key.end), as: UTF8.self)
      if name == "__count" {
        builder.columnCount = try value(depth: depth + 2).int.flatMap { Int(exactly: $0) }
      } else if let field = keys.firstIndex(of: name), p[i] == 0x5B {
        try cancel.check()
        builder.columnLengths[field] = 0
        guard try enter(0x5D, depth: depth + 2) else { continue }
        var row = 0
        repeat {
          skipBlanks()
          builder.select(row)
          try cell(builder, field, depth + 3)
          row += 1
        } while try another(0x5D)
        builder.columnLengths[field] = row
      } else {
        try skip(depth: depth + 2)
      }
    } while try another(0x7D)
    guard try another(0x5D) == false else { throw failure("one group alone") }
  }

  private mutating func row(into builder: RowBuilder, depth: Int) throws(WireFailure) {
    skipBlanks()
    guard i < end, p[i] == 0x7B else { throw failure("a record") }
    builder.beginRow()
    guard try enter(0x7D, depth: depth) else { return }
    repeat {
      let key = try key()
      let field =
        key.isEscaped
        ? search(builder, key.start, key.end) : builder.field(p + key.start, key.end &- key.start)
      if field < 0 { try skip(depth: depth &+ 1) } else { try cell(builder, field, depth &+ 1) }
    } while try another(0x7D)
  }

  private func search(_ builder: RowBuilder, _ start: Int, _ stop: Int) -> Int {
    unescaped(start, stop).withUnsafeBufferPointer { name in
      name.baseAddress.map { builder.field($0, name.count) } ?? -1
    }
  }

  @inline(__always)
  private mutating func cell(_ builder: RowBuilder, _ field: Int, _ depth: Int) throws(WireFailure) {
    let at = i
    let isTaken: Bool
    switch p[i] {
    case 0x2D, 0x30...0x39:
      if let number = scanNumber(p, &i, end) {
        isTaken = builder.set(field, number)
      } else {
        isTaken = try other(builder, field, depth)
      }
    case 0x22:
      let s = try string()
      if s.isEscaped || s.isWide {
        let text = unescaped(s.start, s.end)
        isTaken = text.withUnsafeBufferPointer { text in
          builder.set(field, text: text.baseAddress ?? p, text.count)
        }
      } else {
        isTaken = builder.set(field, text: p + s.start, s.end &- s.start)
      }
    default: isTaken = try other(builder, field, depth)
    }
    guard isTaken else { throw misfit(builder, field, at) }
  }

  private mutating func other(_ builder: RowBuilder, _ field: Int, _ depth: Int) throws(WireFailure) -> Bool {
    switch p[i] {
    case 0x5B:
      let ids = try value(depth: depth).items ?? []
      switch builder.fields[field].kind {
      case .id:
        // [id, name]
        guard let id = ids.first?.int else { return ids.isEmpty }
        return builder.set(field, .int(id))
      case .ids:
        builder.set(field, ids: ids.compactMap(\.int))
        return true
      case .text where ids.count == 2 && ids[0].int != nil:
        guard let name = ids[1].text else { return false }
        return Array(name.utf8).withUnsafeBufferPointer { text in
          builder.set(field, text: text.baseAddress ?? p, text.count)
        }
      default: return false
      }
    case 0x7B:
      // A field of type json or properties, which no column takes.
      try skip(depth: depth)
      return true
    default:
      switch try word() {
      case .bool(let b): return builder.set(field, b)
      case .number(let d): return builder.set(field, .double(d))
      default: return true
      }
    }
  }

  private func misfit(_ builder: RowBuilder, _ field: Int, _ at: Int) -> WireFailure {
    let cut = Swift.min(24, Swift.max(0, i - at))
    let shown = String(decoding: UnsafeBufferPointer(start: p + at, count: cut), as: UTF8.self)
    return WireFailure(
      offset: at,
      message:
        "record \(builder.rowCount), field \(builder.fields[field].name): \(shown) is no "
        + "\(builder.fields[field].kind.words)")
  }
}

extension WireKind {
  /// What a value of the kind is called in a message.
  var words: String {
    switch self {
    case .id: "whole number"
    case .number: "number"
    case .bool: "truth value"
    case .text: "text"
    case .date: "date"
    case .datetime: "moment"
    case .ids: "list of ids"
    }
  }
}
