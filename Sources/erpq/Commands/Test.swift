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

/// What a run printed.
struct TestResult {
  var out: String
  var err: String
  var code: Int32
  var wrote: [String: String?]
}

/// One case of a file.
struct TestCase {
  var title: String
  /// How erpq is called, one call after the other.
  var runs: [String] = []
  var input: String?
  var program: String
  var files: [(name: String, text: String)] = []
  var out: String?
  var err: String?
  var code: Int32 = 0
  var wrote: [(name: String, text: String)] = []

  /// What is not as expected, or nil.
  func difference(from r: TestResult) -> String? {
    var parts: [String] = []
    if r.code != code { parts.append("  exit code \(r.code), expected \(code)") }
    if let out, !TestMatch.matches(r.out, out) { parts.append(TestMatch.show("standard output", r.out, out)) }
    if let err, !TestMatch.matches(r.err, err) { parts.append(TestMatch.show("standard error", r.err, err)) }
    if err == nil, r.code != code { parts.append(TestMatch.show("standard error", r.err, "")) }
    for (name, text) in wrote {
      let found = r.wrote[name] ?? nil
      if found == nil {
        parts.append("  \(name) was not written")
      } else if let found, !TestMatch.matches(found, text) {
        parts.append(TestMatch.show(name, found, text))
      }
    }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  /// Takes what was printed as what is expected from now on. What matched stays as it is written, and lines that
  /// hold `…` keep it where they still match.
  mutating func accept(_ r: TestResult) {
    code = r.code
    if let old = out ?? (r.out.isEmpty ? nil : "") { out = TestMatch.updated(old, r.out) }
    if let old = err { err = TestMatch.updated(old, r.err) }
    for i in wrote.indices {
      if let text = r.wrote[wrote[i].name] ?? nil { wrote[i].text = TestMatch.updated(wrote[i].text, text) }
    }
  }
}

/// Expected text with `…` for anything.
enum TestMatch {
  static func matches(_ found: String, _ expected: String) -> Bool {
    let a = lines(found)
    let b = lines(expected)
    return match(a[...], b[...])
  }

  /// The new text, with the patterns of the old one kept.
  static func updated(_ old: String, _ new: String) -> String {
    if matches(new, old) { return old }
    let patterns = lines(old).filter { $0.contains("…") && $0 != "…" }
    let kept = lines(new).map { line in
      patterns.first { $0.hasPrefix("…") == false && matchLine(line, $0) } ?? line
    }
    return kept.map { $0 + "\n" }.joined()
  }

  static func lines(_ text: String) -> [String] {
    var l = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      var s = Substring(line)
      while s.last == " " || s.last == "\r" { s = s.dropLast() }
      return String(s)
    }
    while l.last == "" { l.removeLast() }
    return l
  }

  private static func match(_ a: ArraySlice<String>, _ b: ArraySlice<String>) -> Bool {
    var a = a
    var b = b
    while let want = b.first {
      if want == "…" {
        let rest = b.dropFirst()
        if rest.isEmpty { return true }
        for start in a.startIndex...a.endIndex where match(a[start...], rest) { return true }
        return false
      }
      guard let have = a.first, matchLine(have, want) else { return false }
      a = a.dropFirst()
      b = b.dropFirst()
    }
    return a.isEmpty
  }

  private static func matchLine(_ have: String, _ want: String) -> Bool {
    if have == want { return true }
    guard want.contains("…"), want != "…" else { return false }
    let parts = want.components(separatedBy: "…")
    var rest = Substring(have)
    for (i, part) in parts.enumerated() {
      if i == 0 {
        guard rest.hasPrefix(part) else { return false }
        rest = rest.dropFirst(part.count)
      } else if i == parts.count - 1 {
        return rest.hasSuffix(part)
      } else {
        guard let r = rest.range(of: part) else { return false }
        rest = rest[r.upperBound...]
      }
    }
    return rest.isEmpty
  }

  static func show(_ what: String, _ found: String, _ expected: String) -> String {
    let a = lines(found)
    let b = lines(expected)
    var out = "  \(what) is not as expected:\n"
    let first =
      (0..<max(a.count, b.count)).first { i in i >= a.count || i >= b.count || !matchLine(a[i], b[i]) } ?? 0
    for line in b.dropFirst(max(0, first - 2)).prefix(12) { out += "    - \(line)\n" }
    for line in a.dropFirst(max(0, first - 2)).prefix(12) { out += "    + \(line)\n" }
    return out
  }
}

/// A `.erpt` file: cases with their sections, kept so that an update changes only what must change.
struct TestFile {
  let path: String
  var header: String
  var cases: [TestCase]

  static func find(_ path: String) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return [] }
    if !isFolder.boolValue { return path.hasSuffix(".erpt") ? [path] : [] }
    let all = FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []
    return all.filter { $0.hasSuffix(".erpt") }.map { path + "/" + $0 }
  }

  init(path: String) throws {
    self.path = path
    guard let data = FileManager.default.contents(atPath: path) else {
      Output.error.write("error: \(path) cannot be read\n")
      throw ExitStatus(code: 2)
    }
    header = ""
    cases = []
    var section = "program"
    var argument = ""
    var body: [String] = []
    var current: TestCase?
    func text() -> String { body.isEmpty ? "" : body.joined(separator: "\n") + "\n" }
    func close() {
      guard current != nil else {
        header = text()
        body = []
        return
      }
      // A blank line before the next section belongs to nobody.
      while body.last == "" { body.removeLast() }
      switch section {
      case "run", "program":
        if section == "run" { current?.runs.append(argument) }
        current?.program += text()
      case "file": current?.files.append((argument, text()))
      case "in": current?.input = text()
      case "out": current?.out = text()
      case "err": current?.err = text()
      case "exit": current?.code = Int32(argument) ?? 0
      case "wrote": current?.wrote.append((argument, text()))
      default: break
      }
      body = []
    }
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    {
      if line.hasPrefix("=== ") {
        close()
        if let current { cases.append(current) }
        current = TestCase(title: String(line.dropFirst(4)), program: "")
        section = "program"
      } else if line.hasPrefix("--- "), current != nil {
        close()
        let words = line.dropFirst(4).split(separator: " ", maxSplits: 1).map(String.init)
        section = words.first ?? ""
        argument = words.count > 1 ? words[1] : ""
      } else {
        body.append(String(line))
      }
    }
    close()
    if let current { cases.append(current) }
  }

  func save() throws {
    var text = header
    for c in cases {
      text += "=== \(c.title)\n"
      if let first = c.runs.first { text += first.isEmpty ? "--- run\n" : "--- run \(first)\n" }
      text += c.program
      for run in c.runs.dropFirst() { text += "--- run \(run)\n" }
      for (name, body) in c.files { text += "--- file \(name)\n" + body }
      if let input = c.input { text += "--- in\n" + input }
      if let out = c.out { text += "--- out\n" + TestMatch.lines(out).map { $0 + "\n" }.joined() }
      if let err = c.err { text += "--- err\n" + TestMatch.lines(err).map { $0 + "\n" }.joined() }
      if c.code != 0 { text += "--- exit \(c.code)\n" }
      for (name, body) in c.wrote { text += "--- wrote \(name)\n" + body }
      text += "\n"
    }
    while text.hasSuffix("\n\n") { text.removeLast() }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}

/// Runs a case in a folder of its own, with an environment of its own.
struct TestRunner {
  func run(_ c: TestCase, folder: String) -> TestResult {
    let fm = FileManager.default
    let base = NSTemporaryDirectory()
    let work = (base.hasSuffix("/") ? base : base + "/") + "erpq-test-\(UUID().uuidString)"
    var result = TestResult(out: "", err: "", code: -1, wrote: [:])
    guard (try? fm.createDirectory(atPath: work, withIntermediateDirectories: true)) != nil else {
      return result
    }
    defer { try? fm.removeItem(atPath: work) }
    for (name, text) in c.files {
      let path = work + "/" + name
      try? fm.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      // `\xFF` and `\0` make bytes that a text file cannot hold.
      _ = fm.createFile(atPath: path, contents: TestRunner.bytes(text))
    }
    _ = fm.createFile(atPath: work + "/case.erpq", contents: TestRunner.bytes(c.program))
    let here = URL(fileURLWithPath: folder.isEmpty ? "." : folder).path
    var environment = [
      "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Auckland", "HOME": work, "TERM": "dumb",
    ]
    environment["XDG_DATA_HOME"] =
      ProcessInfo.processInfo.environment["ERPQ_TEST_DATA"] ?? NSTemporaryDirectory() + "/erpq-test-data"
    environment["SWIFT_BACKTRACE"] = "enable=no"
    let (inPath, outPath, errPath) = (work + "/.in", work + "/.out", work + "/.err")
    _ = fm.createFile(atPath: inPath, contents: TestRunner.bytes(c.input ?? ""))
    _ = fm.createFile(atPath: outPath, contents: nil)
    _ = fm.createFile(atPath: errPath, contents: nil)
    guard let out = FileHandle(forWritingAtPath: outPath), let err = FileHandle(forWritingAtPath: errPath)
    else { return result }
    for line in c.runs.isEmpty ? ["run $CASE"] : c.runs {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments = TestRunner.words(line).map {
        $0 == "$CASE" ? "case.erpq" : $0.replacing("$HERE", with: here)
      }
      process.currentDirectoryURL = URL(fileURLWithPath: work)
      process.environment = environment
      process.standardInput = FileHandle(forReadingAtPath: inPath)
      process.standardOutput = out
      process.standardError = err
      do { try process.run() } catch { return result }
      process.waitUntilExit()
      result.code =
        process.terminationReason == .uncaughtSignal
        ? 128 + process.terminationStatus : process.terminationStatus
      // The next call goes on where this one has stopped.
      _ = try? out.seekToEnd()
      _ = try? err.seekToEnd()
    }
    func read(_ path: String) -> String {
      String(decoding: fm.contents(atPath: path) ?? Data(), as: UTF8.self).replacing(work, with: "$WORK")
        .replacing(here, with: "$HERE")
    }
    result.out = read(outPath)
    result.err = read(errPath)
    for (name, _) in c.wrote {
      result.wrote[name] = fm.contents(atPath: work + "/" + name).map { String(decoding: $0, as: UTF8.self) }
    }
    return result
  }

  private static func words(_ line: String) -> [String] {
    var out: [String] = []
    var current = ""
    var quote: Character?
    var any = false
    for c in line {
      if let q = quote {
        if c == q { quote = nil } else { current.append(c) }
      } else if c == "'" || c == "\"" {
        quote = c
        any = true
      } else if c == " " {
        if !current.isEmpty || any { out.append(current) }
        current = ""
        any = false
      } else {
        current.append(c)
      }
    }
    if !current.isEmpty || any { out.append(current) }
    return out
  }

  /// A text with `\xNN` for bytes; a text without keeps its backslashes.
  private static func bytes(_ text: String) -> Data {
    let u = Array(text.utf8)
    var out = Data()
    var i = 0
    while i < u.count {
      if u[i] == 92, i + 3 < u.count, u[i + 1] == 120,
        let byte = UInt8(String(decoding: u[(i + 2)...(i + 3)], as: UTF8.self), radix: 16)
      {
        out.append(byte)
        i += 4
      } else {
        out.append(u[i])
        i += 1
      }
    }
    return out
  }
}
