import ErpqFiles
import Foundation

/// Where a case's standard streams are kept, in its folder.
private let (inName, outName, errName) = (".in", ".out", ".err")

/// Runs a case in a folder of its own, with an environment of its own.
struct TestRunner {
  func run(_ c: TestCase, folder: String) -> TestResult {
    let fm = FileManager.default
    var result = TestResult(out: "", err: "", code: -1, wrote: [:])
    guard let work = try? TemporaryPlace.folder(to: "run a case") else { return result }
    defer { try? fm.removeItem(atPath: work) }
    TestRunner.write(c, to: work)
    let here = URL(fileURLWithPath: folder.isEmpty ? "." : folder).path
    guard let code = TestRunner.call(c, in: work, here: here) else { return result }
    result.code = code
    func read(_ name: String) -> String {
      String(decoding: fm.contents(atPath: work + "/" + name) ?? Data(), as: UTF8.self)
        .replacing(work, with: "$WORK").replacing(here, with: "$HERE")
    }
    result.out = read(outName)
    result.err = read(errName)
    for (name, _) in c.wrote {
      result.wrote[name] = fm.contents(atPath: work + "/" + name).map { String(decoding: $0, as: UTF8.self) }
    }
    return result
  }

  /// Writes the program, its files and its input.
  private static func write(_ c: TestCase, to work: String) {
    let fm = FileManager.default
    for (name, text) in c.files {
      let path = work + "/" + name
      try? fm.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      _ = fm.createFile(atPath: path, contents: bytes(text))
    }
    _ = fm.createFile(atPath: work + "/case.erpq", contents: bytes(c.program))
    _ = fm.createFile(atPath: work + "/" + inName, contents: bytes(c.input ?? ""))
    _ = fm.createFile(atPath: work + "/" + outName, contents: nil)
    _ = fm.createFile(atPath: work + "/" + errName, contents: nil)
  }

  /// Makes the calls one after the other; the last one's exit code, or nil when one cannot be started.
  private static func call(_ c: TestCase, in work: String, here: String) -> Int32? {
    guard let out = FileHandle(forWritingAtPath: work + "/" + outName),
      let err = FileHandle(forWritingAtPath: work + "/" + errName)
    else { return nil }
    var code: Int32 = -1
    for line in c.runs.isEmpty ? ["run $CASE"] : c.runs {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments = words(line).map {
        $0 == "$CASE" ? "case.erpq" : $0.replacing("$HERE", with: here)
      }
      process.currentDirectoryURL = URL(fileURLWithPath: work)
      process.environment = environment(home: work)
      process.standardInput = FileHandle(forReadingAtPath: work + "/" + inName)
      process.standardOutput = out
      process.standardError = err
      do { try process.run() } catch { return nil }
      process.waitUntilExit()
      code =
        process.terminationReason == .uncaughtSignal
        ? 128 + process.terminationStatus : process.terminationStatus
      // The next call goes on where this one has stopped.
      _ = try? out.seekToEnd()
      _ = try? err.seekToEnd()
    }
    return code
  }

  private static func environment(home: String) -> [String: String] {
    let data =
      ProcessInfo.processInfo.environment["ERPQ_TEST_DATA"] ?? NSTemporaryDirectory() + "/erpq-test-data"
    return [
      "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Auckland", "HOME": home, "TERM": "dumb",
      // Where demo companies are made; tests of tests share them.
      "XDG_DATA_HOME": data, "ERPQ_TEST_DATA": data, "SWIFT_BACKTRACE": "enable=no",
    ]
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

  /// A text with `\xNN` for bytes that a text file cannot hold; a text without keeps its backslashes.
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
