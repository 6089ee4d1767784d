import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqFiles
import ErpqRendering
import ErpqTables
import Foundation

/// A line at the prompt that begins with `:`: what the prompt does beyond the language.
struct Directive {
  /// How it is written, for `:help`.
  let usage: String
  /// What it does, for `:help`.
  let summary: String

  /// All of them, in the order of `:help`.
  static let all = [
    Directive(usage: ":last", summary: "the last result, all of its rows"),
    Directive(usage: ":rows", summary: "the last result, a block for each row with all its columns"),
    Directive(usage: ":open", summary: "the last plot in the browser"),
    Directive(usage: ":copy FORMAT", summary: "the last result into the clipboard as csv, md or json"),
    Directive(usage: ":edit", summary: "the last statement in $EDITOR"),
    Directive(usage: ":save FILE", summary: "what worked as a script; with `last 5`, the last five"),
    Directive(usage: ":record FILE", summary: "record from here on, to replay it; :stop ends it"),
    Directive(usage: ":stop", summary: "end the recording and write it"),
    Directive(usage: ":time", summary: "show how long statements take; again: no longer"),
    Directive(usage: ":!COMMAND", summary: "run a command of the shell"),
    Directive(usage: ":quit", summary: "leave (or Ctrl-D)"),
  ]

  /// The words that can follow `:`.
  static var names: [String] {
    all.map { String($0.usage.dropFirst().prefix { $0.isLetter }) }.filter { !$0.isEmpty } + ["help"]
  }

  /// What someone means who comes from another shell, as a line that begins with `:`; nil for a statement.
  static func known(_ line: String) -> String? {
    switch line {
    case "exit", "quit", "exit()", "quit()", "exit;", "quit;", "\\q", ".exit", ".quit", ".q": return ":quit"
    case "?", "\\?", "\\h", ".help", ".h": return ":help"
    case "\\e": return ":edit"
    case "\\x", ".mode line": return ":rows"
    case "\\timing", ".timer on", ".timer off", ".timer": return ":time"
    case "clear", "cls": return ":clear"
    default: break
    }
    guard let first = line.first, first == "\\" || first == ".", line.dropFirst().first?.isLetter == true
    else {
      return nil
    }
    let word = line.dropFirst().prefix { $0.isLetter }
    return ["d", "dt", "dv", "l", "tables", "schema", "databases"].contains(String(word))
      ? ":sources" : ":other"
  }

  /// The words of a line behind its `:`; blanks within quotes belong to a word, as in the name of a file.
  static func words(_ line: some StringProtocol) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for c in line {
      if let open = quote {
        if c == open { quote = nil } else { word?.append(c) }
      } else if c == "\"" || c == "'" {
        quote = c
        word = word ?? ""
      } else if c == " " || c == "\t" {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(c)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }

  /// What fits at a place of a line that begins with `:`: the directives, their words, and files where one is named.
  static func complete(_ text: String, at cursor: Int, files: (String) -> [String]) -> CompletionList {
    let bytes = Array(text.utf8)
    let before = String(decoding: bytes[..<min(cursor, bytes.count)], as: UTF8.self)
    guard before.contains(" ") else {
      let items = all.compactMap { directive -> CompletionItem? in
        let name = ":" + directive.usage.dropFirst().prefix { $0.isLetter }
        guard name.count > 1, name.hasPrefix(before) else { return nil }
        var item = CompletionItem(name, kind: .command, detail: directive.summary)
        item.appendsSpace = directive.usage.contains(" ")
        return item
      }
      return CompletionList(replaceRange: 0..<cursor, items: items)
    }
    let isOpen = before.count { $0 == "\"" } % 2 == 1
    let start =
      isOpen ? before.lastIndex(of: "\"") : before.lastIndex(of: " ").map { before.index(after: $0) }
    let typed = String(before[(start ?? before.endIndex)...])
    let given = words(before.dropLast(typed.count))
    let range = (cursor - typed.utf8.count)..<cursor
    switch given.first ?? "" {
    case ":copy" where given.count == 1:
      let items = ["csv", "md", "json"].filter { $0.hasPrefix(typed) }.map {
        CompletionItem($0, kind: .value)
      }
      return CompletionList(replaceRange: range, items: items)
    case ":save" where given.count == 2 && "last".hasPrefix(typed):
      return CompletionList(
        replaceRange: range,
        items: [CompletionItem("last", kind: .keyword, detail: "only so many statements, such as `last 10`")])
    case ":save" where given.count == 1, ":record" where given.count == 1:
      let items = files(isOpen ? String(typed.dropFirst()) : typed).map { file in
        CompletionItem(
          isOpen || file.contains(" ") ? "\"\(file)" + (file.hasSuffix("/") ? "" : "\"") : file, kind: .file)
      }
      return CompletionList(replaceRange: range, items: items)
    default: return .none(at: cursor)
    }
  }

  /// The page of `:help`.
  static var page: String {
    let width = (all.map(\.usage.count).max() ?? 0) + 2
    let lines = all.map { $0.usage + String(repeating: " ", count: width - $0.usage.count) + $0.summary }
    return lines.joined(separator: "\n") + """


      help          the language
      Tab           what fits here; → takes the grey suggestion, or an error's fix
      Ctrl-R        search all that was typed; ↑ goes through it
      Alt-Enter     another line (on an empty one: take the suggestion)
      Ctrl-C        drop the line; stop what runs, twice: at once


      """
  }
}

extension Repl {
  /// Carries out a line that begins with `:`; true to leave.
  func directive(_ line: String) -> Bool {
    if line.hasPrefix(":!") {
      shell(String(line.dropFirst(2)).trimmingBlanks)
      return false
    }
    let words = Directive.words(line.dropFirst())
    let rest = Array(words.dropFirst())
    switch words.first ?? "" {
    case "q", "quit", "exit": return true
    case "last": withLastResult { sink.whole($0) }
    case "rows": withLastResult { sink.blocks($0) }
    case "h", "help", "?":
      sink.text(Directive.page)
      sink.beginStatement()
    case "time":
      showsTime.toggle()
      sink.note(showsTime ? "times are shown" : "times are no longer shown")
    case "open": openPicture()
    case "copy": copy(rest.first ?? "csv")
    case "edit": edit()
    case "save": save(rest)
    case "record": record(rest)
    case "stop": stopRecording()
    case "clear": out.write("\u{1B}[H\u{1B}[2J")
    case "sources": sink.note("`help commands` lists the sources, `describe sales` the columns of one")
    case "other": sink.note("what the prompt itself does begins with `:`; `:help` lists it")
    default:
      let near = nearest(to: words.first ?? "", among: Directive.names)
      sink.note(
        "there is no `:\(words.first ?? "")`"
          + (near.first.map { "; did you mean `:\($0)`?" } ?? "; `:help` lists what there is"))
    }
    return false
  }

  private func withLastResult(_ body: (Table) -> Void) {
    if let table = session.lastResult { body(table) } else { sink.note("there is no last result yet") }
  }

  private func shell(_ command: String) {
    guard !command.isEmpty else {
      sink.note("`:!COMMAND` runs a command of the shell, such as `:!ls`")
      return
    }
    let code = ChildProcess.run(command)
    if let code, code != 0 { sink.note("exit code \(code)") }
    if code == nil { sink.note("the shell could not be started") }
  }

  // MARK: Pictures and the clipboard

  private func openPicture() {
    guard let (table, spec) = prompt.picture else {
      sink.note("there is no plot yet; `… | plot` draws one")
      return
    }
    let path: String
    do {
      let svg = try renderSVG(table, spec)
      path = try temporaryFile("plot.svg", svg)
    } catch let error as PlotError {
      sink.note("the plot could not be drawn: " + error.message)
      return
    } catch {
      sink.note("the plot could not be written to a temporary file")
      return
    }
    // A browser in the background outlives this command.
    let browser = sink.environment["BROWSER"].flatMap { $0.isEmpty ? nil : $0 }
    let hasScreen =
      browser != nil || ["DISPLAY", "WAYLAND_DISPLAY"].contains { !(sink.environment[$0] ?? "").isEmpty }
    if hasScreen,
      let program = [browser, "xdg-open", "open"].compactMap({ $0 }).first(where: ChildProcess.exists),
      ChildProcess.run("\"$1\" \"$2\" </dev/null &", [program, path], input: "", quiet: true) == 0
    {
      sink.note("opened \(path)")
    } else {
      sink.note("no browser was found; the plot is \(path)")
    }
  }

  private func temporaryFile(_ name: String, _ text: String) throws -> String {
    let folder = try TemporaryPlace.folder(to: "write \(name)")
    temporaryFolders.append(folder)
    let path = folder + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func copy(_ format: String) {
    withLastResult { table in
      var bytes: [UInt8] = []
      let take: ByteSink = { bytes.append(contentsOf: $0) }
      do {
        switch format {
        case "csv": try TableWriter.csv(table, to: take)
        case "md":
          try TableWriter.markdown(
            table, columns: TableRenderer.documentColumns(table), width: { displayWidth($0) }, to: take)
        case "json": try TableWriter.json(table, to: take)
        default:
          sink.note("`:copy` takes csv, md or json")
          return
        }
      } catch {
        sink.note("the result could not be written as \(format)")
        return
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let what = "\(counted(table.rowCount, "row")) as \(format)"
      if let tool = clipboardTool(), ChildProcess.run(tool, input: text, quiet: true) == 0 {
        sink.note("copied \(what)")
      } else if out.isTerminal, !["", "dumb"].contains(sink.environment["TERM"] ?? "") {
        // The terminal itself keeps the clipboard (OSC 52); many take no more than this.
        guard bytes.count <= 74_000 else {
          sink.note("\(what) is too much for the terminal's clipboard; `| export csv \"FILE\"` writes a file")
          return
        }
        out.write("\u{1B}]52;c;" + Data(bytes).base64EncodedString() + "\u{7}")
        sink.note("copied \(what), where the terminal allows it")
      } else {
        sink.note("there is no clipboard; `| export csv \"FILE\"` writes a file")
      }
    }
  }

  private func clipboardTool() -> String? {
    func has(_ name: String) -> Bool { !(sink.environment[name] ?? "").isEmpty }
    if has("WAYLAND_DISPLAY"), ChildProcess.exists("wl-copy") { return "wl-copy" }
    if has("DISPLAY"), ChildProcess.exists("xclip") { return "xclip -selection clipboard" }
    if has("DISPLAY"), ChildProcess.exists("xsel") { return "xsel --clipboard --input" }
    return ChildProcess.exists("pbcopy") ? "pbcopy" : nil
  }

  // MARK: The editor

  private func edit() {
    let names = ["VISUAL", "EDITOR"].compactMap { sink.environment[$0] }.filter { !$0.isEmpty }
    guard let path = try? temporaryFile("statement.erpq", (log.last?.text ?? "") + "\n") else {
      sink.note("no temporary file could be written")
      return
    }
    defer { unlink(path) }
    guard let code = ChildProcess.run((names.first ?? "vi") + " \"$1\"", [path]), code == 0,
      let data = FileManager.default.contents(atPath: path)
    else {
      sink.note("the editor \(names.first ?? "vi") ended with an error; nothing was taken over")
      return
    }
    var text = String(decoding: data, as: UTF8.self)
    while text.hasSuffix("\n") { text.removeLast() }
    draft = text
  }

  // MARK: Saving and recording

  private func save(_ words: [String]) {
    var words = words
    var entries = log.filter { $0.outcome == .ok }.map(\.text)
    if words.suffix(2) == ["failed", "excluded"] { words.removeLast(2) }
    if words.count == 3, words[1] == "last", let n = Int(words[2]), n > 0 {
      entries = Array(entries.suffix(n))
      words.removeLast(2)
    }
    guard words.count == 1, let path = words.first else {
      sink.note("`:save FILE` writes what worked as a script; `:save FILE last 10` the last ten statements")
      return
    }
    var script = SavedScript(entries)
    guard !script.isEmpty else {
      sink.note("nothing has worked yet that could be saved")
      return
    }
    let heading = "Saved from the prompt" + (company.isEmpty ? "." : ", on \(company).")
    var text = script.text(heading: heading)
    // A param may not fit where its value did.
    if script.hasParams, !problems(text, path).isEmpty {
      script = SavedScript(entries, findsParams: false)
      text = script.text(heading: heading)
    }
    do {
      let bytes = Array(text.utf8)
      let written = try session.files.write(path) { sink in try bytes.withUnsafeBytes { try sink($0) } }
      sink.note("saved \(session.files.shown(written)); `erpq run \(path)` runs it")
    } catch {
      sink.error(error)
      return
    }
    for problem in problems(text, path).prefix(3) { sink.warn(problem) }
  }

  /// What a script of its own would say about a text.
  private func problems(_ text: String, _ name: String) -> [Diagnostic] {
    var options = session.options
    options.isInteractive = false
    let fresh = Session(options, sink: SilentSink(), standardLibrary: standardLibrary)
    return fresh.check(SourceText(text, name: name)).diagnostics.filter { $0.severity == .error }
  }

  private func record(_ words: [String]) {
    guard words.count == 1, let path = words.first else {
      sink.note("`:record FILE` records from here on, such as `:record weekly.erps`")
      return
    }
    guard recorder == nil else {
      sink.note("a recording is under way; `:stop` ends it")
      return
    }
    // Told now rather than when the work is done.
    do { _ = try session.files.target(path) } catch {
      sink.error(error)
      return
    }
    recordingPath = path
    recorder = Recorder(session, sink: recording, version: version, prelude: prelude())
    sink.note("recording; `:stop` writes \(path)")
  }

  /// What later statements may need of earlier ones: declarations, saved tables, and what led to the last result.
  private func prelude() -> [(source: SourceText, answers: [String: String])] {
    let worked = log.filter { $0.outcome == .ok }
    let lastChain = worked.lastIndex { !$0.text.trimmingBlanks.hasPrefix("|") } ?? 0
    let words = ["let", "param", "def", "metric", "scenario", "import", "use"]
    return worked.enumerated().filter { i, entry in
      let first = entry.text.trimmingBlanks.prefix { $0.isLetter }
      return words.contains(String(first)) || entry.text.contains("save as")
        || (i >= lastChain && !entry.text.contains("export") && !entry.text.contains("tee "))
    }.map { (SourceText($0.element.text, name: "prompt"), $0.element.answers) }
  }

  /// Writes what was recorded, if something was.
  func stopRecording() {
    guard let recorder else {
      sink.note("nothing is being recorded; `:record FILE` begins")
      return
    }
    self.recorder = nil
    let count = recorder.count
    let bytes = Array(recorder.finish().text.utf8)
    do {
      _ = try session.files.write(recordingPath) { sink in try bytes.withUnsafeBytes { try sink($0) } }
      sink.note("recorded \(counted(count, "statement")); `erpq replay \(recordingPath)` runs it again")
    } catch {
      sink.error(error)
    }
  }
}
