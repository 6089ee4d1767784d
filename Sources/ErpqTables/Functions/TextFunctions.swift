import ErpqBase

/// The longest text a function makes, in characters: `repeat` and padding stop there with an error.
private let longestText = 1_000_000

private let whole = TypePattern.exact(.int)
private let anyText = TypePattern.exact(.text)
private let x = P("x", .exact(.text), "the text")

private func textual(
  _ name: String, _ summary: String, _ parameters: [P] = [x], variadic: Bool = false,
  _ type: ValueType = .text,
  search: [String] = [], _ pairs: KeyValuePairs<String, String>,
  _ f: @escaping @Sendable ([Value]) throws -> Value
) -> FunctionSpec {
  simple(name, "text", summary, parameters, variadic: variadic, type, search: search, pairs, f)
}

/// Characters `from`… (from 1; negative counts from the end), `count` of them.
private func substring(_ s: String, from: Int, count: Int) -> String {
  let characters = Array(s)
  let start = from > 0 ? from - 1 : from < 0 ? characters.count + Swift.max(from, -characters.count - 1) : -1
  let end = start.addingReportingOverflow(Swift.max(0, count))
  let low = Swift.max(0, Swift.min(start, characters.count))
  let high = end.overflow ? characters.count : Swift.max(low, Swift.min(end.partialValue, characters.count))
  return String(characters[low..<high])
}

/// A Latin letter without its marks, by its name in the Unicode Standard ("LATIN SMALL LETTER U WITH
/// DIAERESIS").
private func asciiForm(_ scalar: Unicode.Scalar) -> String? {
  if scalar.isASCII {
    return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) ? String(scalar) : nil
  }
  let words = (scalar.properties.name ?? "").split(separator: " ")
  guard words.count >= 4, words[0] == "LATIN", words[1] == "SMALL" else { return nil }
  if words.count == 4 || words[4] == "WITH" { return words[3].lowercased() }
  switch words[3...].joined(separator: " ") {
  case "SHARP S": return "ss"
  case "DOTLESS I": return "i"
  default: return nil
  }
}

private func padded(_ arguments: [Value], left: Bool) throws -> Value {
  let (s, width, fill) = (arguments[0].string, arguments[1].integer, Array(arguments[2].string))
  let missing = width - s.count
  guard missing > 0, !fill.isEmpty else { return .text(s) }
  guard width <= longestText else {
    throw KernelError("a text of \(width) characters is too long to be padded")
  }
  let padding = String((0..<missing).map { fill[$0 % fill.count] })
  return .text(left ? padding + s : s + padding)
}

extension Functions {
  /// Functions of texts. Characters are what a reader sees as one; places count from 1.
  static let text: [FunctionSpec] = textBasics + textParts

  private static let textBasics: [FunctionSpec] = [
    textual(
      "upper", "The text in capitals.", search: ["uppercase", "ucase", "capitals"],
      ["upper(\"Straße\")": "STRASSE"]
    ) {
      .text($0[0].string.uppercased())
    },
    textual("lower", "The text in small letters.", search: ["lowercase", "lcase"], ["lower(\"ÀB\")": "àb"]) {
      .text($0[0].string.lowercased())
    },
    textual(
      "capitalize", "Each word with a capital first letter, the rest small.",
      search: ["title", "initcap", "proper"],
      ["capitalize(\"corner DESK\")": "Corner Desk"]
    ) {
      var start = true
      var out = ""
      for c in $0[0].string {
        out += start ? c.uppercased() : c.lowercased()
        start = !(c.isLetter || c.isNumber || c == "'")
      }
      return .text(out)
    },
    textual("trim", "Without white space at both ends.", search: ["strip"], ["trim(\"  a b \")": "a b"]) {
      .text($0[0].string.trimmingBlanks())
    },
    textual(
      "ltrim", "Without white space at the beginning.", search: ["trim left", "lstrip"],
      ["ltrim(\"  a \") + \"|\"": "a |"]
    ) {
      .text(String($0[0].string.drop { $0.isWhitespace }))
    },
    textual(
      "rtrim", "Without white space at the end.", search: ["trim right", "rstrip"],
      ["rtrim(\" a  \") + \"|\"": " a|"]
    ) {
      var s = $0[0].string[...]
      while let last = s.last, last.isWhitespace { s.removeLast() }
      return .text(String(s))
    },
    textual(
      "length", "Number of characters.", [x], .int, search: ["len", "count characters", "size"],
      ["length(\"Größe\")": "5"]
    ) {
      .int(Int64($0[0].string.count))
    },
    textual(
      "reverse", "The characters in opposite order.", search: ["backwards"], ["reverse(\"abc\")": "cba"]
    ) { .text(String($0[0].string.reversed())) },
    textual(
      "repeat", "The text so many times.", [x, P("n", whole, "how often; 0 and less give an empty text")],
      search: ["replicate", "times"], ["repeat(\"ab\", 3)": "ababab"]
    ) {
      let n = Swift.max(0, $0[1].integer)
      let length = n.multipliedReportingOverflow(by: $0[0].string.utf8.count)
      guard !length.overflow, length.partialValue <= longestText else {
        throw KernelError("repeated \(n) times the text is too long")
      }
      return .text(String(repeating: $0[0].string, count: n))
    },
    simple(
      "concat", "text", "The values one after the other, as text; nulls are left out.",
      [P("values", .any, "what is put together")], variadic: true, .text, search: ["join", "append", "||"],
      ["concat(\"A\", 1, \"-\", null)": "A1-"], nullsAllowed: true
    ) { .text($0.map(\.description).joined()) },
    textual(
      "slug", "Small ASCII letters, digits and hyphens, for file names and keys.",
      search: ["slugify", "url", "key"],
      ["slug(\"Büro & Möbel\")": "buro-mobel"]
    ) {
      var out = ""
      for scalar in $0[0].string.lowercased().unicodeScalars {
        if let plain = asciiForm(scalar) {
          out += plain
        } else if !out.isEmpty, !out.hasSuffix("-"), !scalar.properties.isDiacritic {
          out += "-"
        }
      }
      return .text(out.hasSuffix("-") ? String(out.dropLast()) : out)
    },
  ]

  private static let textParts: [FunctionSpec] = [
    textual(
      "substring", "Part of the text.",
      [
        x, P("from", whole, "first character, from 1; negative from the end"),
        P("count", whole, default: .int(.max), "how many; all that follow when left out"),
      ],
      search: ["substr", "mid", "slice"],
      ["substring(\"abcdef\", 2, 3)": "bcd", "substring(\"abcdef\", -2)": "ef"]
    ) { .text(substring($0[0].string, from: $0[1].integer, count: $0[2].integer)) },
    textual(
      "left", "The first characters.", [x, P("n", whole, "how many; negative: all but so many at the end")],
      search: ["prefix", "head"], ["left(\"FURN_001\", 4)": "FURN"]
    ) {
      let (s, n) = ($0[0].string, $0[1].integer)
      return .text(String(n >= 0 ? s.prefix(n) : s.dropLast(n == .min ? .max : -n)))
    },
    textual(
      "right", "The last characters.",
      [x, P("n", whole, "how many; negative: all but so many at the beginning")],
      search: ["suffix", "tail"], ["right(\"FURN_001\", 3)": "001"]
    ) {
      let (s, n) = ($0[0].string, $0[1].integer)
      return .text(String(n >= 0 ? s.suffix(n) : s.dropFirst(n == .min ? .max : -n)))
    },
    textual(
      "replace", "Every occurrence of one text replaced by another.",
      [x, P("old", anyText, "what is looked for, as it is"), P("new", anyText, "what takes its place")],
      search: ["substitute", "gsub"], ["replace(\"1.234,5\", \".\", \"\")": "1234,5"]
    ) { $0[1].string.isEmpty ? $0[0] : .text($0[0].string.replacing($0[1].string, with: $0[2].string)) },
    textual(
      "starts_with", "Whether the text begins so (case matters).",
      [x, P("prefix", anyText, "the beginning")], .bool,
      search: ["begins", "prefix"], ["starts_with(\"S00012\", \"S\")": "true"]
    ) { .bool($0[0].string.utf8.starts(with: $0[1].string.utf8)) },
    textual(
      "ends_with", "Whether the text ends so (case matters).", [x, P("suffix", anyText, "the end")], .bool,
      search: ["suffix"], ["ends_with(\"po.csv\", \".csv\")": "true"]
    ) { .bool($0[0].string.utf8.reversed().starts(with: $0[1].string.utf8.reversed())) },
    textual(
      "pad_left", "Filled up at the beginning to a width.",
      [x, P("width", whole, "characters"), P("with", anyText, default: .text(" "), "what fills it up")],
      search: ["lpad", "zero fill", "padleft"], ["pad_left(\"42\", 5, \"0\")": "00042"]
    ) { try padded($0, left: true) },
    textual(
      "pad_right", "Filled up at the end to a width.",
      [x, P("width", whole, "characters"), P("with", anyText, default: .text(" "), "what fills it up")],
      search: ["rpad", "padright"], ["pad_right(\"ab\", 4, \".\")": "ab.."]
    ) { try padded($0, left: false) },
    FunctionSpec(
      "split", category: "text", "The parts of the text between separators, as a list.",
      [x, P("separator", anyText, "what stands between the parts")], returnsDoc: "list<text>",
      searchWords: ["explode", "string_split"], examples: examples(["split(\"a/b/c\", \"/\")": "[a, b, c]"]),
      kind: .scalar(
        .values("split") { arguments in
          let (s, separator) = (arguments[0].string, arguments[1].string)
          return .list(
            separator.isEmpty
              ? s.map { .text(String($0)) }
              : s.split(separator: separator, omittingEmptySubsequences: false).map { .text(String($0)) })
        }), returns: { _ in .list(.text) }),
    textual(
      "position", "The place of the first occurrence, from 1; 0 when there is none (case matters).",
      [x, P("part", anyText, "what is looked for")], .int, search: ["instr", "index of", "find", "strpos"],
      ["position(\"Corner Desk\", \"Desk\")": "8", "position(\"a\", \"b\")": "0"]
    ) {
      guard let range = $0[0].string.firstRange(of: $0[1].string) else { return .int(0) }
      return .int(Int64($0[0].string.distance(from: $0[0].string.startIndex, to: range.lowerBound)) + 1)
    },
    regex(
      "regex_extract",
      "The first part that fits a regular expression, or one group of it; null when none does.",
      [
        x, P("pattern", anyText, "the regular expression"),
        P("group", whole, default: .int(0), "which group; 0 is all that fits"),
      ],
      search: ["regexp_extract", "capture", "match"],
      ["regex_extract(\"PO-2026-17\", '([0-9]{4})-([0-9]+)', 2)": "17"]
    ) { $0.first(in: $1[0].string, group: $1[2].integer).map { .text($0) } ?? .null },
    regex(
      "regex_replace", "Every part that fits a regular expression replaced; $1 … $9 stand for its groups.",
      [x, P("pattern", anyText, "the regular expression"), P("with", anyText, "what takes its place")],
      search: ["regexp_replace", "gsub"], ["regex_replace(\"a1b22\", '[0-9]+', \"#\")": "a#b#"]
    ) { .text($0.replacingAll(in: $1[0].string, with: $1[2].string)) },
  ]
}

/// A function whose second argument is a regular expression, compiled once a run.
private func regex(
  _ name: String, _ summary: String, _ parameters: [P], search: [String],
  _ pairs: KeyValuePairs<String, String>,
  _ f: @escaping @Sendable (TextPattern, [Value]) -> Value
) -> FunctionSpec {
  let kernel = ScalarKernel.values(
    name,
    making: {
      var compiled: [String: TextPattern] = [:]
      return { arguments in
        let source = arguments[1].string
        let pattern = try compiled[source] ?? TextPattern(source)
        compiled[source] = pattern
        return f(pattern, arguments)
      }
    })
  return FunctionSpec(
    name, category: "text", summary, parameters, returnsDoc: "text", searchWords: search,
    examples: examples(pairs),
    kind: .scalar(kernel), returns: { _ in .text })
}
