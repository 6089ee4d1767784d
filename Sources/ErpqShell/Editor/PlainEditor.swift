import Glibc

/// Reads statements from a file, a pipe, or a terminal that cannot be drawn on.
///
/// Lines are joined until `isComplete` says that they are a statement. At the end of the input an unfinished
/// statement is handed over as it is, so that the error is the language's.
public final class PlainEditor: LineEditor {
  private var reader: LineReader
  private let isComplete: (String) -> Bool
  private let promptOutput: Int32?
  private let continuationPrompt: String
  private var isClosed = false
  /// The line of the input, from 1, on which the last statement began.
  public private(set) var statementLine = 1
  /// Nothing is remembered.
  public var history: [String] { [] }
  /// Whether prompts are written.
  public var isInteractive: Bool { promptOutput != nil }

  /// - Parameters:
  ///   - input: the descriptor to read.
  ///   - promptOutput: where prompts are written; nil for none.
  public init(
    hooks: EditorHooks, input: Int32 = STDIN_FILENO, promptOutput: Int32? = nil,
    continuationPrompt: String = ""
  ) {
    reader = LineReader(descriptor: input)
    isComplete = hooks.isComplete
    self.promptOutput = promptOutput
    self.continuationPrompt = continuationPrompt
  }

  /// The error number of a read that failed; the input ended there.
  public var readError: Int32? { reader.error }

  /// Joins lines until they are complete. A draft cannot be changed here; someone sees it, and it is taken as it is.
  public func readStatement(prompt: String, draft: String) -> LineInput {
    if isClosed { return .endOfInput }
    if isInteractive, draft.contains(where: { !$0.isWhitespace }) {
      show(prompt + draft + "\n")
      return .text(draft)
    }
    var text: String?
    while true {
      show(text == nil ? prompt : continuationPrompt)
      switch reader.next() {
      case .interrupted: return .interrupted
      case .end:
        // The prompt stands on a row that no one ended.
        if promptOutput != nil { show("\n") }
        return text.map { .text($0) } ?? .endOfInput
      case .line(let line):
        if let before = text {
          text = before + "\n" + line
        } else {
          text = line
          statementLine = reader.count
        }
        if let text, isComplete(text) {
          // Nobody sees a prompt between the lines: they are read as those of a script are.
          if promptOutput == nil, reader.continues(with: 0x7C) { continue }
          return .text(text)
        }
      }
    }
  }

  /// Does nothing.
  public func addHistory(_ statement: String) {}

  /// Ends reading; the descriptor stays open, since it is not this editor's own.
  public func close() { isClosed = true }

  private func show(_ prompt: String) {
    if let promptOutput, !prompt.isEmpty { writeAll(Array(prompt.utf8), to: promptOutput) }
  }
}
