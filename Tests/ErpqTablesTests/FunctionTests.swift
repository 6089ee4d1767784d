import ErpqBase
import Testing

@testable import ErpqTables

@Suite struct FunctionTests {
  @Test func namesAreUniqueAndEachFunctionIsDocumented() {
    let names = Functions.all.map(\.name)
    #expect(Set(names).count == names.count)
    for spec in Functions.all {
      #expect(!spec.summary.isEmpty && spec.summary.hasSuffix("."), "\(spec.name)")
      #expect(!spec.examples.isEmpty && !spec.searchWords.isEmpty || spec.category == "date", "\(spec.name)")
      #expect(spec.parameters.allSatisfy { !$0.doc.isEmpty }, "\(spec.name)")
    }
  }

  @Test(arguments: Functions.all.flatMap { spec in spec.examples.map { ($0.code, $0.result) } })
  func exampleHolds(_ code: String, _ result: String) throws {
    var reader = ExampleReader(code)
    #expect(try reader.result() == result, "\(code)")
  }

  @Test func everyScalarFunctionTakesNullsAndEmptyColumns() throws {
    for spec in Functions.all {
      guard case .scalar(let kernel) = spec.kind else { continue }
      for rows in [0, 2] {
        let operands = spec.parameters.map { _ in Operand.column(.nulls(.null, count: rows)) }
        let result = try kernel.apply(operands, rows, spec.returns(operands.map(\.type)))
        if case .column(let column) = result { #expect(column.count == rows, "\(spec.name)") }
      }
    }
  }

  @Test func unitsAreKept() {
    for name in ["abs", "round", "floor", "sum", "avg", "min", "max", "median", "lag", "cumulative", "stdev"]
    {
      #expect(Functions.named(name)?.returns([.money("EUR")]) == .money("EUR"), "\(name)")
    }
    #expect(Functions.named("avg")?.returns([.int]) == .number)
    #expect(Functions.named("coalesce")?.returns([.null, .int, .number]) == .number)
    #expect(Functions.named("share")?.returns([.money(nil)]) == .percent)
  }

  @Test func functionsOfColumnsRunRowByRow() throws {
    func call(_ name: String, _ operands: [Operand]) throws -> String {
      guard let spec = Functions.named(name), case .scalar(let kernel) = spec.kind else {
        return "no \(name)"
      }
      return try run(kernel, operands, spec.returns(operands.map(\.type))).shown
    }
    #expect(try call("upper", [.column(texts(["a", nil, "ß"]))]) == "A · SS")
    #expect(try call("left", [.column(texts(["abc", "xyz", nil])), .column(ints([1, nil, 2]))]) == "a · ·")
    #expect(try call("round", [.column(numbers([1.005, -0.5, nil])), .scalar(.int(2))]) == "1.01 -0.5 ·")
    #expect(try call("abs", [.column(numbers([-3, nil], .money("EUR")))]) == "3EUR ·")
    #expect(try call("month", [.column(dates(["2026-03-15", nil]))]) == "2026-03 ·")
    #expect(try call("sqrt", [.column(numbers([-1, 4]))]) == "· 2")
    #expect(try call("least", [.column(ints([3, nil])), .column(ints([1, 2]))]) == "1 2")
    #expect(try call("money", [.column(numbers([3])), .scalar(.text("EUR"))]) == "3EUR")
    #expect(
      try call("date", [.column(ints([2026, 2026])), .column(ints([1, 13])), .scalar(.int(5))])
        == "2026-01-05 ·")
    #expect(try call("concat", [.column(texts(["a", nil])), .scalar(.int(1))]) == "a1 1")
    #expect(
      try call("regex_extract", [.column(texts(["PO-7", "x"])), .scalar(.text("[0-9]+")), .scalar(.int(0))])
        == "7 ·")
    #expect(throws: KernelError.self) { try call("abs", [.column(ints([.min]))]) }
    #expect(throws: KernelError.self) { try call("repeat", [.scalar(.text("ab")), .scalar(.int(.max))]) }
    #expect(throws: KernelError.self) {
      try call("range", [.scalar(.int(.min)), .scalar(.int(.max)), .scalar(.int(1))])
    }
    #expect(throws: KernelError.self) {
      try call("start_of", [.scalar(day("2026-01-01")), .scalar(.text("eon"))])
    }
    #expect(throws: KernelError.self) {
      try call("format_date", [.scalar(day("2026-01-01")), .scalar(.text("%Q"))])
    }
    for n in [Int64.min, -3, 0, 3, .max] {
      for name in ["left", "right", "substring"] {
        _ = try call(name, [.scalar(.text("añb")), .scalar(.int(n)), .scalar(.int(n))])
      }
    }
  }
}

/// Reads and runs the examples of the docs: calls of functions over literals, and one-stage pipelines over
/// lists. The language's own parser runs them too; this one needs nothing above the tables.
private struct ExampleReader {
  private let text: [Character]
  private var at = 0

  init(_ code: String) { text = Array(code) }

  private struct Unreadable: Error {
    var code: String
    var at: Int
  }

  mutating func result() throws -> String {
    var value = try sum()
    if peek("|") {
      at += 1
      guard case .list(let items) = value else { throw bad() }
      let type = items.map(\.type).first { $0 != .null } ?? .null
      let table = Table([("value", Column(type, values: items))])
      let stage = word()
      let call = try pipelineCall()
      let column = try Evaluator(table: table).column(call)
      value = stage == "summarize" ? column[0] : .list(column.all)
    }
    guard at == text.count else { throw bad() }
    return value.description
  }

  private func bad() -> Unreadable { Unreadable(code: String(text), at: at) }
  private mutating func skip() { while at < text.count, text[at] == " " { at += 1 } }
  private mutating func peek(_ c: Character) -> Bool {
    skip()
    return at < text.count && text[at] == c
  }
  private mutating func take(_ c: Character) throws {
    guard peek(c) else { throw bad() }
    at += 1
  }
  private mutating func word() -> String {
    skip()
    let start = at
    while at < text.count, text[at].isLetter || text[at].isNumber || text[at] == "_" { at += 1 }
    return String(text[start..<at])
  }

  private mutating func sum() throws -> Value {
    var value = try atom()
    while peek("+") {
      at += 1
      value = try Operators.add.apply([.scalar(value), .scalar(try atom())], 1, .text).column(rows: 1)[0]
    }
    return value
  }

  private mutating func list(until end: Character) throws -> [Value] {
    var values: [Value] = []
    while !peek(end) {
      values.append(try sum())
      if !peek(end) { try take(",") }
    }
    try take(end)
    return values
  }

  private mutating func atom() throws -> Value {
    skip()
    guard at < text.count else { throw bad() }
    switch text[at] {
    case "[":
      at += 1
      return .list(try list(until: "]"))
    case "\"", "'":
      let quote = text[at]
      at += 1
      var out = ""
      while at < text.count, text[at] != quote {
        if quote == "\"", text[at] == "\\" { at += 1 }
        out.append(text[at])
        at += 1
      }
      try take(quote)
      return .text(out)
    case let c where c.isNumber || c == "-":
      let start = at
      at += 1
      while at < text.count, text[at].isLetter || text[at].isNumber || "-._%".contains(text[at]) { at += 1 }
      let literal = String(text[start..<at])
      if let i = Int64(literal) { return .int(i) }
      if let d = Double(literal) { return .number(d) }
      for type in [ValueType.date, .period(nil), .percent, .duration(nil)] {
        let value = Value.parsed(literal, as: type)
        if !value.isNull { return value }
      }
      throw bad()
    default:
      let name = word()
      switch name {
      case "null": return .null
      case "true": return .bool(true)
      case "false": return .bool(false)
      default: break
      }
      guard let spec = Functions.named(name), case .scalar(let kernel) = spec.kind else { throw bad() }
      try take("(")
      var arguments = try list(until: ")")
      if !spec.isVariadic {
        for parameter in spec.parameters.dropFirst(arguments.count) {
          arguments.append(try #require(parameter.defaultValue, "\(name) lacks \(parameter.name)"))
        }
      }
      let type = spec.returns(arguments.map(\.type))
      return try kernel.apply(arguments.map { .scalar($0) }, 1, type).column(rows: 1)[0]
    }
  }

  /// `name(value, constants)` over the one column of the table.
  private mutating func pipelineCall() throws -> Expression {
    let name = word()
    guard let spec = Functions.named(name) else { throw bad() }
    try take("(")
    var column: ErpqTables.Expression?
    if !peek(")"), word() == "value" { column = .column("value", .int) }
    var constants: [Value] = []
    while peek(",") {
      at += 1
      let start = at
      if word() == "desc" { try take("=") } else { at = start }
      constants.append(try atom())
    }
    try take(")")
    let type = spec.returns([.int])
    switch spec.kind {
    case .aggregate(let kind):
      let arguments = (column.map { [$0] } ?? []) + constants.map { .constant($0, $0.type) }
      return .aggregate(kind, arguments, type)
    case .window(let make):
      for parameter in spec.parameters.dropFirst(1 + constants.count) {
        constants.append(parameter.defaultValue ?? .null)
      }
      return .window(make(constants), column, [], type)
    case .scalar: throw bad()
    }
  }
}

private typealias Expression = ErpqTables.Expression
