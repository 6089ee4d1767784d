/// The catalogue behind `explain E0203`: for each code what it means, an example, and what to do.
public enum Explanations {
  /// The page of a code; a code that does not exist says so.
  public static func page(_ code: String) -> String {
    guard let known = DiagnosticCode(rawValue: code) else { return "There is no error code \(code).\n" }
    let entry = entries[known] ?? Entry("", "", "")
    var out = "\(known.rawValue): \(entry.title)\n\n  \(entry.text)\n"
    if !entry.example.isEmpty {
      out += "\n  \(entry.example.split(separator: "\n").joined(separator: "\n  "))\n"
    }
    return out
  }

  struct Entry: Sendable {
    var title: String
    var text: String
    var example: String

    init(_ title: String, _ text: String, _ example: String) {
      self.title = title
      self.text = text
      self.example = example
    }
  }

  static let entries: [DiagnosticCode: Entry] = [
    .unexpectedCharacter: Entry(
      "a character that is not part of the language",
      "Curly quotes and long dashes come from pages and word processors; type the plain ones. Other characters belong into quotes.",
      "wrong:  sales where name = “desk”\nright:  sales where name = \"desk\""),
    .unclosedQuote: Entry(
      "a quote that is never closed",
      "A text ends on the line where it begins. A line break inside a text is written \\n.",
      "wrong:  products where name = \"desk\nright:  products where name = \"desk\""),
    .badNumber: Entry(
      "a number that cannot be read",
      "A number may carry % (a share), a duration unit (ms s min h d w mo q y) or a currency in capital letters, without a space. Whole numbers go up to 9,223,372,036,854,775,807.",
      "right:  95%   30d   1500EUR   1_000   1e6"),
    .badDate: Entry(
      "a date or period that does not exist",
      "Dates are YYYY-MM-DD with two digits for month and day, from 1900 to 2199. Periods are 2026-03, 2026-Q1, 2026-W05. To subtract numbers put spaces around `-`.",
      "wrong:  2026-1-5      right:  2026-01-05"),
    .badDuration: Entry(
      "a duration that is not clear", "`m` alone could be months (mo) or minutes (min).", "right:  3mo   5min"
    ),
    .badEscape: Entry(
      "an escape that does not exist in a text",
      "In \"…\" the escapes are \\\" \\\\ \\n \\t \\r \\{ \\} and \\u{1F600}; {name} is a hole that a value fills. In '…' everything stands as it is.",
      "right:  '\\d{3}'   \"total: {amount}\""),
    .unclosedBracket: Entry(
      "a bracket without its partner",
      "A line that begins in column 0 inside an open bracket ends the statement, so a forgotten bracket is found where it was opened.",
      ""),
    .expected: Entry(
      "something is missing, or stands in the wrong place",
      "The message names what was expected; `help` on the command or stage shows how it is written.", ""),
    .tooDeep: Entry("brackets nested too deep", "Give inner parts a name with `let` or `def`.", ""),
    .foreignSyntax: Entry(
      "the way another language writes it", "The fix shows how it is written here.",
      "<> is !=     x % 3 is x mod 3     in (1, 2) is in [1, 2]     -- is #"),
    .notUTF8: Entry("bytes that are not UTF-8", "Save the file as UTF-8.", ""),
    .edition: Entry(
      "an edition of the language that this erpq does not know",
      "`erpq 1` on the first line names the edition a script was written for.", ""),
    .chainedComparison: Entry(
      "a chain of comparisons", "Two comparisons are joined with `and`.",
      "wrong:  0 < qty < 10\nright:  qty between 1 and 9"),
    .lastResultInScript: Entry(
      "the last result, outside of a prompt",
      "`$_` and a leading `|` go on from the last result and exist only at the prompt. In a script give the result a name.",
      "let march = sales daily in 2026-03\n$march | plot"),
    .unknownCommand: Entry(
      "a command that does not exist",
      "A statement begins with a source: a command, a relation, a variable ($name) or a value. `help commands` lists them.",
      ""),
    .unknownStage: Entry(
      "a stage that does not exist",
      "`help stages` lists what can follow `|`; `def name() { | … }` defines your own.", ""),
    .unknownColumn: Entry(
      "a column that the rows do not have",
      "The rows at this place of the pipeline have other columns: `select` and `summarize` replace them. `describe` after the stage before shows them. A text stands in quotes, a variable has a `$`.",
      "wrong:  segment | where abc = A\nright:  segment | where abc = \"A\""),
    .unknownFunction: Entry(
      "a function that does not exist", "`help functions` lists them; `def f(x) = …` defines your own.", ""),
    .unknownVariable: Entry(
      "a variable that is not set",
      "`let name = …` sets one, `param name: type` declares one that is given from outside. A column is written without `$`.",
      ""),
    .unknownName: Entry(
      "a name that does not exist", "The message says what kind of name was looked for.", ""),
    .duplicateName: Entry("two things of one name", "Give one of them another name.", ""),
    .importCycle: Entry("files that import each other", "Move what both need into a third file.", ""),
    .recursiveDefinition: Entry(
      "a definition that uses itself",
      "Definitions are put in place before anything runs, so they cannot be recursive.", ""),
    .notBuiltYet: Entry(
      "a part of the language that this version cannot run",
      "The statement is understood, and formatted and completed, but there is nothing behind it yet.", ""),
    .typeClash: Entry(
      "values of different kinds",
      "Numbers compare with numbers, texts with texts, dates with dates. A day lies `in` a period. `null` is asked for with `is null`.",
      "wrong:  sku = 101\nright:  sku = \"101\""),
    .unitClash: Entry(
      "units that do not mix",
      "EUR and USD do not add up, and days do not compare with calendar months. Convert first.", ""),
    .wrongArgumentType: Entry(
      "a value of the wrong kind", "`help` on the command or function says what each parameter takes.", ""),
    .notATable: Entry(
      "a value where a table is needed", "Stages work on rows. A list is a table with one column `value`.",
      "[1, 2, 3] | where value > 1"),
    .notAValue: Entry(
      "a table where a value is needed",
      "Tables stand at the start of a query, after `join` and after `union`.", ""),
    .aggregateHere: Entry(
      "an aggregate or window in a place for single rows",
      "`sum(x)` makes one value of many rows and belongs into `summarize` (or `assert`). Beside every row write `sum(x) over all`, `avg(x) over 7 by product`.",
      "wrong:  sales | where amount > avg(amount)\nright:  sales | extend mean = avg(amount) over all | where amount > mean"
    ),
    .notConstant: Entry(
      "a value that differs from row to row",
      "Arguments of commands, numbers of rows and the like are known before rows are read.", ""),
    .percentShare: Entry(
      "a bare number where a percentage is meant",
      "A bare number between 0 and 1 is a share: 0.95 is 95%. Above 1 it must be written with `%`.",
      "wrong:  wape < 40\nright:  wape < 40%"),
    .unknownParameter: Entry(
      "a parameter that the command does not have",
      "`help` on the command lists its parameters. A text given as a value stands in quotes.", ""),
    .missingArgument: Entry(
      "a value that is missing", "A parameter's value follows its name after a space.",
      "forecast product 101 horizon 30"),
    .duplicateArgument: Entry(
      "a parameter given twice", "Several values are a list: `product [101, 102]`.", ""),
    .parameterEquals: Entry(
      "an `=` between a parameter and its value", "A space is enough.",
      "wrong:  segment days = 60\nright:  segment days 60"),
    .badWord: Entry("a word that the parameter does not know", "The message lists the words it takes.", ""),
    .outOfRange: Entry("a value outside of what is possible", "The message names the limits.", ""),
    .tooManyArguments: Entry("a value that no parameter takes", "Say which parameter it is for.", ""),
    .ambiguousRecord: Entry("a name that several records have", "Use the id of the one that is meant.", ""),
    .unknownRecord: Entry(
      "a record that does not exist", "`product 101` means the id, then the code, then the name.", ""),
    .missingParameterValue: Entry(
      "a `param` without a value",
      "Give it with --set name=value or --params file.json, or give it a default in the script.",
      "param days: duration = 60d"),
    .file: Entry("a file that cannot be opened or written", "The message says which and why.", ""),
    .badFile: Entry("a file that is not what it should be", "The message says where it goes wrong.", ""),
    .warehouse: Entry(
      "a company file that cannot be used", "The message says why. `erpq import csv` makes a new one.", ""),
    .outsideFiles: Entry(
      "a write outside of the allowed folder",
      "A run writes only below its folder (the current one, or --files DIR), so that a script cannot touch anything else.",
      ""),
    .connection: Entry(
      "the server cannot be reached, or refuses the sign-in",
      "The message says which of address, database, login, password, key or second factor it was. `erpq health` looks at all of them; what was read before can be worked with while the server is away.",
      ""),
    .server: Entry(
      "the server refuses a request",
      "The user may lack the right, or the model or field does not exist on this server.",
      ""),
    .noCompany: Entry("no company is open", "`--demo` opens the demo company, `-w FILE` a company file.", ""),
    .arithmetic: Entry(
      "a computation that has no result",
      "Whole numbers that overflow, a regular expression that cannot be read, and the like. A division by zero is null, not an error.",
      ""),
    .interrupted: Entry(
      "the run was interrupted", "Nothing was written by the statement that was stopped.", ""),
    .runtime: Entry("something went wrong while running", "The message says what.", ""),
    .readOnly: Entry("a write in a read-only run", "Leave out --read-only to allow it.", ""),
    .assertionFailed: Entry(
      "an assertion that does not hold",
      "The run ends with exit code 1 and shows the first rows that break it.", ""),
    .rejectedRows: Entry(
      "rows of a file that could not be read",
      "They are left out, counted, and written to a .rejects.csv file with line and reason.", ""),
    .emptyAssertion: Entry(
      "an assertion that saw no rows",
      "It passes, but says nothing. Assert `count() > 0` as well if there should be rows.", ""),
    .dataNote: Entry("a remark on the data", "Nothing is wrong with the statement.", ""),
  ]
}
