import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqFiles
import ErpqRendering
import ErpqTables
import ErpqTooling
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The forms in which results leave on standard output.
public enum OutputFormat: String, Sendable, CaseIterable {
  case table, csv, json, jsonl, md, html
}

/// Results on standard output, everything else on standard error.
public final class TerminalSink: ResultSink {
  private let out: Output
  private let err: Output
  private let format: OutputFormat
  private let maxRows: Int?
  private let pages: Bool
  private let environment: [String: String]
  private let problems = Mutex<[Diagnostic]>([])
  private let progressShown = Mutex(false)
  private let documents = Mutex(0)

  /// A sink for a format. On a terminal tables are cut to its width and to `maxRows`; elsewhere they are whole.
  /// With `pages`, pages of help and whole tables that are longer than a terminal's screen go through the pager.
  public init(
    format: OutputFormat, environment: [String: String], maxRows: Int? = 40, pages: Bool = false,
    out: Output = .standard, err: Output = .error
  ) {
    self.format = format
    self.environment = environment
    self.out = out
    self.err = err
    self.pages = pages
    self.maxRows = out.isTerminal ? maxRows : nil
  }

  /// The look of standard output now (a terminal may have been resized).
  public var style: TerminalStyle {
    var style = TerminalStyle.detect(environment: environment, isTerminal: out.isTerminal, size: out.size)
    // A file or a pipe has no width to fold to.
    if !out.isTerminal, (environment["COLUMNS"] ?? "").isEmpty { style.width = 10_000 }
    return style
  }

  private var pictureStyle: TerminalStyle {
    var style = style
    if style.width >= 10_000 { style.width = 80 }
    return style
  }

  private var errorStyle: TerminalStyle {
    TerminalStyle.detect(environment: environment, isTerminal: err.isTerminal, size: err.size)
  }

  /// Everything that was told as an error.
  public var errors: [Diagnostic] { problems.withLock { $0 } }

  /// A table, in the format of the run.
  public func table(_ table: Table) {
    clearProgress()
    switch format {
    case .table: out.write(TableRenderer(style: style, maxRows: maxRows).render(table))
    case .csv: write { try TableWriter.csv(table, to: $0) }
    case .json: write { try TableWriter.json(table, to: $0) }
    case .jsonl: write { try TableWriter.jsonl(table, to: $0) }
    case .md:
      // Two tables without a line between them are one.
      if documents.withLock({
        $0 += 1; return $0 > 1
      }) {
        out.write("\n")
      }
      write { try TableWriter.markdown(table, cell: TableRenderer.documentText, to: $0) }
    case .html: write { try TableWriter.html(table, cell: TableRenderer.documentText, to: $0) }
    }
  }

  /// A whole table, uncut, for `:last`.
  public func whole(_ table: Table) {
    page(TableRenderer(style: style, maxRows: nil, wide: false).render(table))
  }

  /// Writes a text, through the pager where it is longer than the screen and someone sits there.
  private func page(_ text: String) {
    let style = style
    if pages, out.isTerminal, isatty(STDIN_FILENO) == 1,
      Pager.screenLines(text, width: style.width) >= style.height,
      Pager(environment: environment).show(text)
    {
      return
    }
    out.write(text)
  }

  private func write(_ body: (@escaping ByteSink) throws -> Void) {
    do {
      try body { [out] in out.write($0) }
    } catch is Cancellation.Interrupted {
      // Nobody reads on, or Ctrl-C came while the table was written: the run says so itself.
    } catch {
      self.error(Diagnostic(.file, "the output could not be written: \(error)"))
    }
  }

  /// A single value.
  public func value(_ value: Value) {
    clearProgress()
    if format == .table {
      out.write(TableRenderer(style: style).render(value) + "\n")
    } else {
      table(Table([("value", Column(value.type, values: [value]))]))
    }
  }

  /// A drawing; a table where the format is not for people.
  public func picture(_ table: Table, _ spec: PlotSpec) {
    clearProgress()
    guard format == .table else {
      self.table(table)
      return
    }
    do {
      out.write(try renderTerminal(table, spec, style: pictureStyle))
    } catch {
      self.error(Diagnostic(.runtime, error.message))
    }
  }

  /// Text as it stands.
  public func text(_ text: String) { page(text) }

  /// A statement before its result: among the results where people read them, beside them where programs do.
  public func echo(_ text: String) {
    clearProgress()
    guard format == .table else {
      err.write(text)
      return
    }
    out.write(style.color > .none ? painted(text) : text)
  }

  /// A text of the language in the colours of the prompt.
  private func painted(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var done = 0
    for span in Highlighter.spans(text) where span.range.lowerBound >= done {
      let code = Repl.style(span.style).rawValue
      if code.isEmpty { continue }
      result += bytes[done..<span.range.lowerBound]
      result += Array("\u{1B}[\(code)m".utf8) + bytes[span.range] + Array("\u{1B}[0m".utf8)
      done = span.range.upperBound
    }
    return String(decoding: result + bytes[done...], as: UTF8.self)
  }

  /// A remark on standard error.
  public func note(_ text: String) {
    clearProgress()
    err.write(text + "\n")
  }

  private func tell(_ diagnostic: Diagnostic) {
    clearProgress()
    err.write(CaretRenderer(color: errorStyle.color > .none).render(diagnostic))
  }

  /// A warning on standard error.
  public func warn(_ diagnostic: Diagnostic) { tell(diagnostic) }

  /// An error on standard error.
  public func error(_ diagnostic: Diagnostic) {
    // When nobody reads the output any more, the interruption is of our own making.
    if out.isClosed, diagnostic.code == .interrupted { return }
    problems.withLock { $0.append(diagnostic) }
    tell(diagnostic)
  }

  /// A failed assertion and the first rows that break it, on standard error.
  public func failedAssertion(_ diagnostic: Diagnostic, rows: Table?) {
    problems.withLock { $0.append(diagnostic) }
    tell(diagnostic)
    if let rows {
      var style = errorStyle
      if !err.isTerminal, (environment["COLUMNS"] ?? "").isEmpty { style.width = 10_000 }
      err.write(TableRenderer(style: style, maxRows: 10).render(rows))
    }
  }

  // MARK: Progress

  /// Shows how far work is, on a terminal only.
  public func progress(_ what: String, _ done: Double, _ total: Double?) {
    guard err.isTerminal else { return }
    var line = what
    if let total, total > 0 {
      let share = min(1, done / total)
      let filled = Int(share * 20)
      line +=
        " [" + String(repeating: "=", count: filled) + String(repeating: " ", count: 20 - filled)
        + "] \(Int(share * 100))%"
    } else {
      line += " " + NumberText.grouped(Int64(done))
    }
    progressShown.withLock { $0 = true }
    err.write("\r" + truncated(line, to: max(20, errorStyle.width - 1)) + "\u{1B}[K")
  }

  private func clearProgress() {
    let shown = progressShown.withLock { shown in
      defer { shown = false }
      return shown
    }
    if shown { err.write("\r\u{1B}[K") }
  }
}
