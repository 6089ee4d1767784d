import ErpqBase

// How errors about types and units are worded. Types arrive in their spoken form ("a date").
extension Diagnostic {
  /// An operator that does not work on these two.
  public static func operatorClash(
    _ op: String, _ left: String, _ right: String, _ span: SourceSpan, fixes: [Fix] = [], notes: [String] = []
  ) -> Diagnostic {
    let verb =
      [
        "+": "added to", "-": "subtracted from", "*": "multiplied by", "/": "divided by", "mod": "divided by",
      ][op]
    let message =
      switch op {
      case "+": "\(right) cannot be added to \(left)"
      case "-": "\(right) cannot be subtracted from \(left)"
      case "*", "/", "mod": "\(left) cannot be \(verb ?? "combined with") \(right)"
      default: "\(left) cannot be compared with \(right)"
      }
    return Diagnostic(
      .typeClash, message, at: span, label: "\(left) and \(right)", notes: notes, fixes: fixes)
  }

  /// Two units that do not mix.
  public static func unitClash(_ op: String, _ left: String, _ right: String, _ span: SourceSpan)
    -> Diagnostic
  {
    if Set([left, right]) == ["days", "months"] {
      return Diagnostic(
        .unitClash, "days and calendar months do not mix: a month has no fixed number of days", at: span,
        label: "\(left) \(op) \(right)",
        notes: ["write both in days (30d, 4w) or both in months (1mo, 1q, 1y)"])
    }
    return Diagnostic(
      .unitClash, "\(left) and \(right) do not mix", at: span, label: "\(left) \(op) \(right)",
      notes: [
        "convert one of them first; `amount` is in the company's currency, `amount_doc` in the document's"
      ])
  }

  /// Another type was wanted.
  public static func wrongType(
    _ place: String, wanted: String, found: String, _ span: SourceSpan, fixes: [Fix] = []
  ) -> Diagnostic {
    Diagnostic(
      .wrongArgumentType, "\(place) takes \(wanted), and this is \(found)", at: span,
      label: "\(wanted) is expected", fixes: fixes)
  }

  /// A condition that is not true or false.
  public static func notACondition(_ place: String, found: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .typeClash, "\(place) needs something that is true or false, and this is \(found)", at: span,
      label: "compare it with something: `… > 0`, `… = \"A\"`, `… is not null`")
  }

  /// A bare number above 1 where a percentage is meant.
  public static func percentShare(_ written: String, percent: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .percentShare, "this is a percentage, and \(written) would mean \(written)00%", at: span,
      label: "write `\(percent)%`", notes: ["a bare number between 0 and 1 is a share: 0.95 is 95%"],
      fixes: [.replace(span, with: percent + "%")])
  }

  /// An aggregate where single rows are looked at.
  public static func aggregateHere(_ function: String, stage: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .aggregateHere, "`\(function)` makes one value of many rows, and `\(stage)` looks at one row at a time",
      at: span,
      label: "use it in `summarize`",
      notes: ["to put the value beside every row write `\(function)(…) over all`"])
  }

  /// A window where groups are formed.
  public static func windowInSummarize(_ function: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .aggregateHere,
      "`\(function)` looks at rows in their order, and `summarize` has no order inside a group", at: span,
      label: "compute it before, in `extend`", notes: ["`… | extend x = \(function)(…) | summarize …`"])
  }

  /// A column outside of an aggregate in a stage that makes one value of many rows.
  public static func bareColumn(_ name: String, stage: String, _ span: SourceSpan) -> Diagnostic {
    let rows = ["summarize": "in a group", "pivot": "in a cell"][stage] ?? "in all the rows"
    let note =
      switch stage {
      case "summarize": ["or group by it: `… by \(name)`"]
      case "assert": ["beside an aggregate the assertion is judged once, on the whole table"]
      default: [String]()
      }
    return Diagnostic(
      .aggregateHere, "`\(name)` has many values \(rows), and `\(stage)` needs one", at: span,
      label: "which one: `sum(\(name))`, `max(\(name))`, `first(\(name))`?", notes: note)
  }

  /// A value that has to be the same for all rows.
  public static func notConstant(_ place: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .notConstant, "\(place) has to be the same for all rows", at: span,
      label: "a value or a `$variable`, not a column")
  }

  /// `x = null`.
  public static func comparesWithNull(_ span: SourceSpan, negated: Bool, fix: Fix) -> Diagnostic {
    Diagnostic(
      .typeClash, "nothing equals null, not even null: this would never hold", at: span,
      label: negated ? "write `is not null`" : "write `is null`", fixes: [fix])
  }

  /// A number, or a number of days, beyond what a parameter takes.
  public static func outOfBounds(
    _ parameter: String, _ bounds: ClosedRange<Int>, days: Bool, found: String, _ span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .outOfRange,
      "`\(parameter)` goes from \(bounds.lowerBound) to \(bounds.upperBound)" + (days ? " days" : ""),
      at: span,
      label: "this is \(found)")
  }

  /// A part of a day where whole days are counted.
  public static func notWholeDays(_ parameter: String, found: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(.outOfRange, "`\(parameter)` takes whole days", at: span, label: "this is \(found)")
  }

  /// A table where a value was needed.
  public static func notAValue(_ what: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .notAValue, "\(what) is a table, and a single value is needed here", at: span,
      label: "a table stands at the start of a query, after `join` or after `union`")
  }

  /// A value where a table was needed.
  public static func notATable(_ what: String, found: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .notATable, "\(what) is \(found), and stages need a table", at: span,
      label: "a table is needed before `|`")
  }

  /// A call with too few or too many arguments.
  public static func argumentCount(_ usage: String, found: Int, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .wrongArgumentType, "`\(usage)` was given \(found) argument\(found == 1 ? "" : "s")", at: span,
      label: "it is called as `\(usage)`")
  }

  /// A capability of the plan that is not there.
  public static func notBuilt(_ what: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .notBuiltYet, "this version of erpq reads `\(what)` but cannot run it", at: span,
      label: "not in this version")
  }
}
