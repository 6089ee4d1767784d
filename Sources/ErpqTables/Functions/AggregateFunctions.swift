import ErpqBase

private let numericOrDuration = TypePattern.oneOf([.numeric, .exact(.duration(nil))])

private func aggregating(
  _ kind: AggregateKind, _ name: String, _ summary: String, _ parameters: [P], _ returnsDoc: String,
  search: [String] = [], _ pairs: KeyValuePairs<String, String>
) -> FunctionSpec {
  FunctionSpec(
    name, category: "aggregate", summary, parameters, returnsDoc: returnsDoc, searchWords: search,
    examples: examples(pairs), kind: .aggregate(kind), returns: { kind.resultType(of: $0.first) })
}

private func windowed(
  _ name: String, _ summary: String, _ parameters: [P], _ returnsDoc: String, search: [String] = [],
  _ pairs: KeyValuePairs<String, String>, returns: @escaping @Sendable ([ValueType]) -> ValueType,
  _ make: @escaping @Sendable ([Value]) -> WindowKind
) -> FunctionSpec {
  FunctionSpec(
    name, category: "window", summary, parameters, returnsDoc: returnsDoc, searchWords: search,
    examples: examples(pairs), kind: .window(make), returns: returns)
}

private let steps = P("n", .exact(.int), default: .int(1), constant: true, "how many rows")

/// The number of rows an argument asks for, or one.
private func count(_ values: [Value]) -> Int { values.first.map { $0.isNull ? 1 : $0.integer } ?? 1 }

private func flag(_ values: [Value]) -> Bool { if case .bool(true)? = values.first { true } else { false } }

extension Functions {
  /// Aggregates. Nulls are left out; of no values a count is 0 and everything else null.
  static let aggregate: [FunctionSpec] = [
    aggregating(
      .sum, "sum", "The sum of the values.",
      [P("x", .oneOf([numericOrDuration, .exact(.bool)]), "what is added up; a bool counts as 0 or 1")],
      "as x", search: ["total", "add"], ["[3, 1, 2] | summarize sum(value)": "6"]),
    aggregating(
      .avg, "avg", "The mean of the values.",
      [
        P(
          "x", .oneOf([numericOrDuration, .exact(.bool)]),
          "what is averaged; of a bool the share that is true")
      ], "as x, int gives number", search: ["mean", "average"], ["[3, 1, 2] | summarize avg(value)": "2"]),
    aggregating(
      .median, "median", "The middle value; the mean of the middle two when their number is even.",
      [P("x", numericOrDuration, "the values")], "as x, int gives number", search: ["p50", "middle"],
      ["[4, 1, 2, 3] | summarize median(value)": "2.5"]),
    aggregating(
      .min, "min", "The least value.", [P("x", .ordered, "the values")], "as x",
      search: ["minimum", "smallest", "earliest"], ["[3, 1, 2] | summarize min(value)": "1"]),
    aggregating(
      .max, "max", "The greatest value.", [P("x", .ordered, "the values")], "as x",
      search: ["maximum", "largest", "latest"], ["[3, 1, 2] | summarize max(value)": "3"]),
    aggregating(
      .count, "count", "The number of rows, or of values that are not null.",
      [P("x", .any, default: .null, "what must not be null; every row when left out")], "int",
      search: ["number of rows", "how many"],
      ["[3, null, 2] | summarize count(value)": "2", "[3, null, 2] | summarize count()": "3"]),
    aggregating(
      .countDistinct, "count_distinct", "The number of different values.", [P("x", .any, "the values")],
      "int", search: ["unique", "nunique", "cardinality"],
      ["[3, 1, 3] | summarize count_distinct(value)": "2"]),
    aggregating(
      .stdev, "stdev", "The standard deviation of a sample (divides by n − 1); null below two values.",
      [P("x", numericOrDuration, "the values")], "as x, int gives number",
      search: ["standard deviation", "std", "stddev", "sigma"], ["[2, 4, 6] | summarize stdev(value)": "2"]),
    aggregating(
      .variance, "variance", "The variance of a sample (divides by n − 1); null below two values.",
      [P("x", numericOrDuration, "the values")], "number", search: ["var", "spread"],
      ["[2, 4, 6] | summarize variance(value)": "4"]),
    aggregating(
      .percentile, "percentile", "The value below which a share of the values lies, interpolated linearly.",
      [
        P("x", numericOrDuration, "the values"),
        P(
          "share", .oneOf([.exact(.percent), .exact(.number), .exact(.int)]), constant: true,
          "from 0% to 100%"),
      ], "as x, int gives number", search: ["quantile", "p95", "percentile_cont"],
      ["[1, 2, 3, 4] | summarize percentile(value, 90%)": "3.7"]),
    aggregating(
      .first, "first", "The first value that is not null, in the order of the rows.",
      [P("x", .any, "the values")], "as x", search: ["any_value"],
      ["[null, 1, 2] | summarize first(value)": "1"]),
    aggregating(
      .last, "last", "The last value that is not null, in the order of the rows.",
      [P("x", .any, "the values")], "as x", search: ["latest"], ["[3, 1, null] | summarize last(value)": "1"]),
  ]

  /// Window functions: they keep every row and look at the rows around it, in the order of the table.
  static let window: [FunctionSpec] = [
    windowed(
      "lag", "The value so many rows earlier; null at the beginning.", [P("x", .any, "the values"), steps],
      "as x", search: ["previous", "shift", "before"], ["[3, 1, 2] | select lag(value)": "[, 3, 1]"],
      returns: sameType
    ) { .shift(count($0)) },
    windowed(
      "lead", "The value so many rows later; null at the end.", [P("x", .any, "the values"), steps], "as x",
      search: ["next", "shift", "after"], ["[3, 1, 2] | select lead(value)": "[1, 2, ]"], returns: sameType
    ) { .shift(count($0) == .min ? .max : -count($0)) },
    windowed(
      "rank", "The place of the value among all, from 1; equal values share the smaller place.",
      [
        P("x", .ordered, "the values"),
        P("desc", .exact(.bool), default: .bool(false), constant: true, "whether the greatest is first"),
      ], "int", search: ["position", "place", "order"],
      [
        "[3, 1, 3] | select rank(value)": "[2, 1, 2]",
        "[3, 1, 3] | select rank(value, desc = true)": "[1, 3, 1]",
      ], returns: { _ in .int }
    ) { .rank(descending: flag($0)) },
    windowed(
      "row_number", "1, 2, 3 … in the order of the table.", [], "int",
      search: ["index", "number", "counter"], ["[7, 7] | select row_number()": "[1, 2]"],
      returns: { _ in .int }
    ) { _ in .rowNumber },
    windowed(
      "cumulative", "The sum of all rows so far.", [P("x", numericOrDuration, "the values")], "as x",
      search: ["running total", "cumsum"], ["[3, 1, 2] | select cumulative(value)": "[3, 4, 6]"],
      returns: { AggregateKind.sum.resultType(of: $0.first) }
    ) { _ in .moving(.sum, nil) },
    windowed(
      "cumulative_max", "The greatest value so far.", [P("x", .ordered, "the values")], "as x",
      search: ["running maximum", "cummax"], ["[3, 1, 4] | select cumulative_max(value)": "[3, 3, 4]"],
      returns: sameType
    ) { _ in .moving(.max, nil) },
    windowed(
      "cumulative_min", "The least value so far.", [P("x", .ordered, "the values")], "as x",
      search: ["running minimum", "cummin"], ["[3, 1, 4] | select cumulative_min(value)": "[3, 1, 1]"],
      returns: sameType
    ) { _ in .moving(.min, nil) },
    windowed(
      "share", "The value as a share of the total of its partition; null when that is 0.",
      [P("x", numericOrDuration, "the values")], "percent",
      search: ["percent of total", "proportion", "ratio_to_report"],
      ["[1, 3] | select share(value)": "[25%, 75%]"], returns: { _ in .percent }
    ) { _ in .share },
    windowed(
      "diff", "The value less the one so many rows earlier.",
      [P("x", numericOrDuration, "the values"), steps], "as x", search: ["difference", "delta", "change"],
      ["[3, 1, 2] | select diff(value)": "[, -2, 1]"], returns: sameType
    ) { .difference(count($0)) },
    windowed(
      "pct_change", "The change against the value so many rows earlier, as a share of it.",
      [P("x", numericOrDuration, "the values"), steps], "percent", search: ["growth", "percent change"],
      ["[4, 5, 2] | select pct_change(value)": "[, 25%, -60%]"], returns: { _ in .percent }
    ) { .relativeChange(count($0)) },
  ]
}
