import ArgumentParser
import ErpqEngine
import ErpqLanguageServer
import ErpqShell

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `erpq lsp`.
struct LanguageServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lsp", abstract: "A language server for editors, over standard input and output.",
    discussion: """
      An editor starts it and talks to it. It finds the mistakes that `erpq check` finds, completes what the prompt \
      completes (names of the company of `-w` too), and knows scripts (.erpq) and notebooks (.erpq.md).
      """)

  @Flag(help: "Talk over standard input and output, which it does anyway; editors say it.")
  var stdio = false

  @OptionGroup var global: GlobalOptions

  mutating func run() throws {
    let stream = DescriptorStream.takingStandardStreams()
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
    let session = Session(
      try global.sessionOptions(), sink: SilentSink(), standardLibrary: try GlobalOptions.standardLibrary())
    let completion = PromptCompletion(company: session.company, folder: global.files, patience: 300)
    completion.warmUp()
    let code = LanguageServer.serve(stream) { send in
      LanguageServer(session: session, sources: completion.sources, version: Version.text, send: send)
    }
    if code != 0 { throw ExitStatus(code: code) }
  }
}

/// The bytes of two descriptors.
final class DescriptorStream: ByteStream {
  private let input: Int32
  private let output: Int32

  init(input: Int32, output: Int32) { (self.input, self.output) = (input, output) }

  /// Takes standard input and output for itself: nothing that a script names (`read "/dev/stdin"`) can take messages
  /// away, and nothing that is printed can stand between them.
  static func takingStandardStreams() -> DescriptorStream {
    let stream = DescriptorStream(input: dup(STDIN_FILENO), output: dup(STDOUT_FILENO))
    let null = open("/dev/null", O_RDONLY)
    if null >= 0 {
      dup2(null, STDIN_FILENO)
      close(null)
    }
    dup2(STDERR_FILENO, STDOUT_FILENO)
    return stream
  }

  func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { bytes in
        #if canImport(Glibc)
          Glibc.read(input, bytes.baseAddress, bytes.count)
        #else
          Darwin.read(input, bytes.baseAddress, bytes.count)
        #endif
      }
      if count < 0, errno == EINTR { continue }
      return count > 0 ? Array(buffer[..<count]) : nil
    }
  }

  func write(_ bytes: [UInt8]) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { all in
        #if canImport(Glibc)
          Glibc.write(output, all.baseAddress.map { $0 + done }, all.count - done)
        #else
          Darwin.write(output, all.baseAddress.map { $0 + done }, all.count - done)
        #endif
      }
      if count < 0 {
        if errno == EINTR { continue }
        // Nobody listens any more; the end of the input will say so too.
        return
      }
      done += count
    }
  }
}
