import ArgumentParser
import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqFiles
import ErpqShell
import Foundation

/// `erpq replay SESSION.erps`.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Run a recorded session again and compare what it gives.",
    discussion: """
      erpq run weekly.erpq --record weekly.erps    record a script; `:record FILE` records at the prompt
      erpq replay weekly.erps                      show it again
      erpq replay weekly.erps --verify             only compare: exit code 6 and the differences
      erpq replay weekly.erps --accept             take what it gives now as right

      A recording holds what the company and the files said, the day, the clock and the seed: it needs neither the \
      company file nor the network, and gives the same in every time zone, locale and terminal. Numbers are \
      compared with 12 significant digits.
      """)

  @Flag(help: "Show nothing but the differences.")
  var verify = false

  @Flag(help: "Write what the statements give now into the recording.")
  var accept = false

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("The recordings.", valueName: "file"))
  var recordings: [String]

  mutating func run() throws {
    let sink = global.sink(pages: false)
    let library = try GlobalOptions.standardLibrary()
    var differing = 0
    for path in recordings {
      let source = try ScriptFile.read(path, sink)
      let replay: Replay
      let now: Recording
      do {
        replay = Replay(try Recording(parsing: source.text, name: path))
        let quiet = SilentSink()
        now = try replay.run(sink: verify || accept ? quiet : sink, standardLibrary: library) {
          sink.progress($0)
        }
      } catch is Cancellation.Interrupted {
        throw ExitStatus(code: 130)
      } catch let d as Diagnostic {
        sink.error(d)
        throw ExitStatus(code: 4)
      } catch let e as FileError {
        sink.error(FileAccess.diagnostic(e))
        throw ExitStatus(code: 4)
      } catch {
        sink.error(Diagnostic(.badFile, "\(path) cannot be replayed: its facts are damaged"))
        throw ExitStatus(code: 4)
      }
      let differences = replay.differences(now)
      if accept {
        if !differences.isEmpty { try save(now, path, sink) }
        sink.note(
          "\(path): "
            + (differences.isEmpty ? "the same" : "accepted \(counted(differences.count, "change"))"))
        continue
      }
      if verify || !differences.isEmpty {
        let count = now.units.count { !$0.isPrelude }
        let summary =
          differences.isEmpty
          ? "\(path): \(counted(count, "run")), all the same\n"
          : "\(path): \(differences.count) of \(counted(count, "run")) differ (- then, + now)\n\n"
            + differences.joined(separator: "\n")
        Output.error.write(differences.isEmpty ? "" : summary)
        if differences.isEmpty { Output.standard.write(summary) }
      }
      if !differences.isEmpty { differing += 1 }
    }
    if differing > 0 { throw ExitStatus(code: 6) }
  }

  private func save(_ recording: Recording, _ path: String, _ sink: TerminalSink) throws {
    do { try Data(recording.text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      sink.error(Diagnostic(.file, "\(path) could not be written"))
      throw ExitStatus(code: 4)
    }
  }
}
