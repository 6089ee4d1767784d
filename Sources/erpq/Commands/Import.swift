import ArgumentParser
import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqFiles
import ErpqRendering
import ErpqShell
import ErpqTables
import ErpqWarehouse
import Foundation

/// `erpq import csv FILE --as sales --map …`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Load facts into a company file.", subcommands: [ImportCSV.self])
}

/// `erpq import csv`.
struct ImportCSV: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "csv",
    abstract: "Load a CSV file of sale lines, or a folder of an ERP's tables, into a company file.",
    discussion: """
      A file:    erpq -w shop.db import csv orders.csv.gz --as sales --currency GBP --time-zone Europe/London \\
                   --map order=order,product=product,date=date,qty=qty,price=price,customer=customer
      A folder:  erpq -w company.db import csv FOLDER     (products.csv, sale_orders.csv, sale_order_lines.csv …)

      Loading the same file again gives the same company. A load is all or nothing.
      """)

  @Option(
    name: .customLong("as"), help: ArgumentHelp("What the rows are: sales or products.", valueName: "kind"))
  var kind: String?

  @Option(
    help: ArgumentHelp(
      "Which column is what; guessed from the headers if left out.", valueName: "role=header,…"))
  var map: String?

  @Option(help: ArgumentHelp("The company's currency; EUR for a new company.", valueName: "code"))
  var currency: String?

  @Option(help: ArgumentHelp("The company's time zone; UTC for a new company.", valueName: "zone"))
  var timeZone: String?

  @Option(help: ArgumentHelp("The company's name.", valueName: "name"))
  var company: String?

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("A .csv or .csv.gz file, or a folder.", valueName: "path"))
  var path: String

  mutating func run() throws {
    let sink = global.sink()
    guard let target = global.warehouse else {
      throw ValidationError("name the company file to load into: erpq -w FILE import csv …")
    }
    if global.readOnly { throw ValidationError("an import writes; leave out --read-only") }
    if global.asOf != nil {
      throw ValidationError("an import changes the company file itself; leave out --as-of")
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      sink.error(Diagnostic(.file, "\(path) does not exist"))
      throw ExitStatus(code: 4)
    }
    let isNew = !FileManager.default.fileExists(atPath: target)
    var isLoaded = false
    // A load is all or nothing: a company file that was made for one that failed goes, too.
    defer {
      if isNew, !isLoaded {
        for suffix in ["", "-wal", "-shm", "-journal"] {
          try? FileManager.default.removeItem(atPath: target + suffix)
        }
      }
    }
    do {
      let warehouse = try Warehouse(path: target, isAlone: isNew)
      defer { try? warehouse.close() }
      if isFolder.boolValue {
        try importFolder(warehouse, sink)
      } else {
        try importFile(warehouse, sink)
      }
      isLoaded = true
    } catch let status as ExitStatus {
      throw status
    } catch is Cancellation.Interrupted {
      sink.error(Diagnostic(.interrupted, "interrupted; the company file is as it was"))
      throw ExitStatus(code: 130)
    } catch let f as FileError {
      sink.error(FileAccess.diagnostic(f))
      throw ExitStatus(code: 4)
    } catch let error as ValidationError {
      throw error
    } catch {
      sink.error(Company.diagnostic(error))
      throw ExitStatus(code: 4)
    }
  }

  /// The day it is.
  private static var clock: CivilDate {
    CivilDate(day: Int32(clamping: Int((Date().timeIntervalSince1970 / 86_400).rounded(.down))))
  }

  private func importFile(_ warehouse: Warehouse, _ sink: TerminalSink) throws {
    if kind == "products" { return try importProducts(warehouse, sink) }
    guard kind == "sales" else {
      throw ValidationError(
        kind == nil
          ? "say what the rows are: --as sales or --as products"
          : "rows can be loaded --as sales or --as products, not as \(kind ?? "")")
    }
    let source = FileSource(path: path)
    let headers = try source.headers()
    // A company that has facts keeps its currency and zone unless others are named.
    let info = try warehouse.info
    let isOld = info.lastFactDay != nil
    let currency = currency ?? (isOld && !info.currency.isEmpty ? info.currency : "EUR")
    let timeZone = timeZone ?? (isOld && !info.timeZone.isEmpty ? info.timeZone : "UTC")
    var request: SalesImport
    if let roles = try roles() {
      request = try SalesImport(map: roles, currency: currency, timeZone: timeZone)
    } else {
      request = SalesImport(map: SalesImport.guess(headers: headers), currency: currency, timeZone: timeZone)
    }
    request.company = company
    request.clock = ImportCSV.clock
    request.rejectFile = besideResults(".rejects.csv")
    let start = Date()
    let summary = try warehouse.importSales(from: source, request) { p in
      sink.progress(ImportCSV.progress(p))
    }
    show(summary, rejectFile: request.rejectFile, seconds: Date().timeIntervalSince(start), sink)
  }

  /// The name of a file that tells of the import, where files are written.
  private func besideResults(_ ending: String) -> String {
    let base = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
    return (global.files == "." ? "" : global.files + "/") + base + ending
  }

  /// How far an import is, for the terminal's line.
  static func progress(_ p: ImportProgress) -> WorkProgress {
    if p.phase == .done { return .over }
    return WorkProgress(p.phase.rawValue, done: Double(p.done), of: p.total > 0 ? Double(p.total) : nil)
  }

  /// The pairs of `--map`.
  private func roles() throws -> [String: String]? {
    guard let map else { return nil }
    var roles: [String: String] = [:]
    for pair in map.split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1).map { String($0) }
      guard parts.count == 2 else { throw ValidationError("--map takes role=header pairs, not \"\(pair)\"") }
      roles[parts[0]] = parts[1]
    }
    return roles
  }

  private func importProducts(_ warehouse: Warehouse, _ sink: TerminalSink) throws {
    let headers = try FileSource(path: path).headers()
    var map = ProductsImport.guess(headers: headers)
    if let roles = try roles() {
      map = [:]
      for (word, header) in roles {
        guard let role = ProductsImport.Role(rawValue: word) else {
          throw ValidationError(
            "a column of products cannot be \"\(word)\"; it is one of "
              + ProductsImport.Role.allCases.map(\.rawValue).joined(separator: ", "))
        }
        map[role] = header
      }
    }
    let request = ProductsImport(map: map)
    let (loaded, rejects) = try warehouse.importProducts(path: path, request)
    if !rejects.isEmpty {
      let file = besideResults(".rejects.csv")
      let isWritten = Warehouse.writeRejects(rejects, to: file)
      let first = rejects.prefix(3).map { "line \($0.line): \($0.reason)" }
      tell(sink, rejects.count, "line", first, isWritten ? file : nil)
    }
    sink.note("loaded \(counted(loaded, "product"))")
  }

  private func show(_ s: ImportSummary, rejectFile: String?, seconds: Double, _ sink: TerminalSink) {
    sink.table(summaryTable(s))
    for note in s.notes { sink.warn(Diagnostic(.dataNote, note)) }
    if s.rejected > 0 {
      let rejectFile = rejectFile.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
      let first = s.rejects.prefix(3).map { "line \($0.line): \($0.reason)" }
      tell(sink, s.rejected, "line", first, rejectFile)
    }
    sink.note("loaded in \(String(format: "%.1f", seconds)) s")
  }

  /// Tells of rows that were left out, and where all of them stand.
  private func tell(_ sink: TerminalSink, _ count: Int, _ what: String, _ first: [String], _ file: String?) {
    sink.warn(
      Diagnostic(
        .rejectedRows, "\(counted(count, what)) of \(path) could not be loaded",
        notes: first + (file.map { ["all of them are in \($0)"] } ?? [])))
  }

  private func summaryTable(_ s: ImportSummary) -> Table {
    Table([
      ("lines", Column(.int, .ints([Int64(s.read)]))), ("loaded", Column(.int, .ints([Int64(s.loaded)]))),
      ("rejected", Column(.int, .ints([Int64(s.rejected)]))),
      ("products", Column(.int, .ints([Int64(s.products)]))),
      ("customers", Column(.int, .ints([Int64(s.customers)]))),
      ("first_day", Column(.date, values: [s.days.map { .date($0.lowerBound) } ?? .null])),
      ("last_day", Column(.date, values: [s.days.map { .date($0.upperBound) } ?? .null])),
    ])
  }

  private func importFolder(_ warehouse: Warehouse, _ sink: TerminalSink) throws {
    let start = Date()
    let summary = try warehouse.importFolder(
      path, currency: currency, timeZone: timeZone, clock: ImportCSV.clock,
      progress: { p in sink.progress(ImportCSV.progress(p)) })
    let names = summary.loaded.keys.sorted()
    sink.table(
      Table([
        ("relation", Column(.text, values: names.map { .text($0) })),
        ("rows", Column(.int, .ints(names.map { Int64(summary.loaded[$0] ?? 0) }))),
      ]))
    if summary.rejected > 0 {
      let file = besideResults(".rejects.txt")
      let text = summary.rejects.map { $0 + "\n" }.joined()
      let isWritten = (try? text.write(toFile: file, atomically: true, encoding: .utf8)) != nil
      tell(sink, summary.rejected, "row", Array(summary.rejects.prefix(3)), isWritten ? file : nil)
    }
    sink.note("loaded in \(String(format: "%.1f", Date().timeIntervalSince(start))) s")
  }
}
