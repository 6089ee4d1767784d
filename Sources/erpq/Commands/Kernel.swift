import ArgumentParser
import ErpqBase
import ErpqEngine
import ErpqKernel
import ErpqShell
import Foundation

/// `erpq kernel install`, `erpq kernel run FILE`.
struct KernelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel", abstract: "A kernel for Jupyter: statements as cells of its notebooks.",
    subcommands: [KernelInstall.self, KernelRun.self])
}

/// Tells Jupyter of the kernel.
struct KernelInstall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Make the kernel known to Jupyter.",
    discussion: """
      erpq kernel install                       for the user, on the demo company
      erpq kernel install -w company.db --kernel-name company
      erpq kernel install --prefix /usr/local   for all users

      The kernel is started with the company that is named here.
      """)

  @Option(
    help: ArgumentHelp(
      "Install below this folder (share/jupyter) instead of the user's.", valueName: "folder"))
  var prefix: String?

  @Option(help: ArgumentHelp("The kernel's name, for several companies.", valueName: "name"))
  var kernelName: String = "erpq"

  @OptionGroup var global: GlobalOptions

  mutating func run() throws {
    let sink = global.sink()
    guard !kernelName.isEmpty,
      kernelName.utf8.allSatisfy({
        $0 < 128
          && ($0 == 45 || $0 == 46 || $0 == 95 || Character(UnicodeScalar($0)).isLetter
            || Character(UnicodeScalar($0)).isNumber)
      })
    else {
      throw ValidationError("a kernel's name is made of letters, digits, - . and _, not \"\(kernelName)\"")
    }
    let environment = ProcessInfo.processInfo.environment
    let folder = prefix.map { $0 + "/share/jupyter/kernels" } ?? KernelSpec.userFolder(environment)
    var arguments = [KernelInstall.program, "kernel", "run", "{connection_file}"]
    if let file = global.warehouse {
      let place = URL(fileURLWithPath: file).standardizedFileURL.path
      guard FileManager.default.fileExists(atPath: place) else {
        throw ValidationError("there is no company file \(file)")
      }
      arguments += ["-w", place]
    }
    if let name = global.connection { arguments += ["--connection", name] }
    if let name = global.asOf { arguments += ["--as-of", name] }
    if global.demo { arguments.append("--demo") }
    for setting in global.use { arguments += ["--use", setting] }
    if let day = global.today { arguments += ["--today", day] }
    if global.readOnly { arguments.append("--read-only") }
    let title = kernelName == "erpq" ? "erpq" : "erpq (\(kernelName))"
    do {
      let place = try KernelSpec(arguments: arguments, title: title).install(name: kernelName, in: folder)
      sink.note("installed \(place); `jupyter lab` offers it as \(title)")
    } catch {
      sink.error(.init(.file, "the kernel could not be written below \(folder)"))
      throw ExitStatus(code: 4)
    }
  }

  /// This program's own path.
  private static var program: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL.path
  }
}

/// What Jupyter starts.
struct KernelRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Serve a front end of Jupyter; it starts this itself.")

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("The connection file that the front end wrote.", valueName: "file"))
  var connection: String

  mutating func run() throws {
    // Jupyter's own way to interrupt is a message; from a terminal it may be a signal, which must not end the kernel.
    signal(SIGINT) { _ in Cancellation.process.cancel() }
    signal(SIGTERM, SIG_DFL)
    let kernel: Kernel
    do {
      var options = try global.sessionOptions(isInteractive: true)
      options.outlivesAssertions = false
      let library = try GlobalOptions.standardLibrary()
      kernel = try Kernel(
        KernelConnection(path: connection), version: Version.text,
        makeSession: { Session(options, sink: $0, standardLibrary: library) },
        sources: { session in
          let completion = PromptCompletion(company: session.company, folder: options.folder, patience: 1000)
          completion.warmUp()
          return completion.sources
        })
    } catch let problem as KernelConnection.Problem {
      throw ValidationError(problem.message)
    }
    kernel.run()
  }
}
