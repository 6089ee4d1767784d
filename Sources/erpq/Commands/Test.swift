import ArgumentParser
import ErpqBase
import ErpqDiagnostics
import ErpqShell
import Foundation

/// `erpq test DIR`: runs `.erpt` files with this very binary and compares what it prints.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run .erpt test files: programs with the output they must give.",
    discussion: """
      Cases stand in a file, each under a line `=== title`:

        --- run ARGUMENTS        how erpq is called; `$CASE` is the program's file (default: run $CASE),
                                 `$HERE` the folder of this file of cases
        (the program)
        --- run ARGUMENTS        another call after the one before; outputs follow each other, the last code counts
        --- file NAME            a file that the program may read; `\\xFF` in it is a byte
        --- in                   what standard input holds (default: nothing)
        --- out                  what standard output must be
        --- err                  what standard error must be (left out: it is not compared)
        --- exit N               the exit code (default 0)
        --- wrote NAME           what a file that the program wrote must hold

      A line `…` in `out`, `err` or `wrote` stands for any lines; `…` within a line for any text.
      """)

  @Flag(help: "Write what erpq prints now into the files.")
  var update = false

  @Option(help: ArgumentHelp("Write a JUnit report.", valueName: "file"))
  var junit: String?

  @Option(help: ArgumentHelp("Only cases whose file or title holds this text.", valueName: "text"))
  var filter: String?

  @Argument(help: ArgumentHelp("Files or folders.", valueName: "path"))
  var paths: [String]

  mutating func run() throws {
    var files: [String] = []
    for path in paths { files += TestFile.find(path) }
    if files.isEmpty {
      Output.error.write("error: there are no .erpt files in \(paths.joined(separator: ", "))\n")
      throw ExitStatus(code: 2)
    }
    var passed = 0
    var failures: [(name: String, text: String)] = []
    var names: [String] = []
    let runner = TestRunner()
    for path in files.sorted() {
      var file = try TestFile(path: path)
      var changed = false
      for i in file.cases.indices {
        let name = "\(path)::\(file.cases[i].title)"
        if let filter, !name.contains(filter) { continue }
        names.append(name)
        let result = runner.run(file.cases[i], folder: (path as NSString).deletingLastPathComponent)
        let difference = file.cases[i].difference(from: result)
        if let difference {
          if update {
            file.cases[i].accept(result)
            changed = true
            passed += 1
          } else {
            failures.append((name, difference))
            Output.standard.write("FAILED \(name)\n\(difference)\n")
          }
        } else {
          passed += 1
        }
      }
      if changed { try file.save() }
    }
    if let junit { try writeReport(junit, names, failures) }
    Output.standard.write("\(passed) passed, \(failures.count) failed\n")
    if !failures.isEmpty { throw ExitStatus(code: 1) }
  }

  private func writeReport(_ path: String, _ names: [String], _ failures: [(name: String, text: String)])
    throws
  {
    var report = JUnitReport()
    for name in names {
      let failure = failures.first { $0.name == name }
      report.add(
        name: name, seconds: 0, failures: failure.map { [Diagnostic(.assertionFailed, $0.text)] } ?? [])
    }
    try report.write(path, TerminalSink(format: .table, environment: [:]))
  }
}
