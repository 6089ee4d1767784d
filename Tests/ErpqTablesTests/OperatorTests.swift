import ErpqBase
import Testing

@testable import ErpqTables

@Suite struct OperatorTests {
  @Test func intsStayIntsAndOverflowIsAnErrorAtItsRow() throws {
    let a = ints([1, nil, .max])
    #expect(try run(Operators.add, a, .int(-1), as: .int) == "0 · 9223372036854775806")
    let error = #expect(throws: KernelError.self) { try run(Operators.add, a, .int(1), as: .int) }
    #expect(error?.row == 2)
    #expect(throws: KernelError.self) { try run(Operators.multiply, a, .int(2), as: .int) }
    #expect(throws: KernelError.self) { try run(Operators.negate, ints([.min]), as: .int) }
    #expect(throws: KernelError.self) { try run(Operators.subtract, ints([.min]), .int(1), as: .int) }
  }

  @Test func anOverflowUnderANullIsNoError() throws {
    let hidden = Column(.int, .ints([.max, 1]), validity: Bitmap([false, true]))
    #expect(try run(Operators.add, hidden, .int(1), as: .int) == "· 2")
  }

  @Test func divisionsByZeroAndInfinitiesAreNull() throws {
    #expect(try run(Operators.divide, ints([7, 0, nil]), ints([2, 0, 1]), as: .number) == "3.5 · ·")
    #expect(try run(Operators.multiply, numbers([1e308]), .number(10), as: .number) == "·")
    #expect(try run(Operators.modulo, ints([7, -7, .min, 5]), ints([3, 3, -1, 0]), as: .int) == "1 -1 0 ·")
    #expect(try run(Operators.modulo, numbers([7.5, 1]), numbers([2, 0]), as: .number) == "1.5 ·")
  }

  @Test func unitsSurvive() throws {
    let money = numbers([10, nil], .money("EUR"))
    #expect(try run(Operators.multiply, money, .percent(0.5), as: .money("EUR")) == "5EUR ·")
    #expect(try run(Operators.divide, money, .money(4, "EUR"), as: .number) == "2.5 ·")
    #expect(
      try run(Operators.scale, numbers([3], .quantity("kg")), .number(1000), as: .quantity("g")) == "3000 g")
  }

  @Test func timeMoves() throws {
    let d = dates(["2026-01-31", nil])
    #expect(try run(Operators.add, d, .duration(.days(2)), as: .date) == "2026-02-02 ·")
    #expect(
      try run(Operators.add, d, .duration(CalendarDuration(amount: 1, family: .months)), as: .date)
        == "2026-02-28 ·")
    #expect(try run(Operators.subtract, d, day("2026-01-01"), as: .duration(.time)) == "30d ·")
    let half = Value.duration(CalendarDuration(amount: 43_200_000, family: .time))
    #expect(try run(Operators.add, d, half, as: .datetime) == "2026-01-31 12:00:00 ·")
    #expect(try run(Operators.subtract, d, half, as: .date) == "2026-01-30 ·")
    let month = Column(.period(.month), values: [period("2026-01")])
    #expect(
      try run(
        Operators.add, month, .duration(CalendarDuration(amount: 2, family: .months)), as: .period(.month))
        == "2026-03")
    let commuted: [Operand] = [.scalar(.duration(.days(1))), .column(d)]
    #expect(try run(Operators.add, commuted, .date).shown == "2026-02-01 ·")
  }

  @Test func extremeDurationsDoNotTrap() throws {
    for amount in [1e300, -1e300, 1e18] {
      let v = Value.duration(CalendarDuration(amount: amount, family: .time))
      _ = try run(Operators.add, dates(["2026-01-01"]), v, as: .date)
      _ = try run(Operators.add, dates(["2026-01-01"]), v, as: .datetime)
      let m = Value.duration(CalendarDuration(amount: amount, family: .months))
      _ = try run(Operators.add, dates(["2026-01-01"]), m, as: .date)
      let month = Column(.period(.month), values: [period("2026-01")])
      _ = try run(Operators.add, month, v, as: .period(.month))
    }
  }

  @Test func textsConcatenate() throws {
    #expect(try run(Operators.add, texts(["a", nil, "b"]), texts(["x", "y", "z"]), as: .text) == "ax · bz")
    #expect(try run(Operators.add, texts(["a", nil]), .text("ß"), as: .text) == "aß ·")
    #expect(try run(Operators.add, [.scalar(.text("a")), .scalar(.text("b"))], .text).shown == "ab")
  }

  @Test func kleeneLogic() throws {
    let a = bools([true, true, true, false, false, false, nil, nil, nil])
    let b = bools([true, false, nil, true, false, nil, true, false, nil])
    #expect(try run(Operators.and, a, b, as: .bool) == "true false · false false false · false ·")
    #expect(try run(Operators.or, a, b, as: .bool) == "true true true true false · true · ·")
    #expect(try run(Operators.not, bools([true, nil]), as: .bool) == "false ·")
    #expect(
      try run(Operators.and, [.column(a), .scalar(.null)], .bool).shown == "· · · false false false · · ·")
  }

  @Test func choosing() throws {
    #expect(try run(Operators.isNull, ints([1, nil]), as: .bool) == "false true")
    #expect(try run(Operators.isNotNull, Column.nulls(.null, count: 2), as: .bool) == "false false")
    #expect(try run(Operators.coalesce, ints([1, nil, nil]), ints([9, 8, nil]), as: .int) == "1 8 ·")
    #expect(try run(Operators.coalesce, texts(["a", nil]), .text("?"), as: .text) == "a ?")
    #expect(try run(Operators.coalesce, ints([nil]), .number(0.5), as: .number) == "0.5")
    let chosen = try run(
      Operators.ifElse,
      [.column(bools([true, false, nil])), .scalar(.text("high")), .column(texts(["a", "b", "c"]))], .text)
    #expect(chosen.shown == "high b ·")
  }

  @Test func comparisons() throws {
    #expect(try run(Operators.less, ints([1, 2, nil]), .number(1.5), as: .bool) == "true false ·")
    #expect(
      try run(Operators.equal, ints([9_007_199_254_740_993]), .int(9_007_199_254_740_992), as: .bool)
        == "false")
    #expect(try run(Operators.equal, texts(["a", "b", nil]), .text("b"), as: .bool) == "false true ·")
    #expect(
      try run(Operators.less, texts(["a", "b", "é"]), texts(["b", "b", "z"]), as: .bool) == "true false false"
    )
    #expect(
      try run(Operators.greaterOrEqual, texts(["abc", "ab", "b"]), .text("abc"), as: .bool)
        == "true false true")
    #expect(try run(Operators.notEqual, texts(["a", nil]), texts(["a", "a"]), as: .bool) == "false ·")
    #expect(try run(Operators.equal, ints([1]), .null, as: .bool) == "·")
  }

  @Test func datesLieWithinPeriods() throws {
    let d = dates(["2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01", nil])
    let march = period("2026-03")
    #expect(try run(Operators.equal, d, march, as: .bool) == "false true true false ·")
    #expect(try run(Operators.isIn, d, march, as: .bool) == "false true true false ·")
    #expect(try run(Operators.less, d, march, as: .bool) == "true false false false ·")
    #expect(try run(Operators.lessOrEqual, d, march, as: .bool) == "true true true false ·")
    #expect(try run(Operators.greater, d, march, as: .bool) == "false false false true ·")
    #expect(
      try run(Operators.isIn, d, .list([period("2026-W09"), period("2026-Q2")]), as: .bool)
        == "true true false true ·")
    let months = Column(.period(.month), values: [period("2026-03"), period("2026-04")])
    #expect(try run(Operators.equal, months, period("2026-Q1"), as: .bool) == "true false")
    let moment = Column(.datetime, values: [Instant(iso: "2026-03-31 23:59").map { .datetime($0) } ?? .null])
    #expect(try run(Operators.lessOrEqual, moment, day("2026-03-31"), as: .bool) == "true")
    #expect(try run(Operators.equal, moment, march, as: .bool) == "true")
    let between: [Operand] = [.column(d), .scalar(day("2026-03-01")), .scalar(march)]
    #expect(try run(Operators.between, between, .bool).shown == "false true true false ·")
  }

  @Test func membership() throws {
    #expect(
      try run(Operators.isIn, ints([1, 5, nil]), .list([.int(5), .int(6)]), as: .bool) == "false true ·")
    #expect(try run(Operators.isIn, ints([1, 5]), .list([.int(5), .null]), as: .bool) == "· true")
    #expect(
      try run(Operators.isIn, ints([1, 7]), .list((3..<9).map { .int($0) }), as: .bool) == "false true")
    #expect(try run(Operators.isIn, texts(["a", "b"]), .list([.text("b")]), as: .bool) == "false true")
    #expect(try run(Operators.isIn, texts(["a"]), .list([]), as: .bool) == "false")
    let tags = Column(.list(.text), values: [.list([.text("x"), .text("y")]), .list([]), .null])
    #expect(try run(Operators.contains, tags, .text("y"), as: .bool) == "true false ·")
    #expect(try run(Operators.isIn, tags, .list([.text("y"), .text("q")]), as: .bool) == "true false ·")
  }

  @Test func likeContainsMatches() throws {
    let names = texts(["Corner Desk", "desk lamp", "GRÖẞE", nil, "50%"])
    #expect(try run(Operators.like, names, .text("%desk%"), as: .bool) == "true true false · false")
    #expect(try run(Operators.like, names, .text("d_sk%"), as: .bool) == "false true false · false")
    #expect(try run(Operators.like, names, .text("50\\%"), as: .bool) == "false false false · true")
    #expect(try run(Operators.like, texts(["aab", ""]), .text("%a%b"), as: .bool) == "true false")
    #expect(try run(Operators.like, texts(["", "x"]), .text("%"), as: .bool) == "true true")
    #expect(try run(Operators.contains, names, .text("größe"), as: .bool) == "false false true · false")
    #expect(try run(Operators.contains, texts(["ΟΔΟΣ"]), .text("οδος"), as: .bool) == "true")
    #expect(try run(Operators.matches, names, .text("^[A-Z].*k$"), as: .bool) == "true false false · false")
    #expect(try run(Operators.contains, texts(["ab", "b"]), texts(["B", "a"]), as: .bool) == "true false")
    let error = #expect(throws: KernelError.self) { try run(Operators.matches, names, .text("("), as: .bool) }
    #expect(error?.message.contains("regular expression") == true)
  }

  @Test func conversions() throws {
    #expect(try run(Operators.convert, ints([1, nil]), as: .number) == "1 ·")
    #expect(try run(Operators.convert, numbers([1.9, -1.9, 1e30, nil]), as: .int) == "1 -1 · ·")
    #expect(try run(Operators.convert, dates(["2026-03-15"]), as: .datetime) == "2026-03-15 00:00:00")
    #expect(try run(Operators.convert, dates(["2026-03-15", nil]), as: .period(.week)) == "2026-W11 ·")
    #expect(
      try run(Operators.convert, texts(["12.5", " 7 ", "n/a", "1_000", nil, "0x10", "inf"]), as: .number)
        == "12.5 7 · 1000 · · ·")
    #expect(try run(Operators.convert, texts(["12EUR", "5 USD", "3"]), as: .money("EUR")) == "12EUR · 3EUR")
    #expect(try run(Operators.convert, texts(["30d", "2w", "x"]), as: .duration(.time)) == "30d 14d ·")
    #expect(try run(Operators.convert, texts(["25%", "0.25"]), as: .percent) == "25% 25%")
    #expect(try run(Operators.convert, numbers([1.5, nil], .money("EUR")), as: .text) == "1.5EUR ·")
    #expect(try run(Operators.convert, texts(["yes", "0", "x"]), as: .bool) == "true false ·")
    #expect(try run(Operators.convert, numbers([3]), as: .quantity("kg")) == "3 kg")
  }

  @Test func everyOperatorTakesNullsAndEmptyTables() throws {
    let types: [ValueType] = [
      .bool, .int, .number, .text, .date, .datetime, .money("EUR"), .duration(.time), .period(.month),
    ]
    for kernel in Operators.all {
      for type in types {
        for rows in [0, 3] {
          let c = Operand.column(.nulls(type, count: rows))
          for operands in [
            [c, c, c], [c, .scalar(.null), .scalar(.null)], [.scalar(.null), .scalar(.null), .scalar(.null)],
          ] {
            let result = try kernel.apply(operands, rows, type)
            if case .column(let column) = result {
              #expect(column.count == rows, "\(kernel.name) of \(type)")
            }
          }
        }
      }
    }
  }

  @Test func everyOperatorSurvivesEveryPairOfTypes() throws {
    let columns = [
      bools([true, nil]), ints([3, nil]), numbers([2.5, nil]), texts(["a", nil]), dates(["2026-01-01", nil]),
      Column(.datetime, values: [.datetime(Instant(microseconds: 5)), .null]),
      Column(.period(.month), values: [period("2026-01"), .null]), numbers([5, nil], .duration(.months)),
      Column(.list(.int), values: [.list([.int(1)]), .null]), .nulls(.null, count: 2),
    ]
    for kernel in Operators.all {
      for a in columns {
        for b in columns {
          for type in columns.map(\.type) {
            _ = try? kernel.apply([.column(a), .column(b), .column(b)], 2, type)
            _ = try? kernel.apply([.column(a), .scalar(b[0]), .scalar(b[0])], 2, type)
            _ = try? kernel.apply([.scalar(a[0]), .column(b), .column(a)], 2, type)
          }
        }
      }
    }
  }
}
