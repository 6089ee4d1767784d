import ErpqBase
import ErpqEngine
import ErpqRendering
import ErpqSemantics
import Glibc

/// Asks someone at a terminal for the value of a param that a script needs.
public enum ParamQuestion {
  /// Whether someone sits there: keys come from a terminal, and questions can be seen on one.
  public static var canAsk: Bool {
    isatty(STDIN_FILENO) == 1 && (isatty(STDOUT_FILENO) == 1 || isatty(STDERR_FILENO) == 1)
  }

  /// The answer; Ctrl-D gives none, Ctrl-C ends the run.
  ///
  /// - Parameter problem: what was wrong with the answer before.
  public static func ask(_ param: Environment.ParamInfo, _ problem: String?, style: TerminalStyle)
    -> ParamAnswer
  {
    let words = text(param, problem)
    Output.error.write(words.above)
    let editor = makeEditor(
      hooks: EditorHooks(), options: EditorOptions(colour: style.color > .none))
    defer { editor.close() }
    while true {
      switch editor.readStatement(prompt: words.prompt) {
      case .interrupted: return .interrupted
      case .endOfInput: return .none
      case .text(let answer):
        let trimmed = answer.trimmingBlanks
        // An empty text is a value only where it is said so: with quotes.
        if trimmed.isEmpty { continue }
        return .text(param.type == .text ? unquoted(trimmed) : trimmed)
      }
    }
  }

  /// What stands above the line, and what the line begins with.
  static func text(_ param: Environment.ParamInfo, _ problem: String?) -> (above: String, prompt: String) {
    if let problem { return (problem + "\n", param.name + ": ") }
    let doc = param.doc.split(separator: "\n").joined(separator: " ")
    let type = param.type == .unknown ? "a value" : param.type.spoken
    let example = ParamReader.example(param.type)
    let kind = type + (example.isEmpty || example == type ? "" : ", such as \(example)")
    return ("\(param.name): " + (doc.isEmpty ? kind : "\(doc) (\(kind))") + "\n", param.name + ": ")
  }

  private static func unquoted(_ text: String) -> String {
    guard text.count >= 2, let first = text.first, first == text.last, first == "\"" || first == "'" else {
      return text
    }
    return String(text.dropFirst().dropLast())
  }
}
