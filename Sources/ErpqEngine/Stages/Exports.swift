import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqRendering
import ErpqSyntax
import ErpqTables

/// `export` and `tee`: a table as a file, written whole or not at all, never cut.
enum Exports {
  static func export(
    _ table: Table, format: FormatWord?, to path: String, options: [String: Value], _ context: RunContext,
    _ sink: any ResultSink
  ) throws {
    let format = try format ?? guess(path)
    var delimiter: Character = ","
    if case .text(let s) = options["delimiter"] {
      guard s.count == 1, let c = s.first, c.isASCII, c != "\"" else {
        throw Diagnostic(
          .outOfRange, "a delimiter is one character that is no quote", label: "this is \"\(s)\"")
      }
      delimiter = c
    }
    var decimal = DecimalMark.point
    if case .text(let s) = options["decimal"] {
      guard let mark = DecimalMark(rawValue: s) else {
        throw Diagnostic(.outOfRange, "the decimal mark is \".\" or \",\"", label: "this is \"\(s)\"")
      }
      decimal = mark
    }
    let bom = options["bom"] == .bool(true)
    let totals = options["totals"] == .bool(true)
    if format != .csv, let word = ["delimiter", "decimal", "bom"].first(where: { options[$0] != nil }) {
      throw Diagnostic(
        .outOfRange, "`\(word)` is for csv files, and this one is \(format.rawValue)",
        label: "leave `\(word)` out")
    }
    if totals, format == .json || format == .jsonl {
      throw Diagnostic(
        .outOfRange, "a \(format.rawValue) file holds records only, and totals are none",
        label: "totals are for csv, md, html and xlsx")
    }
    let table = totals && table.totals == nil ? try Totals.below(table, nil) : table
    context.progress?(WorkProgress("export \(path)", rows: table.rowCount))
    let written = try write(path, context, sink) { write in
      switch format {
      case .csv:
        try TableWriter.csv(
          table, delimiter: delimiter, decimal: decimal, bom: bom, totals: totals, to: write)
      case .json: try TableWriter.json(table, to: write)
      case .jsonl: try TableWriter.jsonl(table, to: write)
      case .md:
        try TableWriter.markdown(
          table, columns: TableRenderer.documentColumns(table), width: { displayWidth($0) }, to: write)
      case .html:
        try TableWriter.html(table, columns: TableRenderer.documentColumns(table), page: path, to: write)
      case .xlsx: try TableWriter.xlsx(table, sheet: path, to: write)
      }
    }
    sink.note("wrote \(counted(table.rowCount, "row")) to \(context.files.shown(written))")
  }

  /// Writes the file; a reader of a pipe who goes away ends the run as quietly as one of standard output.
  private static func write(
    _ path: String, _ context: RunContext, _ sink: any ResultSink, _ body: (@escaping ByteSink) throws -> Void
  ) throws -> String {
    do {
      return try context.files.write(path, body)
    } catch {
      if error.code == .interrupted, !Cancellation.current.isCancelled { sink.readerLeft() }
      throw error
    }
  }

  private static func guess(_ path: String) throws -> FormatWord {
    var name = path.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    let ending = name.split(separator: ".").last.map(String.init) ?? ""
    if let format = FormatWord(rawValue: ending) { return format }
    switch ending {
    case "tsv", "txt": return .csv
    case "ndjson": return .jsonl
    case "markdown": return .md
    case "htm": return .html
    default:
      throw Diagnostic(
        .badFile, "the name \"\(path)\" does not tell the format", label: "say it: `export csv \"\(path)\"`",
        notes: ["formats are csv json jsonl md html xlsx"])
    }
  }
}
