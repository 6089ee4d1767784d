import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqSemantics
import ErpqTables

/// `read "orders.csv"`: a data file as a source. Its columns are known at check, because the file is read then.
enum ReadCommand {
  static let spec = CommandSpec(
    "read", group: "Files", "Rows of a file: CSV, TSV, JSON or JSON lines, gzipped or not.",
    help: """
      The type of a column follows from all of its values and is stated by `describe`. Rows that do not fit (too few \
      or too many fields, a value that is none of the type asked for) are left out, counted, and written to a \
      `.rejects.csv` file beside the reading with line and reason.
      """,
    searchWords: ["csv", "json", "file", "load", "import", "open", "excel"],
    parameters: [
      ParameterSpec("path", .value(.text), required: true, position: 0, "the file, in quotes"),
      ParameterSpec("delimiter", .value(.text), "what separates the fields; found out if left out"),
      ParameterSpec(
        "decimal", .value(.text),
        "the decimal mark, \".\" or \",\"; the other one may then stand between thousands"),
      ParameterSpec("text", .columns, "columns to keep as text, such as codes"),
      ParameterSpec("nulls", .list(.value(.text)), "words that mean null, besides nothing at all"),
      ParameterSpec("no_header", .flag, "the first line is data; columns are column_1, column_2 …"),
      ParameterSpec(
        "format", .word(["csv", "tsv", "json", "jsonl"]), "the format, where the name does not tell"),
      ParameterSpec("limit", .value(.int), "read at most so many rows"),
      ParameterSpec("dates", .word(["dmy", "mdy", "ymd"]), "the order of day, month and year in dates"),
    ],
    examples: [
      Example(
        "read \"examples/data/orders.csv\" | summarize n = count(), revenue = sum(qty * price) by country | sort revenue desc | limit 3",
        "revenue by country"),
      Example("read \"examples/data/orders.csv\" text order | describe", "what a file holds"),
    ]
  ) { arguments, host throws(Diagnostic) in
    guard let path = arguments.constant("path") else { return .unknown }
    guard case .text(let path) = path else { return .unknown }
    return try host.fileSchema(path, arguments)
  }

  static let command = Command(
    spec,
    plan: { a, _ in ["read file \(a.text("path") ?? ""), all of it"] },
    run: { a, context in
      let path = a.text("path") ?? ""
      let read = try context.files.read(path, try options({ a.span($0) }) { a[$0] })
      report(read, path, context)
      return ResultTable(read.table)
    })

  /// The reader's options from the arguments; `value` gives an argument or null, `span` where it stands.
  static func options(
    _ span: (String) -> SourceSpan?, _ value: (String) -> Value
  ) throws(Diagnostic) -> ReadOptions {
    var options = ReadOptions()
    if case .text(let s) = value("delimiter") {
      guard s.count == 1, let c = s.first else {
        throw Diagnostic(
          .outOfRange, "a delimiter is one character", at: span("delimiter"), label: "this has \(s.count)")
      }
      options.delimiter = c
    }
    if case .text(let s) = value("decimal") {
      guard let mark = DecimalMark(rawValue: s) else {
        throw Diagnostic(
          .outOfRange, "the decimal mark is \".\" or \",\"", at: span("decimal"), label: "this is \"\(s)\"")
      }
      options.decimal = mark
    }
    func texts(_ v: Value) -> [String] {
      switch v {
      case .text(let s): [s]
      case .list(let items): items.compactMap { if case .text(let s) = $0 { s } else { nil } }
      default: []
      }
    }
    options.text = texts(value("text"))
    if !value("nulls").isNull { options.nullWords += texts(value("nulls")) }
    options.header = value("no_header") != .bool(true)
    if case .text(let s) = value("format") { options.format = FileFormat(rawValue: s) }
    if case .int(let n) = value("limit") {
      guard n >= 0 else {
        throw Diagnostic(
          .outOfRange, "a number of rows cannot be negative", at: span("limit"),
          label: "0 or more is expected")
      }
      options.limit = Int(clamping: n)
    }
    if case .text(let s) = value("dates") {
      options.dateOrder = s == "dmy" ? .dayFirst : (s == "mdy" ? .monthFirst : nil)
    }
    return options
  }

  private static func report(_ read: FileRead, _ path: String, _ context: RunContext) {
    for note in read.notes { context.warn(Diagnostic(.dataNote, note)) }
    guard !read.rejects.isEmpty else { return }
    let count = read.rejects.count
    let total = read.rowsRead
    let first = read.rejects.prefix(3).map(\.reason)
    var notes = first + (count > 3 ? ["and \(count - 3) more"] : [])
    if !context.files.isReadOnly {
      let base = path.split(separator: "/").last.map(String.init) ?? path
      let name = base + ".rejects.csv"
      let table = Table([
        ("line", Column(.int, values: read.rejects.map { .int(Int64($0.line)) })),
        ("reason", Column(.text, values: read.rejects.map { .text($0.reason) })),
        ("row", Column(.text, values: read.rejects.map { .text($0.raw) })),
      ])
      do {
        let written = try context.files.write(name) { sink in try TableWriter.csv(table, to: sink) }
        notes.append((count == 1 ? "it is" : "all of them are") + " in \(context.files.shown(written))")
      } catch {
        notes.append("they could not be written to \(name): \(FileAccess.diagnostic(error).message)")
      }
    }
    context.warn(
      Diagnostic(
        .rejectedRows, "\(count) of \(total) rows of \(path) could not be read and were left out",
        notes: notes))
  }
}
