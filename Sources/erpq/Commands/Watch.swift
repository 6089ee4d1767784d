import ErpqBase
import ErpqShell
import Foundation

/// `erpq run --watch`: runs something now and again whenever one of the files changes.
struct Watch {
  private let paths: [String]

  /// Watches files; one that is not there is waited for.
  init(_ paths: [String]) { self.paths = paths }

  /// Runs until Ctrl-C. A run that fails has said so itself; the next change may mend it.
  func run(_ body: () throws -> Void) throws {
    while true {
      let before = states()
      if Output.standard.isTerminal { Output.standard.write("\u{1B}[H\u{1B}[2J") }
      var code: Int32 = 0
      do { try body() } catch let status as ExitStatus { code = status.code }
      if code == 130 || Output.standard.isClosed { throw ExitStatus(code: code) }
      let names = paths.joined(separator: ", ")
      Output.error.write("\(code == 0 ? "ok" : "exit code \(code)"); watching \(names), Ctrl-C ends\n")
      while states() == before {
        if Cancellation.process.isCancelled { throw ExitStatus(code: 130) }
        usleep(200_000)
      }
      // Many editors write a file in several steps.
      usleep(50_000)
      Interrupts.reset()
    }
  }

  /// Time and size of each file.
  private func states() -> [String] {
    paths.map { path in
      var status = stat()
      guard stat(path, &status) == 0 else { return "" }
      return "\(status.st_ino) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_size)"
    }
  }
}
