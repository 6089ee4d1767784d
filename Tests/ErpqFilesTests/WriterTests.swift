import ErpqBase
import ErpqTables
import Testing

@testable import ErpqFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct WriterTests {
  private let table = Table([
    ("id", Column(.int, values: [.int(1), .int(-2)])),
    ("name", Column(.text, values: [.text("a, \"b\" | <c>"), .text("")])),
    ("share", Column(.percent, values: [.percent(0.95), .null])),
    ("cost", Column(.money("EUR"), values: [.money(1234.5, "EUR"), .money(0.1, "EUR")])),
    ("age", Column(.duration(.time), values: [.duration(.days(1.5)), .null])),
    ("day", Column(.date, values: [.date(CivilDate(day: 19_782)), .null])),
    ("at", Column(.datetime, values: [.datetime(Instant(microseconds: 1_500_000)), .null])),
    (
      "month",
      Column(.period(.month), values: [.period(Period(.month, containing: CivilDate(day: 19_782))), .null])
    ),
    ("tags", Column(.list(.text), values: [.list([.text("x"), .null]), .null])),
    ("ok", Column(.bool, values: [.bool(true), .null])),
  ])

  @Test func writesCSV() throws {
    let text = try TableWriter.string { try TableWriter.csv(table, to: $0) }
    #expect(
      text == """
        id,name,share,cost,age,day,at,month,tags,ok
        1,"a, ""b"" | <c>",0.95,1234.5,1.5,2024-02-29,1970-01-01 00:00:01.500000,2024-02,"[""x"",null]",true
        -2,"",,0.1,,,,,,

        """)
    let german = try TableWriter.string {
      try TableWriter.csv(
        table.selecting(["name", "cost"]), delimiter: ";", decimal: .comma, bom: true, to: $0)
    }
    #expect(german == "\u{FEFF}name;cost\n\"a, \"\"b\"\" | <c>\";1234,5\n\"\";0,1\n")
    let both = try TableWriter.string {
      try TableWriter.csv(table.selecting(["cost"]), decimal: .comma, to: $0)
    }
    #expect(both == "cost\n\"1234,5\"\n\"0,1\"\n")
  }

  @Test func writesJSON() throws {
    let two = table.selecting(["id", "name", "share", "at", "tags", "day"])
    #expect(
      try TableWriter.string { try TableWriter.jsonl(two, to: $0) } == """
        {"id":1,"name":"a, \\"b\\" | <c>","share":0.95,"at":"1970-01-01T00:00:01.500000Z","tags":["x",null],"day":"2024-02-29"}
        {"id":-2,"name":"","share":null,"at":null,"tags":null,"day":null}

        """)
    let empty = Table(empty: Schema([Field("a", .int)]))
    #expect(try TableWriter.string { try TableWriter.json(empty, to: $0) } == "[]\n")
    let odd = Table([("k\"\n", Column(.text, values: [.text("\u{0}\u{1F}\t\u{7F}é")]))])
    #expect(
      try TableWriter.string { try TableWriter.json(odd, to: $0) }
        == "[\n{\"k\\\"\\n\":\"\\u0000\\u001f\\t\\u007fé\"}\n]\n")
    let infinite = Table([("x", Column(.number, .doubles([.infinity, .nan, -0.5])))])
    #expect(
      try TableWriter.string { try TableWriter.jsonl(infinite, to: $0) }
        == "{\"x\":null}\n{\"x\":null}\n{\"x\":-0.5}\n")
  }

  @Test func writesForPeople() throws {
    let two = table.selecting(["name", "share", "cost"])
    #expect(
      try TableWriter.string { try TableWriter.markdown(two, to: $0) } == """
        | name | share | cost |
        | --- | ---: | ---: |
        | a, "b" \\| &lt;c> | 95% | 1234.5EUR |
        |  |  | 0.1EUR |

        """)
    let lines = Table([("a\nb", Column(.text, values: [.text("x\r\ny\\|z")]))])
    #expect(
      try TableWriter.string { try TableWriter.markdown(lines, to: $0) }
        == "| a<br>b |\n| --- |\n| x<br>y\\\\\\|z |\n")
    let html = try TableWriter.string { try TableWriter.html(two, to: $0) }
    #expect(
      html.hasPrefix(
        "<table>\n<thead>\n<tr><th scope=\"col\">name</th><th scope=\"col\" class=\"n\">share</th>"))
    #expect(html.contains("<td>a, &quot;b&quot; | &lt;c&gt;</td><td class=\"n\">95%</td>"))
    let page = try TableWriter.string { try TableWriter.html(two, page: "R&D", to: $0) }
    #expect(
      page.hasPrefix("<!DOCTYPE html>\n") && page.contains("<title>R&amp;D</title>")
        && page.hasSuffix("</html>\n"))
  }

  @Test func writesTheShortestNumbers() throws {
    var random = SeededRandom(seed: 5)
    var values: [Double] = [
      0.1, 0.30000000000000004, 1e15, 1e16, 1e21, 123456789.12345, .leastNonzeroMagnitude,
      1.7976931348623157e308, 100000.5, 0.00001,
      99999.99999, 4503599627370497.5, 1e-7, 12345678901.5,
    ]
    for _ in 0..<20_000 {
      values.append(Double(bitPattern: random.next()))
      values.append((random.uniform() * 1e6).rounded() / 100)
    }
    values = values.filter { $0.isFinite }
    let text = try TableWriter.string {
      try TableWriter.jsonl(Table([("x", Column(.number, .doubles(values)))]), to: $0)
    }
    for (line, value) in zip(text.split(separator: "\n"), values) {
      let digits = line.dropFirst(5).dropLast()
      #expect(Double(digits) == value)
      #expect(digits.count <= max("\(value)".count, 16), "\(digits) \(value)")
    }
  }

  @Test func writesLargeTablesInBlocks() throws {
    let big = Table([("n", Column(.int, .ints(Array(0..<50_000))))])
    var blocks: [Int] = []
    try TableWriter.csv(big) { blocks.append($0.count) }
    #expect(blocks.count > 2 && blocks.allSatisfy { $0 < 80_000 })
    struct Full: Error {}
    #expect(throws: Full.self) { try TableWriter.csv(big) { _ in throw Full() } }
  }

  /// Tables of random content, written and read back under their types.
  @Test func readsBackWhatItWrote() throws {
    var random = SeededRandom(seed: 11)
    let pieces = [
      "", "a", "ü", ",", ";", "\"", "\n", "\r", "\r\n", " ", "\t", "|", "1", "-0", "null", "\u{0}", "é😀",
      "true",
    ]
    for round in 0..<300 {
      let rows = random.below(40)
      func column(_ type: ValueType, _ make: () -> Value) -> Column {
        Column(type, values: (0..<rows).map { _ in random.below(5) == 0 ? .null : make() })
      }
      func text() -> String { (0..<random.below(5)).map { _ in pieces[random.below(pieces.count)] }.joined() }
      let table = Table([
        ("t", column(.text) { .text(text()) }),
        ("i", column(.int) { .int(Int64(bitPattern: random.next())) }),
        ("n", column(.number) { .number(random.normal() * 1e3) }),
        ("p", column(.percent) { .percent((random.uniform() * 1000).rounded() / 1000) }),
        ("m", column(.money("EUR")) { .money((random.normal() * 1e5).rounded() / 100, "EUR") }),
        ("d", column(.date) { .date(CivilDate(day: Int32(random.below(40_000) - 20_000))) }),
        ("s", column(.datetime) { .datetime(Instant(microseconds: Int64(random.below(1 << 50)) - 1 << 49)) }),
        (
          "u",
          column(.duration(.time)) {
            .duration(CalendarDuration(amount: Double(random.below(1 << 40)), family: .time))
          }
        ),
        (
          "w",
          column(.period(.week)) {
            .period(Period(.week, containing: CivilDate(day: Int32(random.below(30_000)))))
          }
        ),
        ("l", column(.list(.text)) { .list([.text(text()), .null]) }),
        ("b", column(.bool) { .bool(random.below(2) == 0) }),
      ])
      let types = Dictionary(uniqueKeysWithValues: table.schema.fields.map { ($0.name, $0.type) })
      let decimal: DecimalMark = round % 3 == 0 ? .comma : .point
      let delimiter: Character = [",", ";", "\t", "|"][decimal == .comma ? 1 + round % 3 : round % 4]
      let csv = try TableWriter.string {
        try TableWriter.csv(table, delimiter: delimiter, decimal: decimal, bom: round % 2 == 0, to: $0)
      }
      let options = ReadOptions(delimiter: delimiter, decimal: decimal, types: types)
      expectSame(try read(csv, options).table, table, "csv \(round)")
      guard rows > 0 else { continue }
      let json = try TableWriter.string { try TableWriter.json(table, to: $0) }
      expectSame(try read(json, ReadOptions(types: types), name: "t.json").table, table, "json \(round)")
      let jsonl = try TableWriter.string { try TableWriter.jsonl(table, to: $0) }
      expectSame(try read(jsonl, ReadOptions(types: types), name: "t.jsonl").table, table, "jsonl \(round)")
    }
  }

  private func expectSame(_ a: Table, _ b: Table, _ what: Comment) {
    #expect(a.schema == b.schema, what)
    #expect(a.rowCount == b.rowCount, what)
    guard a.rowCount == b.rowCount, a.columns.count == b.columns.count else { return }
    for (x, y) in zip(a.columns, b.columns) {
      for row in 0..<a.rowCount where x[row] != y[row] {
        Issue.record("\(what) row \(row) \(y.type): \(x[row]) for \(y[row])")
        return
      }
    }
  }
}

@Suite struct AtomicFileTests {
  private struct Broken: Error {}

  private func put(_ text: String, _ path: String) throws {
    try writeAtomically(path: path) { sink in try Array(text.utf8).withUnsafeBytes { try sink($0) } }
  }

  @Test func replacesAFileAsAWhole() throws {
    let folder = Folder()
    let path = folder.file("out.csv", "old")
    chmod(path, 0o640)
    try put("new", path)
    #expect(contents(path) == Array("new".utf8))
    var info = stat()
    #expect(stat(path, &info) == 0 && info.st_mode & 0o777 == 0o640)
    #expect(throws: Broken.self) {
      try writeAtomically(path: path) { sink in
        try Array("half".utf8).withUnsafeBytes { try sink($0) }
        throw Broken()
      }
    }
    #expect(contents(path) == Array("new".utf8))
    #expect(folder.names == ["out.csv"])
    try put("", folder.path + "/empty.csv")
    #expect(contents(folder.path + "/empty.csv").isEmpty)
  }

  @Test func followsLinks() throws {
    let folder = Folder()
    let path = folder.file("real.csv", "old")
    symlink("real.csv", folder.path + "/link.csv")
    try put("new", folder.path + "/link.csv")
    #expect(contents(path) == Array("new".utf8))
    var info = stat()
    #expect(lstat(folder.path + "/link.csv", &info) == 0 && info.st_mode & S_IFMT == S_IFLNK)
    symlink("later.csv", folder.path + "/dangling.csv")
    try put("x", folder.path + "/dangling.csv")
    #expect(contents(folder.path + "/later.csv") == Array("x".utf8))
    symlink("loop", folder.path + "/loop")
    #expect(failure { try put("x", folder.path + "/loop") } != nil)
  }

  @Test func writesGzipThatReadsBack() throws {
    let folder = Folder()
    let table = Table([("n", Column(.int, .ints(Array(0..<200_000))))])
    try writeAtomically(path: folder.path + "/t.csv.gz") { try TableWriter.csv(table, to: $0) }
    let r = try FileReader().readTable(path: folder.path + "/t.csv.gz")
    #expect(r.table.rowCount == 200_000)
    #expect(contents(folder.path + "/t.csv.gz").count < 800_000)
    try put("", folder.path + "/e.csv.gz")
    #expect(contents(folder.path + "/e.csv.gz").prefix(2) == [0x1F, 0x8B])
  }

  @Test func saysWhyItCannotWrite() throws {
    let folder = Folder()
    #expect(
      failure { try put("x", folder.path + "/no/out.csv") }?.message
        == "cannot write \(folder.path)/no/out.csv: there is no folder \(folder.path)/no")
    #expect(
      failure { try put("x", folder.path) }?.message
        == "cannot write \(folder.path): it is a folder, not a file")
    #expect(failure { try put("x", folder.path + "/" + String(repeating: "n", count: 300)) } != nil)
    #expect(failure { try put("x", "") } != nil)
    #expect(folder.names.isEmpty)
    #if os(Linux)
      #expect(
        failure { try put("x", "/dev/full") }?.description
          == "cannot write /dev/full: no space left on the device. Free some space and try again.")
    #endif
    if getuid() != 0 {
      let path = folder.file("locked.csv", "old")
      chmod(path, 0o400)
      #expect(failure { try put("x", path) }?.message.hasSuffix("permission denied") == true)
      chmod(path, 0o600)
      chmod(folder.path, 0o500)
      #expect(
        failure { try put("x", folder.path + "/new.csv") }?.message.contains("allows no new files") == true)
      chmod(folder.path, 0o700)
    }
    try put("x", "/dev/null")
  }
}
