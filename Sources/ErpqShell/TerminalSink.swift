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
  let environment: [String: String]
  private let problems = Mutex<[Diagnostic]>([])
  private let meter: ProgressMeter
  /// What stands last on standard output, of what people read.
  private enum Shown { case nothing, value, block }
  private let atPrompt = Mutex(false)
  private let shown = Mutex(Shown.nothing)

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
    meter = ProgressMeter(err) {
      TerminalStyle.detect(environment: environment, isTerminal: err.isTerminal, size: err.size).width
    }
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
    if format == .table || format == .md || format == .html { separate(.block) }
    switch format {
    case .table: show(table)
    case .csv: write { try TableWriter.csv(table, to: $0) }
    case .json: write { try TableWriter.json(table, to: $0) }
    case .jsonl: write { try TableWriter.jsonl(table, to: $0) }
    case .md:
      write {
        try TableWriter.markdown(
          table, columns: TableRenderer.documentColumns(table), width: { displayWidth($0) }, to: $0)
      }
    case .html: write { try TableWriter.html(table, columns: TableRenderer.documentColumns(table), to: $0) }
    }
  }

  /// A table on the terminal: what is longer than the screen goes through the pager, with more of its rows than would
  /// be printed.
  private func show(_ table: Table) {
    let style = style
    var renderer = TableRenderer(style: style, maxRows: maxRows)
    if atPrompt.withLock({ $0 }) { renderer.seeAll = ":last shows all" }
    let short = renderer.render(table)
    // Half a table would look like a whole one; the run says that it was interrupted.
    guard !Cancellation.current.isCancelled else { return }
    guard canPage, Pager.screenLines(short, width: style.width) >= style.height, let maxRows else {
      out.write(short)
      return
    }
    let most = max(maxRows, TerminalSink.pagedRows)
    let long = maxRows < table.rowCount ? TableRenderer(style: style, maxRows: most).render(table) : short
    if !Pager(environment: environment).show(long) { out.write(short) }
  }

  /// Rows that the pager gets of a table at most; `:last` gives it all.
  private static let pagedRows = 5000

  private var canPage: Bool {
    pages && out.isTerminal && isatty(STDIN_FILENO) == 1 && Pager(environment: environment).command != nil
  }

  /// An empty line between two results, which would else read as one; values in a row stay together.
  private func separate(_ next: Shown) {
    let before = shown.withLock { shown in
      defer { shown = next }
      return shown
    }
    if before == .block || (before == .value && next == .block) { out.write("\n") }
  }

  /// At a prompt: what comes next stands under a statement of its own.
  public func beginStatement() {
    shown.withLock { $0 = .nothing }
    atPrompt.withLock { $0 = true }
  }

  /// At a prompt: an empty line below a result that takes several lines.
  public func endStatement() {
    if shown.withLock({ $0 == .block }) { out.write("\n") }
    shown.withLock { $0 = .nothing }
  }

  /// A whole table, uncut, for `:last`.
  public func whole(_ table: Table) {
    page(TableRenderer(style: style, maxRows: nil, wide: false).render(table))
  }

  /// A table as a block of names and values for each row, for `:rows`.
  public func blocks(_ table: Table) {
    page(TableRenderer(style: style, maxRows: maxRows, expanded: true).render(table))
  }

  /// Writes a text, through the pager where it is longer than the screen and someone sits there.
  private func page(_ text: String) {
    let style = style
    if canPage, Pager.screenLines(text, width: style.width) >= style.height,
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
  public func value(_ value: Value) { self.value(value, of: Field("value", value.type)) }

  /// A single value; a year has no thousands.
  public func value(_ value: Value, of field: Field) {
    clearProgress()
    if format == .table {
      separate(.value)
      out.write(TableRenderer(style: style).render(value, of: field) + "\n")
    } else {
      table(Table(Schema([Field("value", value.type)]), [Column(value.type, values: [value])]))
    }
  }

  /// A drawing; a table where the format is not for people.
  public func picture(_ table: Table, _ spec: PlotSpec) throws(PlotError) {
    clearProgress()
    guard format == .table else {
      self.table(table)
      return
    }
    let drawing = try renderTerminal(table, spec, style: pictureStyle)
    separate(.block)
    out.write(drawing)
  }

  /// Text as it stands, folded to a terminal's width.
  public func text(_ text: String) {
    clearProgress()
    separate(.block)
    page(out.isTerminal ? folded(text, width: style.width) : text)
  }

  /// A statement before its result: among the results where people read them, beside them where programs do.
  public func echo(_ text: String) {
    clearProgress()
    guard format == .table else {
      err.write(text)
      return
    }
    shown.withLock { $0 = .nothing }
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
    err.write((style.width < 10_000 ? folded(text, width: style.width) : text) + "\n")
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
  public func progress(_ progress: WorkProgress) { meter.report(progress) }

  private func clearProgress() { meter.clear() }

  /// Nobody reads on: the run stops as quietly as when standard output is closed.
  public func readerLeft() { out.close() }
}
