import ErpqBase
import ErpqDiagnostics
import ErpqRendering
import ErpqSemantics
import ErpqTables
import Foundation
import Synchronization

/// A sink that passes everything on, and takes it down in a form that depends on no terminal, locale or time zone:
/// numbers with 12 significant digits, tables with their types, pictures as text of 80 columns.
public final class NotingSink: ResultSink {
  /// The most rows of a table that are taken down; of the others a digest is.
  static let mostRows = 200

  private enum Mode { case passing, noting, muted }
  private let inner: any ResultSink
  private let state = Mutex<(mode: Mode, lines: [String], isTimed: Bool)>((.passing, [], false))

  /// A sink before another one; it takes nothing down yet.
  public init(_ inner: any ResultSink) { self.inner = inner }

  func begin() { state.withLock { $0 = (.noting, [], false) } }
  func end() { state.withLock { $0 = (.passing, [], false) } }

  /// What was shown since the last call.
  func take() -> [String] {
    state.withLock { state in
      defer { state.lines = [] }
      return state.lines
    }
  }

  /// Runs something whose results nobody needs to see.
  func muted<R>(_ body: () -> R) -> R {
    let before = state.withLock { state in
      defer { state.mode = .muted }
      return state.mode
    }
    defer { state.withLock { $0.mode = before } }
    return body()
  }

  /// The statement whose results follow.
  func statement(_ statement: BoundStatement) {
    let lines = statement.text.slice(statement.span).split(separator: "\n").map(String.init)
    state.withLock { state in
      guard state.mode == .noting else { return }
      state.lines += lines.enumerated().map { ($0 == 0 ? "> " : "  ") + $1 }
      // What these show is another thing each time.
      switch statement.kind {
      case .profile: state.isTimed = true
      case .query(let query):
        if case .command(let spec, _, _) = query.source {
          state.isTimed = spec.name == "history"
        } else {
          state.isTimed = false
        }
      default: state.isTimed = false
      }
    }
  }

  private func add(_ lines: @autoclosure () -> [String], _ pass: (any ResultSink) -> Void) {
    let (mode, isTimed) = state.withLock { ($0.mode, $0.isTimed) }
    if mode == .noting {
      let lines = isTimed ? ["(another thing each time, not compared)"] : lines()
      state.withLock { $0.lines += lines }
    }
    if mode != .muted { pass(inner) }
  }

  private static func lines(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  /// A table.
  public func table(_ table: Table) { add(Self.lines(of: table)) { $0.table(table) } }
  /// A single value.
  public func value(_ value: Value) { self.value(value, of: Field("value", value.type)) }
  /// A single value and what is known of it.
  public func value(_ value: Value, of field: Field) {
    let line = "value \(value.type) " + Self.cell(Column(value.type, values: [value]), 0)
    add([line]) { $0.value(value, of: field) }
  }
  /// A drawing.
  public func picture(_ table: Table, _ spec: PlotSpec) throws(PlotError) {
    let drawing = try renderTerminal(table, spec, style: TerminalStyle())
    // What could be drawn once can be drawn again.
    add(Self.lines(drawing)) { try? $0.picture(table, spec) }
  }
  /// Text as it stands.
  public func text(_ text: String) { add(Self.lines(text)) { $0.text(text) } }
  /// A remark.
  public func note(_ text: String) { add(["note: " + text]) { $0.note(text) } }
  /// A warning.
  public func warn(_ diagnostic: Diagnostic) {
    add(Self.lines(CaretRenderer().render(diagnostic))) { $0.warn(diagnostic) }
  }
  /// An error.
  public func error(_ diagnostic: Diagnostic) {
    add(Self.lines(CaretRenderer().render(diagnostic))) { $0.error(diagnostic) }
  }
  /// Nobody reads any more.
  public func readerLeft() { inner.readerLeft() }
  /// A failed assertion and the rows that break it.
  public func failedAssertion(_ diagnostic: Diagnostic, rows: Table?) {
    add(Self.lines(CaretRenderer().render(diagnostic)) + (rows.map { Self.lines(of: $0) } ?? [])) {
      $0.failedAssertion(diagnostic, rows: rows)
    }
  }

  // MARK: Tables

  static func lines(of table: Table) -> [String] {
    var lines = [
      "table of \(counted(table.rowCount, "row"))",
      table.schema.fields.map { "\($0.name):\($0.type)" }.joined(separator: "\t"),
    ]
    let shown = min(table.rowCount, mostRows)
    for row in 0..<shown { lines.append(table.columns.map { cell($0, row) }.joined(separator: "\t")) }
    if table.rowCount > shown {
      lines.append("and \(counted(table.rowCount - shown, "row")) with the digest \(digest(table))")
    }
    return lines
  }

  private static func cell(_ column: Column, _ row: Int) -> String {
    guard column.isValid(row) else { return "\\N" }
    if case .doubles(let v) = column.storage { return number(v[row]) }
    let text = column[row].description
    guard text.utf8.contains(where: { $0 < 32 || $0 == 92 }) else { return text }
    return text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\r", with: "\\r")
      .replacing("\t", with: "\\t")
  }

  private static func number(_ value: Double) -> String {
    value == 0 ? "0" : value.isNaN ? "nan" : String(format: "%.12g", value)
  }

  /// A number that tells tables apart: FNV-1a over all cells, doubles with 40 bits of their fraction.
  static func digest(_ table: Table) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ word: UInt64) {
      hash = (hash ^ word) &* 0x100_0000_01B3
      hash ^= hash >> 29
    }
    for column in table.columns {
      let texts: [UInt64]
      if case .codes(_, let dictionary) = column.storage {
        texts = dictionary.strings.map { text in
          text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }
      } else {
        texts = []
      }
      for row in 0..<column.count {
        guard column.isValid(row) else {
          mix(1)
          continue
        }
        switch column.storage {
        case .bools(let v): mix(v[row] ? 3 : 2)
        case .ints(let v): mix(UInt64(bitPattern: v[row]))
        case .doubles(let v): mix(v[row] == 0 ? 0 : (v[row].bitPattern &+ 0x800) & ~0xFFF)
        case .days(let v): mix(UInt64(UInt32(bitPattern: v[row])))
        case .codes(let v, _): mix(texts[Int(v[row])])
        case .values(let v): for byte in v[row].description.utf8 { mix(UInt64(byte)) }
        case .nulls: mix(1)
        }
      }
    }
    return String(hash, radix: 16)
  }
}
