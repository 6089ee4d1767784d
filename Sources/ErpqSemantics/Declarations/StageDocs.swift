/// The stages of the grammar, declared for help, completion, docs and example tests.
public struct StageDoc: Sendable {
  /// The word after `|`.
  public var name: String
  /// How it is written.
  public var usage: String
  /// One sentence.
  public var summary: String
  /// More.
  public var help: String
  /// Other words a search should find it by.
  public var searchWords: [String]
  /// Statements that show it; run by the tests.
  public var examples: [Example]
}

/// The stages, in the order of the reference.
public enum StageDocs {
  private static func doc(
    _ name: String, _ usage: String, _ summary: String, _ help: String = "", words: [String] = [],
    _ examples: [String]
  ) -> StageDoc {
    StageDoc(
      name: name, usage: usage, summary: summary, help: help, searchWords: words,
      examples: examples.map { Example($0, "") })
  }

  private static let list = "[3, 1, 2]"

  /// All stages that run.
  public static let all: [StageDoc] = [
    doc(
      "where", "where condition", "Keeps the rows for which the condition holds; null does not hold.",
      words: ["filter"],
      ["\(list) | where value > 1"]),
    doc(
      "select", "select item, …", "Keeps and computes columns, in this order.",
      words: ["project", "columns"],
      ["\(list) | select double = value * 2"]),
    doc(
      "extend", "extend name = expression, …", "Adds or replaces columns; each sees the ones before it.",
      words: ["derive", "mutate", "compute"],
      ["\(list) | extend double = value * 2, more = double + 1"]),
    doc("rename", "rename new = old, …", "Gives columns other names.", "", ["\(list) | rename n = value"]),
    doc(
      "drop", "drop column, …", "Leaves columns out.", words: ["remove"], ["\(list) | extend a = 1 | drop a"]),
    doc(
      "distinct", "distinct [column, …]", "Keeps the first of equal rows, or of rows equal in some columns.",
      words: ["unique", "duplicates"],
      ["[1, 1, 2] | distinct"]),
    doc(
      "fill", "fill column, … [with value]", "Puts a value, or the one above, in the place of nulls.",
      words: ["null", "missing"],
      ["[1, null, 3] | fill value with 0", "[1, null, 3] | fill value"]),
    doc(
      "sort", "sort key [asc | desc] [nulls first | last], …",
      "Orders the rows; equal rows keep their order, nulls come last.", words: ["order"],
      ["\(list) | sort value desc"]),
    doc("limit", "limit n", "Keeps the first n rows.", words: ["head", "take"], ["\(list) | limit 2"]),
    doc(
      "sample", "sample n [seed s]", "Keeps n rows drawn at random, the same ones every time.",
      words: ["random"],
      ["1..100 | sample 3 seed 7"]),
    doc(
      "top", "top n by expression [asc]", "Keeps the n rows with the largest (asc: smallest) value.",
      words: ["largest", "best"],
      ["\(list) | top 2 by value"]),
    doc(
      "dense", "dense day [by column, …]",
      "Adds the days (or periods) that are missing between the first and the last, with zeros.",
      words: ["gaps", "zero fill", "calendar"],
      ["[2026-01-01, 2026-01-03] | extend qty = 1 | dense value"]),
    doc(
      "summarize", "summarize item, … [by item, …]", "Makes one row of each group, or of all rows.",
      words: ["group", "aggregate", "sum", "by"],
      [
        "\(list) | summarize n = count(), total = sum(value)",
        "\(list) | summarize n = count() by odd = value mod 2 = 1",
      ]),
    doc(
      "pivot", "pivot rows by columns value aggregate", "A cross table: one column a value of `columns`.",
      words: ["crosstab", "matrix"],
      ["\(list) | extend odd = value mod 2 | pivot value by odd value count()"]),
    doc(
      "join", "join [inner | left | right | full | semi | anti] table [on key, …]",
      "Puts the columns of matching rows of another table beside these.",
      "Without `on`, the declared key is used. Columns of the same name get `_right`. `left.x = right.y` joins different names.",
      words: ["merge", "lookup", "combine"],
      ["\(list) | extend name = \"n{value}\" | join left ([1, 2] | extend twice = value * 2) on value"]),
    doc(
      "union", "union table", "Puts the rows of another table below, columns matched by name.",
      words: ["append", "concat"],
      ["\(list) | union ([9, 8])"]),
    doc(
      "whatif", "whatif parameter in values [step s], …",
      "Runs the pipeline before it for each value of a parameter and puts the rows below each other.",
      "Values are a list or a range; several names form the grid. Every point sees the same data and the same random "
        + "numbers. A column of the parameter's name comes first. `$name` varies a variable.",
      words: ["sweep", "sensitivity", "trade-off", "tune"],
      [
        "replenish policy csl | whatif service_level in 90%..98% step 4% | summarize cost = sum(cost), stock = sum(stock_value) by service_level",
        "replenish product 101 | whatif safety_days in [0, 3, 7] | select safety_days, rop, implied_csl",
      ]),
    doc(
      "scenarios", "scenarios name, …",
      "Runs the pipeline before it under each scenario; `base` is the company as it is.",
      "A scenario changes facts (demand, lead_time, price, cost, supply) before anything is computed from them, or "
        + "parameters of the command. A column `scenario` comes first.",
      words: ["what if", "assumptions", "stress test"],
      [
        "scenario slow { lead_time = +5d }; replenish | scenarios base, slow | summarize orders = sum(order_qty) by scenario"
      ]),
    doc(
      "diff", "diff column",
      "Holds each group of rows against the first one: numbers become changes, texts `before → after`.",
      "Groups are told apart by the column, rows within them by their keys (product, customer, day …).",
      words: ["compare", "difference", "delta"],
      [
        "scenario slow { lead_time = +5d }; replenish product 101 | scenarios base, slow | diff scenario | select scenario, product, rop, order_qty",
        "replenish product 101 | whatif safety_days in [3, 7] | diff safety_days | select safety_days, product, rop",
      ]),
    doc(
      "why", "why [condition]",
      "Tells how the first rows, or those that match, came about: the formula with their numbers.",
      words: ["explain", "formula", "reason"], ["replenish product 101 | why"]),
    doc(
      "accuracy", "accuracy [by column, …]",
      "Judges forecasts: compares the column `mean` with `actual`, a row a group.",
      "`forecast … holdout 60d` gives both; without `holdout` a forecast is made again at the four last horizons, one after the other. WAPE is the sum of errors over what came, MASE and RMSSE compare with the day-to-day change before, `bias` is positive when forecasts were too high, `wql` judges level and spread together, the coverages say how much came between the bounds, `value_added` compares with the naive forecast. Groups may be `product`, `class` or `step`, the days ahead.",
      words: ["backtest", "wape", "mase", "mape", "error", "bias", "coverage"],
      ["forecast product 101 horizon 14 holdout 28d | accuracy | select wape, mase, bias"]),
    doc(
      "sparkline", "sparkline column, …", "Folds the rows of each series into one with a small drawing.",
      words: ["trend"],
      ["sales weekly days 91 by category | sparkline amount | select category, amount"]),
    doc(
      "bars", "bars column, …", "Draws a bar beside each number of the columns.",
      "A minus goes to the left. Files for programs have the numbers only.", words: ["data bars", "chart"],
      ["\(list) | bars value"]),
    doc(
      "totals", "totals [column, …]", "Shows sums below the rows.",
      "Without columns, those that add up are summed: amounts and quantities, not percents, prices, means or ids. Totals are no row: nothing counts them twice, and csv files get them with `export … totals` only.",
      words: ["sum", "total", "footer"],
      ["\(list) | extend twice = value * 2 | totals twice"]),
    doc(
      "plot",
      "plot [chart] [measure, …] [vs x] [by series] [panels [free]] [mark value, …] [to file] [title text] [width n] [height n]",
      "Draws the rows in the terminal, or into an .svg or .html file.",
      "Charts are line bar scatter hist heatmap area box; what is not named is chosen from the types. `panels` draws each series for itself under the same axes (`free`: its own), `mark` a line to compare with.",
      words: ["chart", "graph", "picture", "small multiples", "reference line"],
      [
        "sales weekly days 91 | plot amount", "\(list) | plot bar value",
        "sales weekly days 91 by category | plot amount by category panels mark 20000",
      ]),
    doc(
      "export", "export [csv | json | jsonl | md | html | xlsx] file [delimiter d] [decimal d] [bom]",
      "Writes the rows to a file and passes them on.",
      "A file is written whole or not at all, and never cut.", words: ["save", "write", "csv", "excel"],
      ["\(list) | export csv \"numbers.csv\" delimiter \";\""]),
    doc(
      "tee", "tee file", "Writes the rows to a file in the middle of a pipeline.", words: ["write"],
      ["\(list) | tee \"numbers.json\" | limit 1"]),
    doc(
      "save", "save as name", "Keeps the rows as the table $name for this session.", "",
      ["\(list) | save as numbers"]),
    doc(
      "assert", "assert [all | any | none] condition [, message]",
      "Fails the run (exit code 1) when the condition does not hold.",
      "A condition with an aggregate is judged once, on all rows. Null fails. No rows pass with a warning.",
      words: ["check", "test", "ci", "expect"],
      ["\(list) | assert value > 0", "\(list) | assert count() = 3, \"three are expected\""]),
    doc(
      "describe", "describe", "A line a column: type, nulls, distinct values, extremes, mean.",
      words: ["schema", "statistics", "profile"],
      ["\(list) | describe"]),
  ]

  /// The page of a stage.
  public static func page(_ stage: StageDoc) -> String {
    "| \(stage.name): \(stage.summary)\n\n  | \(stage.usage)\n"
      + (stage.help.isEmpty ? "" : "\n  \(stage.help)\n")
      + "\nExamples\n" + stage.examples.map { "  \($0.code)\n" }.joined()
  }
}
