import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqSemantics
import ErpqShell
import ErpqTables
import Foundation

/// `erpq FILE --help`: what a script says of itself, and the params it takes.
enum ScriptHelp {
  static func show(_ paths: [String]) throws {
    let sink = TerminalSink(format: .table, environment: ProcessInfo.processInfo.environment)
    var pages: [String] = []
    for path in paths {
      let source = try ScriptFile.read(path, sink)
      var options = SessionOptions()
      options.company = .none
      let session = Session(options, sink: sink, standardLibrary: try GlobalOptions.standardLibrary())
      pages.append(page(source, session.parameters(of: source)))
    }
    Output.standard.write(pages.joined(separator: "\n"))
  }

  private static func page(_ source: SourceText, _ params: [Environment.ParamInfo]) -> String {
    var text = source.name + "\n"
    let about = opening(source.text)
    if !about.isEmpty { text += "\n" + about.map { $0.isEmpty ? "\n" : "  \($0)\n" }.joined() }
    guard !params.isEmpty else { return text + "\nIt takes no params.\n" }
    text += "\nParams, set with --set name=value or --params file.json:\n"
    let width = params.map(\.name.count).max() ?? 0
    for p in params {
      var facts = [p.type == .unknown ? "any" : p.type.description]
      if let value = p.defaultValue {
        facts.append("default " + (value.isNull ? "null" : literal(value)))
      } else {
        facts.append("must be given")
      }
      let doc = p.doc.split(separator: "\n").joined(separator: " ")
      text += "  " + p.name + String(repeating: " ", count: width - p.name.count + 2)
      text += (doc.isEmpty ? "" : doc + " ") + "(" + facts.joined(separator: ", ") + ")\n"
    }
    return text
  }

  private static func literal(_ value: Value) -> String {
    if case .text(let s) = value { return "\"\(s)\"" }
    if case .list(let items) = value { return "[" + items.map(literal).joined(separator: ", ") + "]" }
    return value.description
  }

  /// The comment that a script begins with, without its marks; the line that names the interpreter is none of it.
  private static func opening(_ text: String) -> [String] {
    var lines: [String] = []
    for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if i == 0, line.hasPrefix("#!") { continue }
      guard line.hasPrefix("#"), !line.hasPrefix("##") else { break }
      lines.append(String(line.dropFirst().drop { $0 == " " }))
    }
    return lines
  }
}
