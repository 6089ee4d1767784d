import ArgumentParser
import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqShell
import ErpqTables
import ErpqWarehouse

/// `erpq -w FILE snapshot NAME`, `erpq -w FILE snapshot`.
struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Name the current state of a company file, or list the named states.",
    discussion: """
      erpq -w company.db snapshot before-count     make one
      erpq -w company.db snapshot                  list them
      erpq -w company.db --as-of before-count -e 'stock status'

      A snapshot is a copy in company.db.snapshots/; deleting its file removes it.
      """)

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("The name; the snapshots are listed if left out.", valueName: "name"))
  var name: String?

  mutating func run() throws {
    let sink = global.sink()
    guard let company = global.warehouse else {
      throw ValidationError("name the company file: erpq -w FILE snapshot [NAME]")
    }
    if global.asOf != nil {
      throw ValidationError("a snapshot is made of the current state; leave out --as-of")
    }
    do {
      if let name {
        if global.readOnly { throw ValidationError("a snapshot writes a file; leave out --read-only") }
        let made = try Company(.file(company)).warehouse().snapshot(named: name)
        sink.note("snapshot \(name) made; read it with --as-of \(name)")
        show([made], sink)
      } else {
        _ = try Company(.file(company), readOnly: true).warehouse()
        let all = Snapshot.all(of: company)
        if all.isEmpty {
          sink.note("\(company) has no snapshots; `erpq -w \(company) snapshot NAME` makes one")
        }
        show(all, sink)
      }
    } catch let error as ValidationError {
      throw error
    } catch {
      sink.error(Company.diagnostic(error))
      throw ExitStatus(code: 4)
    }
  }

  private func show(_ snapshots: [Snapshot], _ sink: TerminalSink) {
    func second(_ instant: Instant) -> Instant {
      Instant(microseconds: instant.microseconds - instant.microseconds % 1_000_000)
    }
    sink.table(
      Table([
        ("name", Column(.text, values: snapshots.map { .text($0.name) })),
        ("made", Column(.datetime, values: snapshots.map { .datetime(second($0.made)) })),
        (
          "size",
          Column(
            .quantity("MB"),
            values: snapshots.map { .quantity((Double($0.bytes) / 1e5).rounded() / 10, "MB") })
        ),
      ]))
  }
}
