import ErpqShell
import Foundation

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
