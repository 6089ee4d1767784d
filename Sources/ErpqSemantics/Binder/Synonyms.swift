/// Words of other languages, and what says the same here.
enum Synonyms {
  /// By the word in lower case, the stage.
  static let stages = [
    "aggregate": "summarize", "count": "summarize", "group": "summarize", "groupby": "summarize",
    "summarise": "summarize",
    "derive": "extend", "mutate": "extend", "with_column": "extend",
    "filter": "where", "having": "where",
    "first": "limit", "head": "limit", "take": "limit",
    "tail": "top",
    "order": "sort", "orderby": "sort",
    "project": "select",
    "remove": "drop",
    "unique": "distinct",
    "fillna": "fill",
    "append": "union", "concat": "union",
    "chart": "plot", "graph": "plot",
    "to": "export", "write": "export",
    "check": "assert", "expect": "assert",
    "databars": "bars", "total": "totals",
  ]

  /// By the word in lower case, the function.
  static let functions = [
    "average": "avg", "mean": "avg",
    "std": "stdev", "stddev": "stdev", "var": "variance",
    "nunique": "count_distinct", "size": "count",
    "total": "sum", "quantile": "percentile", "shift": "lag",
    "ceiling": "ceil", "pow": "power",
    "concat_ws": "concat", "lcase": "lower", "len": "length", "substr": "substring", "ucase": "upper",
    "ifnull": "coalesce",
  ]
}
