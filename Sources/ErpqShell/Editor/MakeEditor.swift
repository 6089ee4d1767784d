import Glibc

/// Chooses the editor for the input: one that draws on a terminal, or one that reads lines.
///
/// A terminal that cannot be drawn on (`TERM` unset, empty or `dumb`), and an input that is no terminal, get a
/// `PlainEditor`, which writes prompts only to a terminal's user. When the output is redirected, the drawing goes to
/// the error output, if that is a terminal.
public func makeEditor(
  hooks: EditorHooks, options: EditorOptions, input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO
) -> any LineEditor {
  let screen = isatty(output) == 1 ? output : STDERR_FILENO
  let isInteractive = isatty(input) == 1 && isatty(screen) == 1
  let type = getenv("TERM").map { String(cString: $0) } ?? ""
  if isInteractive, !["", "dumb"].contains(type),
    let editor = LibeditEditor(hooks: hooks, options: options, input: input, output: screen)
  {
    return editor
  }
  return PlainEditor(
    hooks: hooks, input: input, promptOutput: isInteractive ? screen : nil,
    continuationPrompt: options.continuationPrompt)
}
