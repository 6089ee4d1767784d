import ErpqBase
import ErpqTables
import Testing

@testable import ErpqFiles

@Suite struct CSVTests {
  @Test func findsTheNarrowestTypes() throws {
    let r = try read(
      """
      i,n,b,p,d,t,s,z
      1,1.5,true,95%,2024-02-29,2024-01-02 03:04,abc,007
      -2,2,FALSE,12.5 %,2023-12-31,2024-01-02T03:04:05.25+01:00,d e,+49
      ,,,,,,,
      """)
    #expect(r.types == [.int, .number, .bool, .percent, .date, .datetime, .text, .text])
    #expect(r.texts("i") == ["1", "-2", nil])
    #expect(r.texts("n") == ["1.5", "2", nil])
    #expect(r.table["p"]?[1] == .percent(0.125))
    #expect(r.table["p"]?[0] == .percent(0.95))
    #expect(r.texts("t") == ["2024-01-02 03:04:00", "2024-01-02 02:04:05.250000", nil])
    #expect(r.texts("z") == ["007", "+49", nil])
    #expect(r.rejects.isEmpty)
    #expect(r.rowsRead == 3)
  }

  @Test func namesTheRowThatMakesAText() throws {
    var text = "sku\n"
    for i in 1...20_000 { text += i == 15_011 ? "79323P\n" : "\(i)\n" }
    let r = try read(text)
    #expect(r.types == [.text])
    #expect(r.inferred[0].why == "text: line 15,012 has \"79323P\"")
    #expect(r.texts("sku")[0] == "1")
    #expect(r.texts("sku")[15_010] == "79323P")
    #expect(r.texts("sku")[19_999] == "20000")
  }

  @Test func widensLate() throws {
    var text = "a,b,c\n"
    for i in 1...30_000 {
      text +=
        i == 29_000 ? "0.5,2024-01-01 10:00,\n" : i < 25_000 ? "\(i),2024-01-01,\n" : "\(i),2024-01-01,x\n"
    }
    let r = try read(text)
    #expect(r.types == [.number, .datetime, .text])
    #expect(r.texts("a")[0] == "1")
    #expect(r.texts("a")[28_999] == "0.5")
    #expect(r.texts("b")[0] == "2024-01-01 00:00:00")
    #expect(r.texts("c")[24_998] == nil)
    #expect(r.texts("c")[24_999] == "x")
    #expect(r.texts("c")[28_999] == nil)
    #expect(r.table["c"]?.nullCount == 25_000)
  }

  @Test func keepsWhatIsNoNumber() throws {
    let r = try read("a,b,c,d,e,f\n9223372036854775808,1e999,NaN,0x10,1_000,1e5\n1,1,1,1,1,1\n")
    #expect(r.types == [.text, .text, .text, .text, .text, .number])
    let big = try read("a,b\n92233720368547758080.5,9223372036854775807\n1,-9223372036854775808\n")
    #expect(big.types == [.number, .int])
    #expect(big.table["b"]?[1] == .int(.min))
  }

  @Test func roundsNumbersCorrectly() throws {
    let hard = [
      "0.1", "1e22", "1e23", "8.5e-5", "123456789012345678e-5", "2.2250738585072014e-308", "5e-324",
      "9007199254740993.0", "1.7976931348623157e308", "0.30000000000000004",
      "3.14159265358979323846264338327950288",
      "00.5", "-0.0", ".5", "5.",
    ]
    let r = try read("x\n" + hard.joined(separator: "\n") + "\n", ReadOptions(types: ["x": .number]))
    for (i, text) in hard.enumerated() {
      let expected = Double(text.hasSuffix(".") ? text + "0" : text.hasPrefix(".") ? "0" + text : text)
      #expect(r.table["x"]?[i] == expected.map { .number($0) }, "\(text)")
    }
  }

  @Test func readsQuotedCells() throws {
    let r = try read(
      "a,b,c\n\"x, y\",\"he said \"\"no\"\"\",\"two\nlines\"\n\"1\",\"\",\n", ReadOptions(text: ["a"]))
    #expect(r.texts("a") == ["x, y", "1"])
    #expect(r.texts("b") == ["he said \"no\"", ""])
    #expect(r.texts("c") == ["two\nlines", nil])
    // Numbers in quotes are numbers: many programs quote all cells.
    let quoted = try read("\"a\",\"b\"\n\"1\",\"\"\n\"2\",\"3\"\n")
    #expect(quoted.types == [.int, .int])
    #expect(quoted.texts("b") == [nil, "3"])
    // Odd quotes are kept as well as can be.
    let odd = try read("a,b\nab\"c,\"x\"y\n")
    #expect(odd.texts("a") == ["ab\"c"])
    #expect(odd.texts("b") == ["xy"])
  }

  @Test func emptyTextsBeforeTheFirstText() throws {
    let r = try read("a,b\n\"\",\"\"\n,1\n\"x\",2\n")
    #expect(r.texts("a") == ["", nil, "x"])
    #expect(r.texts("b") == [nil, "1", "2"])
    let all = try read("a,b\n\"\",1\n,2\n")
    #expect(all.texts("a") == ["", nil])
    let blank = try read("a,b\n  ,1\n 5 ,2\n")
    #expect(blank.types == [.int, .int])
    #expect(blank.texts("a") == [nil, "5"])
  }

  @Test(arguments: ["\n", "\r\n", "\r"]) func readsAllLineEnds(_ end: String) throws {
    for tail in ["", end, end + end] {
      let r = try read(["a,b", "1,x", "", "2,\"y\(end)z\"", "3,w"].joined(separator: end) + tail)
      #expect(r.texts("a") == ["1", "2", "3"])
      #expect(r.texts("b") == ["x", "y\(end)z", "w"])
      #expect(r.rejects.isEmpty)
    }
    let bad = try read(["a,b", "\"1\(end)\",x", "2", "3,4,5", "6,7"].joined(separator: end))
    #expect(bad.rejects.map(\.line) == [4, 5])
    #expect(
      bad.rejects.map(\.reason) == ["line 4: 1 cell, the header has 2", "line 5: 3 cells, the header has 2"])
    #expect(bad.rejects.map(\.raw) == ["2", "3,4,5"])
    #expect(bad.rowsRead == 4)
  }

  @Test func namesTheLineOfAnOpenQuote() throws {
    let error = failure { _ = try read("a,b\n1,x\n2,\"open\nand on\n3,z\n") }
    #expect(error?.line == 3)
    #expect(error?.message == "t.csv, line 3: a quote opens a cell here and is never closed")
    #expect(failure { _ = try read("a,\"b\n1,2\n") }?.line == 1)
  }

  @Test func rejectsCellsOfAnotherType() throws {
    let r = try read(
      "id,qty,day\n1,5,2024-01-01\n2,abc,2024-01-02\n3,,2024-13-01\n4,7.0,\n",
      ReadOptions(types: ["qty": .int, "day": .date]))
    #expect(r.texts("id") == ["1", "4"])
    #expect(r.texts("qty") == ["5", "7"])
    #expect(
      r.rejects.map(\.reason) == [
        "line 3, column qty: \"abc\" is not a whole number",
        "line 4, column day: \"2024-13-01\" is not a date (YYYY-MM-DD)",
      ])
    #expect(r.rejects[0].raw == "2,abc,2024-01-02")
    #expect(failure { _ = try read("a\n1e999\n", ReadOptions(types: ["a": .number])) } == nil)
    #expect(try read("a\n1e999\n", ReadOptions(types: ["a": .number])).rejects.count == 1)
    let unknown = failure { _ = try read("name\nx\n", ReadOptions(text: ["nmae"])) }
    #expect(unknown?.description == "t.csv has no column nmae. Did you mean name?")
    #expect(failure { _ = try read("a\nx\n", ReadOptions(types: ["a": .distribution])) } != nil)
  }

  @Test func rejectedRowsStayAwayWhenAColumnIsReadAgain() throws {
    var text = "q,s\n"
    for i in 0..<40_000 { text += i % 1000 == 7 ? "bad,\(i)\n" : i == 39_999 ? "1,x\n" : "1,\(i)\n" }
    let r = try read(text, ReadOptions(types: ["q": .int]))
    #expect(r.rejects.count == 40)
    #expect(r.table.rowCount == 39_960)
    #expect(r.texts("s")[7] == "8")
    #expect(r.texts("s")[39_959] == "x")
  }

  /// Cells of a named type are read when they are checked; rows taken out must not leave anything behind.
  @Test func rejectsCellsInSomeBatchesOnly() throws {
    var text = "day,order,q\n"
    var expected: [(day: String, order: String, q: String?)] = []
    for i in 0..<30_000 {
      let day = String(CivilDate(day: Int32(18_000 + i % 900)).description)
      let order = "order-\(i / 3)"
      let isBad = i == 25_000 || i == 25_003
      let q = i % 97 == 0 ? nil : String(i)
      text += "\(isBad ? "2021-02-29" : day),\(order),\(q ?? "NA")\n"
      if !isBad { expected.append((day, order, q)) }
    }
    var options = ReadOptions(text: ["order"], types: ["day": .date, "q": .number])
    options.nullWords = ["NA"]
    let r = try read(text, options)
    #expect(r.rejects.map(\.line) == [25_002, 25_005])
    #expect(r.texts("day") == expected.map(\.day))
    #expect(r.texts("order") == expected.map(\.order))
    #expect(r.texts("q") == expected.map(\.q))
  }

  @Test func readsTypesThatAreNamed() throws {
    let r = try read(
      "m,q,u,p,l,mo\n1.5,2,0.5,2026-Q1,\"[1, 2.5]\",3\n,,,2026-Q2,,\n",
      ReadOptions(types: [
        "m": .money("EUR"), "q": .quantity("kg"), "u": .duration(.time), "p": .period(.quarter),
        "l": .list(.number), "mo": .duration(.months),
      ]))
    #expect(r.rejects.isEmpty)
    #expect(r.table.row(0)[0] == .money(1.5, "EUR"))
    #expect(r.table.row(0)[1] == .quantity(2, "kg"))
    #expect(r.table.row(0)[2] == .duration(CalendarDuration(amount: 43_200_000, family: .time)))
    #expect(r.table.row(0)[3].description == "2026-Q1")
    #expect(r.table.row(0)[4] == .list([.number(1), .number(2.5)]))
    #expect(r.table.row(0)[5] == .duration(CalendarDuration(amount: 3, family: .months)))
    #expect(r.table.row(1)[0] == .null)
  }

  @Test func readsSlashDatesOnlyWithoutDoubt() throws {
    let day = try read("d\n03/04/2024\n31/12/2024\n")
    #expect(day.texts("d") == ["2024-04-03", "2024-12-31"])
    #expect(day.inferred[0].why == "date: read as DD/MM/YYYY")
    let month = try read("d\n03/04/2024\n12/31/2024\n")
    #expect(month.texts("d") == ["2024-03-04", "2024-12-31"])
    let unclear = try read("d\n03/04/2024\n05/06/2024\n")
    #expect(unclear.types == [.text])
    #expect(unclear.texts("d") == ["03/04/2024", "05/06/2024"])
    #expect(unclear.notes.count == 1)
    let clash = try read("d\n31/12/2024\n12/31/2024\n")
    #expect(clash.types == [.text])
    #expect(clash.inferred[0].why == "text: line 3 has \"12/31/2024\"")
    #expect(try read("d\n05/05/2024\n").texts("d") == ["2024-05-05"])
    #expect(try read("d\n03/04/2024\n", ReadOptions(dateOrder: .dayFirst)).texts("d") == ["2024-04-03"])
    let forced = try read(
      "d\n03/04/2024\n2024-05-06\nx\n", ReadOptions(types: ["d": .date], dateOrder: .monthFirst))
    #expect(forced.texts("d") == ["2024-03-04", "2024-05-06"])
    #expect(forced.rejects.count == 1)
  }

  @Test func guessesTheDelimiter() throws {
    let comma = try read("a;b\n1;2\n1,5;2\n")
    #expect(comma.types == [.text, .int])
    #expect(comma.inferred[0].why == "text: its numbers seem to be written with a decimal comma")
    #expect(try read("a;b\n1,5;2\n", ReadOptions(decimal: .comma)).types == [.number, .int])
    #expect(try read("a\tb\n1\t2\n").table.columns.count == 2)
    #expect(try read("a|b|c\n\"x,y,z\"|2|3\n").table.columns.count == 3)
    #expect(try read("name\nDoe, John\nRoe, Jane\n").table.columns.count == 1)
    #expect(try read("a,b;c\n1,2\n", name: "t.tsv").table.columns.count == 1)
    #expect(try read("a#b\n1#2\n", ReadOptions(delimiter: "#")).texts("b") == ["2"])
    #expect(failure { _ = try read("a,b\n", ReadOptions(delimiter: "\"")) } != nil)
    #expect(failure { _ = try read("a,b\n", ReadOptions(delimiter: "€")) } != nil)
  }

  @Test func makesNamesUsable() throws {
    let r = try read(" id ,,id,id_2,unit price\n1,2,3,4,5\n")
    #expect(r.table.schema.names == ["id", "column_2", "id_3", "id_2", "unit price"])
    #expect(r.notes.count == 2)
    let none = try read("1,x\n2,y\n", ReadOptions(header: false))
    #expect(none.table.schema.names == ["column_1", "column_2"])
    #expect(none.texts("column_1") == ["1", "2"])
  }

  @Test func readsTheEdgesOfFiles() throws {
    let header = try read("a,b\n")
    #expect(header.types == [.text, .text])
    #expect(header.table.rowCount == 0)
    for text in ["", "\n\n", "\u{FEFF}"] { #expect(failure { _ = try read(text) } != nil, "\(text)") }
    let nulls = try read("a,b\nx\u{0}y,\u{0}\n")
    #expect(nulls.texts("a") == ["x\u{0}y"])
    let huge = String(repeating: "x", count: 3_000_000)
    #expect(try read("a,b\n\(huge),1\n").texts("a")[0]?.utf8.count == 3_000_000)
    #expect(try read("a\n1\n2\n3\n", ReadOptions(limit: 2)).texts("a") == ["1", "2"])
    #expect(try read("a\n1\nx\n", ReadOptions(limit: 1)).types == [.int])
    #expect(try read("a\n1\n", ReadOptions(limit: 0)).table.rowCount == 0)
    let words = try read("a,b\nNA,x\n1,NA\n2,\"NA\"\n", ReadOptions(nullWords: ["NA"]))
    #expect(words.types == [.int, .text])
    #expect(words.texts("b") == ["x", nil, "NA"])
  }

  @Test func readsManyColumns() throws {
    let count = 3000
    let names = (0..<count).map { "c\($0)" }.joined(separator: ",")
    let row = (0..<count).map { "\($0)" }.joined(separator: ",")
    let r = try read(names + "\n" + Array(repeating: row, count: 200).joined(separator: "\n"))
    #expect(r.table.rowCount == 200)
    #expect(r.table.columns[2999][199] == .int(2999))
    #expect(try read("a\n" + String(repeating: ",", count: 100_000)).rejects.count == 1)
    #expect(failure { _ = try read(String(repeating: "x,", count: 200_000) + "x\n") } != nil)
  }

  @Test func readsEncodings() throws {
    #expect(try read("\u{FEFF}a,b\né,1\n").table.schema.names == ["a", "b"])
    for big in [true, false] {
      var bytes: [UInt8] = []
      for unit in Array("\u{FEFF}a,b\nü,𝄞\n".utf16) {
        bytes += big ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
      }
      let r = try readBytes(bytes)
      #expect(r.table.row(0) == [.text("ü"), .text("𝄞")])
      #expect(r.notes.count == 1)
    }
    let bad = try readBytes(Array("a,b\nx,1\n".utf8) + [0xE9] + Array(",2\n".utf8))
    #expect(bad.texts("a") == ["x", "\u{FFFD}"])
    #expect(bad.notes.first?.contains("first on line 3") == true)
  }
}
