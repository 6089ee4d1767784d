import ErpqBase

private let anything = P("x", .any, "the value")

/// A conversion by the convert operator.
private func converting(
  _ name: String, _ type: ValueType, _ summary: String, search: [String],
  _ pairs: KeyValuePairs<String, String>
) -> FunctionSpec {
  FunctionSpec(
    name, category: "conversion", summary, [anything], returnsDoc: type.description,
    searchWords: ["cast", "convert"] + search,
    examples: examples(pairs),
    kind: .scalar(
      .rowwise(name) { operands, rows, _ in
        let column = operands[0].column(rows: rows)
        // A duration counts in days, as a bare number does.
        if type.isNumeric, case .duration(.time?) = column.type, case .doubles(let v) = column.storage {
          let days = v.map { $0 / CalendarDuration.millisecondsPerDay }
          return try Column(.number, .doubles(days), validity: column.validity).converted(to: type)
        }
        return try column.converted(to: type)
      }),
    returns: { _ in type })
}

/// A number or text under a unit that is given as a constant text; the column carries the unit.
private func tagged(
  _ name: String, _ unitDoc: String, _ summary: String, search: [String],
  _ pairs: KeyValuePairs<String, String>,
  _ make: @escaping @Sendable (String?) -> ValueType
) -> FunctionSpec {
  let unit = name == "money" ? "currency" : "unit"
  return FunctionSpec(
    name, category: "conversion", summary,
    [anything, P(unit, .exact(.text), default: .text(""), constant: true, unitDoc)], returnsDoc: name,
    searchWords: search,
    examples: examples(pairs),
    kind: .scalar(
      .rowwise(name) { operands, rows, type in
        var given: String?
        if operands.count > 1, case .scalar(.text(let s)) = operands[1], !s.isEmpty { given = s }
        return try operands[0].column(rows: rows).converted(to: given.map { make($0) } ?? type)
      }), returns: { _ in make(nil) })
}

extension Functions {
  /// Functions that choose between values.
  static let conditional: [FunctionSpec] = [
    FunctionSpec(
      "coalesce", category: "conditional", "The first value that is not null.",
      [P("value", .any, "what is preferred"), P("others", .sameAs(0), "in the order of preference")],
      variadic: true, returnsDoc: "as the values", searchWords: ["ifnull", "nvl", "default", "??"],
      examples: examples(["coalesce(null, 3)": "3"]), kind: .scalar(Operators.coalesce), returns: commonType),
    FunctionSpec(
      "nullif", category: "conditional", "Null when both values are equal, otherwise the first.",
      [anything, P("other", .sameAs(0), "the value that counts as missing")], returnsDoc: "as x",
      searchWords: ["blank", "missing"], examples: examples(["nullif(0, 0)": "", "nullif(5, 0)": "5"]),
      kind: .scalar(
        .rowwise("nullif") { operands, rows, type in
          let same = Operators.compared(operands[0], operands[1], .equal, rows: rows)
          let equal = Operand.column(same).bools()
          let which = (0..<rows).map { row -> UInt8 in
            if let equal, equal.isValid(row), equal[row] { return .max }
            return 0
          }
          return Operators.choose(which, from: [operands[0]], rows: rows, type: type)
        }), returns: sameType),
  ]

  /// Functions that make one type from another; what cannot be read becomes null.
  static let conversion: [FunctionSpec] = [
    converting(
      "int", .int, "As a whole number; decimals are cut off.", search: ["integer", "to_int"],
      ["int(\"42\")": "42", "int(-1.9)": "-1"]),
    converting(
      "number", .number, "As a number without unit; a duration in days, or in months.",
      search: ["float", "double", "to_number"],
      ["number(\"1.5\")": "1.5", "number(\"n/a\")": "", "number(36h)": "1.5"]),
    converting(
      "text", .text, "As text, the way data files show it.", search: ["string", "to_text", "str"],
      ["text(1.50)": "1.5"]),
    FunctionSpec(
      "date", category: "conversion",
      "A date from its parts, from text (YYYY-MM-DD), a datetime or a period; null when there is no such day.",
      [
        P("x", .any, "the year, or what becomes a date"), P("month", .exact(.int), default: .null, "1 to 12"),
        P("day", .exact(.int), default: .null, "1 to 31"),
      ],
      returnsDoc: "date", searchWords: ["make_date", "to_date", "cast"],
      examples: examples(["date(2026, 2, 28)": "2026-02-28", "date(\"2026-02-30\")": ""]),
      kind: .scalar(
        .rowwise("date") { operands, rows, _ in
          let hasParts = operands[0].type.isNumeric
          guard hasParts else { return try operands[0].column(rows: rows).converted(to: .date) }
          let values = (0..<rows).map { row -> Value in
            let parts = operands.map { $0.value(row) }
            guard parts.count == 3, parts.allSatisfy({ !$0.isNull }) else { return .null }
            return CivilDate(year: parts[0].integer, month: parts[1].integer, day: parts[2].integer).map {
              .date($0)
            } ?? .null
          }
          return Column(.date, values: values)
        }), returns: { _ in .date }),
    converting(
      "datetime", .datetime,
      "As a moment: text (ISO 8601, UTC where no offset is given) or the midnight of a date.",
      search: ["timestamp"], ["datetime(\"2026-03-15T10:30\")": "2026-03-15 10:30:00"]),
    converting(
      "percent", .percent, "As a share: 0.25 and \"25%\" become 25%.", search: ["share", "ratio"],
      ["percent(0.25)": "25%", "percent(\"12.5%\")": "12.5%"]),
    tagged(
      "money", "ISO code; the company's currency when left out", "As an amount of money.",
      search: ["currency", "amount"], ["money(12.5, \"EUR\")": "12.5EUR"]
    ) { .money($0) },
    tagged(
      "quantity", "unit of measure; the product's own when left out", "As a quantity.",
      search: ["unit", "uom"], ["quantity(3, \"kg\")": "3 kg"]
    ) { .quantity($0) },
  ]

  /// Functions of lists.
  static let list: [FunctionSpec] = [
    simple(
      "len", "list", "Number of values in a list, nulls included; of a text its characters.",
      [P("x", .oneOf([.exact(.list(.unknown)), .exact(.text)]), "the list")], .int,
      search: ["size", "count", "length"], ["len([4, 5, 6])": "3"]
    ) {
      if case .list(let items) = $0[0] { return .int(Int64(items.count)) }
      return .int(Int64($0[0].string.count))
    },
    FunctionSpec(
      "range", category: "list", "The whole numbers from one to another, both included.",
      [
        P("from", .exact(.int), "the first"), P("to", .exact(.int), "the last at most"),
        P("step", .exact(.int), default: .int(1), "from one to the next; negative: downwards"),
      ],
      returnsDoc: "list<int>", searchWords: ["sequence", "series", "generate_series"],
      examples: examples(["range(1, 7, 2)": "[1, 3, 5, 7]"]),
      kind: .scalar(
        .values("range") {
          let (from, to, step) = ($0[0].integer, $0[1].integer, $0.count > 2 ? $0[2].integer : 1)
          guard step != 0 else { throw KernelError("a range needs a step other than 0") }
          let span = to.subtractingReportingOverflow(from)
          guard !span.overflow, span.partialValue / step < 1_000_000 else {
            throw KernelError("the range has more than a million numbers")
          }
          return .list(stride(from: from, through: to, by: step).map { .int(Int64($0)) })
        }), returns: { _ in .list(.int) }),
  ]
}
