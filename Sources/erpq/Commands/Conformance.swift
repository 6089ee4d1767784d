import ArgumentParser
import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqFiles
import ErpqShell
import Foundation

/// `erpq conformance FOLDER --out FOLDER`, `erpq conformance FOLDER --golden FOLDER`, `erpq conformance edge
/// FILE`.
struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Compute the documents' golden results with the commands, and compare.",
    discussion: """
      erpq conformance company/ --out results/      write a JSON file a golden file
      erpq conformance company/ --golden golden/    compare, exit code 1 on a difference
      erpq conformance edge edge_cases.json         run the small cases
      erpq conformance inventory cases.json         run cases of inventory mathematics
      """,
    subcommands: [Whole.self, Edge.self, Inventory.self], defaultSubcommand: Whole.self)

  /// Says what went wrong and ends.
  static func failing(_ body: () throws -> Void) throws {
    let sink = TerminalSink(format: .table, environment: ProcessInfo.processInfo.environment)
    do { try body() } catch let status as ExitStatus {
      throw status
    } catch is Cancellation.Interrupted {
      sink.error(Diagnostic(.interrupted, "interrupted"))
      throw ExitStatus(code: 130)
    } catch let e as ConformanceError {
      sink.error(Diagnostic(.file, e.message))
      throw ExitStatus(code: 4)
    } catch let f as FileError {
      sink.error(FileAccess.diagnostic(f))
      throw ExitStatus(code: 4)
    } catch {
      sink.error(Company.diagnostic(error))
      throw ExitStatus(code: 4)
    }
  }

  static func report(_ name: String, _ c: GoldenComparison) {
    for difference in c.differences { Output.standard.write("\(name): \(difference)\n") }
    if c.count > c.differences.count {
      Output.standard.write("\(name): and \(c.count - c.differences.count) more\n")
    }
  }

  /// A company.
  struct Whole: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "company",
      abstract: "Compute or compare the golden results of a company folder (the default).")

    @Argument(help: ArgumentHelp("The company's files: products.csv, sale_orders.csv …", valueName: "folder"))
    var folder: String

    @Option(help: ArgumentHelp("Write a JSON file a golden file into this folder.", valueName: "folder"))
    var out: String?

    @Option(help: ArgumentHelp("Compare with the golden files of this folder.", valueName: "folder"))
    var golden: String?

    @Option(
      help: ArgumentHelp(
        "The ids that lists are restricted to; sample.json of --golden if left out.", valueName: "sample.json"
      ))
    var products: String?

    @Option(
      help: ArgumentHelp(
        "Only these: \(Conformance.families.joined(separator: " ")), or file names.", valueName: "name,…"))
    var only: String?

    func validate() throws {
      if out == nil, golden == nil {
        throw ValidationError("say what to do: --out FOLDER writes results, --golden FOLDER compares")
      }
    }

    func run() throws {
      try ConformanceCommand.failing {
        if let out { try makeFolder(out) }
        var differing = 0
        let names = only?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? []
        try Conformance.run(folder, products: products, only: names, golden: golden) { outcome in
          if let out { try write(outcome.text, to: "\(out)/\(outcome.file).json") }
          guard let c = outcome.comparison else { return }
          ConformanceCommand.report(outcome.file, c)
          let verdict = c.count == 0 ? "equal" : "\(counted(c.count, "difference"))"
          Output.standard.write(
            "\(outcome.file): \(c.compared) values, \(verdict), worst relative error \(scientific(c.worst))\n"
          )
          if c.count > 0 { differing += 1 }
        }
        if differing > 0 { throw ExitStatus(code: 1) }
      }
    }

    private func scientific(_ value: Double) -> String { String(format: "%.1e", value) }

    private func makeFolder(_ path: String) throws {
      do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
        throw ValidationError("--out: the folder \(path) cannot be made")
      }
    }

    private func write(_ text: String, to path: String) throws {
      do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
        TerminalSink(format: .table, environment: ProcessInfo.processInfo.environment)
          .error(Diagnostic(.file, "\(path) could not be written"))
        throw ExitStatus(code: 4)
      }
    }
  }

  /// The small cases.
  struct Edge: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "edge", abstract: "Run the small cases on thresholds, ties and empty data.")

    @Argument(help: ArgumentHelp("A file of cases.", valueName: "cases.json"))
    var file: String

    func run() throws {
      try ConformanceCommand.failing {
        var (passed, failed) = (0, 0)
        var later: [String: Int] = [:]
        try Conformance.edges(file) { outcome in
          guard let c = outcome.comparison else {
            later[outcome.operation, default: 0] += 1
            return
          }
          if c.count == 0 { passed += 1 } else { failed += 1 }
          ConformanceCommand.report("\(outcome.operation) \(outcome.name)", c)
        }
        for name in later.keys.sorted() {
          Output.error.write(
            "\(counted(later[name] ?? 0, "case")) of \(name) not run: no command answers them\n")
        }
        Output.standard.write("\(passed) passed, \(failed) failed\n")
        if failed > 0 { throw ExitStatus(code: 1) }
      }
    }
  }

  /// The cases of inventory mathematics.
  struct Inventory: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "inventory",
      abstract:
        "Run cases of inventory mathematics: distributions, safety stock, order quantities, simulation.")

    @Argument(
      help: ArgumentHelp(
        "A file of cases, each with id, function, inputs, expected, tol_abs, tol_rel.",
        valueName: "cases.json"))
    var file: String

    func run() throws {
      try ConformanceCommand.failing {
        var (passed, failed, skipped) = (0, 0, 0)
        try Conformance.inventory(file) { outcome in
          guard let differences = outcome.differences else {
            skipped += 1
            Output.error.write("\(outcome.id) skipped: \(outcome.function): \(outcome.reason ?? "")\n")
            return
          }
          if differences.isEmpty { passed += 1 } else { failed += 1 }
          for difference in differences { Output.standard.write("\(outcome.id): \(difference)\n") }
        }
        Output.standard.write("\(passed) passed, \(failed) failed, \(skipped) skipped\n")
        if failed > 0 { throw ExitStatus(code: 1) }
      }
    }
  }
}
