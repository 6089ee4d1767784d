import CZlib
import ErpqBase
import ErpqTables
import Foundation
import Testing

@testable import ErpqFiles

/// The parts of a zip file by name.
private func unzipped(_ data: [UInt8]) throws -> [String: String] {
  func number(_ at: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(data[at + $1]) << (8 * $1) }
  }
  let end = try #require((0...(data.count - 22)).reversed().first { number($0, 4) == 0x0605_4B50 })
  var at = number(end + 16, 4)
  var parts: [String: String] = [:]
  for _ in 0..<number(end + 10, 2) {
    #expect(number(at, 4) == 0x0201_4B50)
    let (packed, size, start) = (number(at + 20, 4), number(at + 24, 4), number(at + 42, 4))
    let name = String(decoding: data[(at + 46)..<(at + 46 + number(at + 28, 2))], as: UTF8.self)
    let body = start + 30 + number(start + 26, 2) + number(start + 28, 2)
    var out = [UInt8](repeating: 0, count: size + 1)
    var input = Array(data[body..<(body + packed)])
    var stream = z_stream()
    #expect(inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
    input.withUnsafeMutableBufferPointer { source in
      out.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        #expect(inflate(&stream, Z_FINISH) == Z_STREAM_END)
      }
    }
    inflateEnd(&stream)
    parts[name] = String(decoding: out.prefix(size), as: UTF8.self)
    at += 46 + number(at + 28, 2) + number(at + 30, 2) + number(at + 32, 2)
  }
  return parts
}

private func workbook(_ table: Table, _ name: String = "book.xlsx") throws -> [String: String] {
  try unzipped(bytes(table, name))
}

private func bytes(_ table: Table, _ name: String = "book.xlsx") throws -> [UInt8] {
  final class Collected { var bytes: [UInt8] = [] }
  let collected = Collected()
  try TableWriter.xlsx(table, sheet: name) { collected.bytes.append(contentsOf: $0) }
  return collected.bytes
}

private func day(_ text: String) -> CivilDate { CivilDate(iso: text) ?? CivilDate(day: 0) }

private let everything = Table(
  Schema([
    Field("order", .int), Field("qty", .int), Field("price", .money("EUR")), Field("yen", .money("JPY")),
    Field("share", .percent), Field("weight", .quantity("kg")), Field("day", .date), Field("at", .datetime),
    Field("month", .period(.month)), Field("quarter", .period(.quarter)), Field("wait", .duration(.time)),
    Field("took", .duration(.time)), Field("term", .duration(.months)), Field("paid", .bool),
    Field("note", .text),
    Field("tags", .list(.text)), Field("nothing", .null),
  ]),
  [
    Column(.int, values: [.int(100_045), .null]),
    Column(.int, values: [.int(12), .int(1_234_567_890_123_456_789)]),
    Column(.money("EUR"), values: [.money(214.5, "EUR"), .money(-1, "EUR")]),
    Column(.money("JPY"), values: [.money(900, "JPY"), .null]),
    Column(.percent, values: [.percent(0.125), .null]),
    Column(.quantity("kg"), values: [.quantity(2.25, "kg"), .quantity(.nan, "kg")]),
    Column(.date, values: [.date(day("2026-07-15")), .date(day("1899-01-01"))]),
    Column(
      .datetime,
      values: [
        .datetime(Instant(microseconds: Int64(day("2026-07-15").day) * 86_400_000_000 + 43_200_000_000)),
        .null,
      ]),
    Column(.period(.month), values: [.period(Period(.month, containing: day("2026-07-15"))), .null]),
    Column(.period(.quarter), values: [.period(Period(.quarter, containing: day("2026-07-15"))), .null]),
    Column(.duration(.time), values: [.duration(.days(3)), .duration(.days(0.5))]),
    Column(.duration(.time), values: [.duration(.days(0.25)), .null]),
    Column(.duration(.months), values: [.duration(CalendarDuration(amount: 18, family: .months)), .null]),
    Column(.bool, values: [.bool(true), .bool(false)]),
    Column(.text, values: [.text("a<b>\u{1}\u{1b}[31m & \"c\" _x0041_"), .text("=1+1")]),
    Column(.list(.text), values: [.list([.text("x"), .text("y")]), .null]), .nulls(.null, count: 2),
  ])

@Test func aWorkbookHasTypedCellsUnderAFilteredHeader() throws {
  let parts = try workbook(everything, "out/July [2026]: 'sales'.xlsx")
  let sheet = try #require(parts["xl/worksheets/sheet1.xml"])
  let texts = try #require(parts["xl/sharedStrings.xml"])
  let styles = try #require(parts["xl/styles.xml"])
  #expect(parts["xl/workbook.xml"]?.contains("<sheet name=\"July 2026 'sales\"") == true)
  #expect(
    sheet.contains("<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>"))
  #expect(sheet.contains("<autoFilter ref=\"A1:Q3\"/>"))
  #expect(styles.contains("<b/>"))
  for format in [
    "#,##0.00 [$EUR]", "#,##0 [$JPY]", "#,##0.0%", "#,##0.00 &quot;kg&quot;", "yyyy-mm-dd",
    "yyyy-mm-dd hh:mm:ss",
    "yyyy-mm", "#,##0.0 &quot;d&quot;", "[h]:mm:ss", "#,##0 &quot;mo&quot;",
  ] {
    #expect(styles.contains("formatCode=\"\(format)\""), "\(format)")
  }
  // 2026-07-15 is day 46218 of the sheet, noon its half.
  #expect(
    sheet.contains("<v>46218</v>") && sheet.contains("<v>46218.5</v>") && sheet.contains("<v>46204</v>"))
  #expect(
    sheet.contains("t=\"b\"><v>1</v>") && sheet.contains("<v>214.5</v>") && sheet.contains("<v>0.125</v>"))
  #expect(sheet.contains("<v>0.25</v>") && sheet.contains("<v>18</v>"))
  #expect(texts.contains("a&lt;b&gt;[31m &amp; \"c\" _x005F_x0041_"))
  #expect(texts.contains("=1+1") && !sheet.contains("<f>"))
  // What numbers of a sheet cannot hold.
  #expect(texts.contains("1234567890123456789") && texts.contains("1899-01-01") && texts.contains("2026-Q3"))
  #expect(texts.contains("[\"x\",\"y\"]"))
  // Null, and what is not finite, leave no cell.
  #expect(!sheet.contains("r=\"A3\"") && !sheet.contains("r=\"F3\"") && !sheet.contains("r=\"Q2\""))
}

@Test func aWorkbookIsTheSameEveryTime() throws { #expect(try bytes(everything) == bytes(everything)) }

@Test func aLargeWorkbookKeepsEveryCell() throws {
  let n = 350_000
  let table = Table(
    Schema([Field("n", .int), Field("name", .text), Field("x", .number)]),
    [
      Column(.int, .ints((0..<n).map { Int64($0) })),
      Column(.text, values: (0..<n).map { .text("n\($0 % 7)") }),
      Column(.number, .doubles((0..<n).map { Double($0) / 4 })),
    ])
  let sheet = try #require(try workbook(table)["xl/worksheets/sheet1.xml"])
  #expect(sheet.contains("<autoFilter ref=\"A1:C350001\"/>"))
  #expect(
    sheet.contains("<c r=\"A350001\"") && sheet.contains("<v>349999</v>") && sheet.contains("<v>87499.75</v>")
  )
}

@Test func whatNoSheetHoldsIsAnErrorThatSaysSo() {
  let tall = Table(Schema([Field("n", .null)]), [.nulls(.null, count: 1_048_576)])
  #expect { try bytes(tall) } throws: {
    "\($0)".contains("1048575 rows below its header, and these are 1048576")
  }
  let long = Table(
    Schema([Field("t", .text)]),
    [Column(.text, values: [.text("short"), .text(String(repeating: "é", count: 32_768))])])
  #expect { try bytes(long) } throws: {
    "\($0)".contains("row 2, column t: a cell of a workbook holds 32767")
  }
}

@Test func emptyTablesMakeWorkbooksToo() throws {
  let none = try workbook(Table(Schema([Field("a", .int)]), [Column(.int, .ints([]))]))
  #expect(none["xl/worksheets/sheet1.xml"]?.contains("<autoFilter ref=\"A1") == true)
  #expect(try workbook(Table(Schema([]), [], rowCount: 3))["xl/worksheets/sheet1.xml"] != nil)
}

@Test func sheetsAreNamedAfterTheirFiles() {
  for (path, name) in [
    ("a/b.xlsx", "b"), ("History.xlsx", "Sheet1"), (".xlsx", "Sheet1"), ("'q'.XLSX", "q"),
    ("*?.xlsx", "Sheet1"),
    ("/dev/stdout", "stdout"),
    ("日本" + String(repeating: "x", count: 40), "日本" + String(repeating: "x", count: 29)),
  ] {
    #expect(TableWriter.sheetName(path) == name)
  }
}

@Test func totalsAreSumsOfWhatTheFilterShows() throws {
  #expect([0, 25, 26, 701, 702].map(TableWriter.columnName) == ["A", "Z", "AA", "ZZ", "AAA"])
  let table = Table([
    ("name", Column(.text, values: [.text("a"), .text("b")])),
    ("lead", Column(.duration(.time), values: [.duration(.days(1)), .duration(.days(2))])),
  ]).showing(totals: [.text("total"), .duration(.days(3))])
  let file = NSTemporaryDirectory() + "erpq-totals-\(UUID().uuidString).xlsx"
  defer { try? FileManager.default.removeItem(atPath: file) }
  try writeAtomically(path: file) { try TableWriter.xlsx(table, sheet: file, to: $0) }
  let data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
  let sheet = try #require(try unzipped(data)["xl/worksheets/sheet1.xml"])
  #expect(sheet.contains("<f>SUBTOTAL(109,B2:B3)</f><v>3</v>"))
  #expect(sheet.contains("<autoFilter ref=\"A1:B3\"/>"))
}
