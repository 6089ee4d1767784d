import CEditline
import Glibc

/// The editor's own functions, by the names under which `~/.editrc` can bind them too, and their keys.
enum KeyBindings {
  private struct Function {
    let name: String
    let help: String
    let run: erpq_el_function
    /// Keys in both of vi's maps and in emacs's.
    let keys: [String]
    /// Further keys in vi's command mode.
    var command: [String] = []
    /// Further keys of emacs.
    var emacs: [String] = []
  }

  private static var functions: [Function] {
    [
      Function(name: "erpq-enter", help: "Run, or begin another line", run: enter, keys: ["^M", "^J"]),
      Function(
        name: "erpq-newline", help: "Begin another line", run: newline, keys: [FunctionKey.newline.binding]),
      Function(name: "erpq-interrupt", help: "Drop what was typed", run: interrupt, keys: ["^C"]),
      Function(name: "erpq-end", help: "End, or delete the next character", run: endOrDelete, keys: ["^D"]),
      Function(name: "erpq-clear", help: "Clear the screen", run: clear, keys: ["^L"]),
      Function(name: "erpq-suspend", help: "Stop the program for now", run: suspend, keys: ["^Z"]),
      Function(name: "erpq-complete", help: "Complete the word", run: complete, keys: ["^I"]),
      Function(
        name: "erpq-list", help: "List the completions", run: list, keys: [FunctionKey.backTab.binding]),
      Function(
        name: "erpq-up", help: "The line above, or an earlier statement that begins so", run: up,
        keys: [FunctionKey.up.binding]),
      Function(
        name: "erpq-down", help: "The line below, or a later statement", run: down,
        keys: [FunctionKey.down.binding]),
      Function(
        name: "erpq-previous", help: "An earlier statement", run: previous, keys: ["^P"], command: ["k", "-"]),
      Function(
        name: "erpq-next", help: "A later statement", run: next, keys: ["^N"], command: ["j", "+"]),
      Function(
        name: "erpq-line-begin", help: "To the line's begin", run: lineBegin,
        keys: [FunctionKey.home.binding], emacs: ["^A"]),
      Function(
        name: "erpq-line-end", help: "To the line's end", run: lineEnd,
        keys: [FunctionKey.end.binding], emacs: ["^E"]),
      Function(
        name: "erpq-right", help: "Right, or take the hint", run: right,
        keys: [FunctionKey.right.binding], emacs: ["^F"]),
      Function(
        name: "erpq-delete", help: "Delete the character at the cursor", run: delete,
        keys: [FunctionKey.delete.binding]),
      Function(name: "erpq-paste", help: "Insert a paste", run: paste, keys: [FunctionKey.paste.binding]),
      Function(
        name: "erpq-search", help: "Search earlier statements", run: search, keys: ["^R"],
        command: ["/", "?"]),
    ]
  }

  /// Keys for functions that libedit has.
  private static let builtIn: [(FunctionKey, String)] = [
    (.left, "ed-prev-char"), (.wordLeft, "ed-prev-word"), (.wordRight, "em-next-word"),
    (.deleteWord, "em-delete-next-word"), (.first, "ed-move-to-beg"), (.last, "ed-move-to-end"),
  ]

  /// Makes the functions known by their names.
  static func define(_ line: OpaquePointer) {
    for function in functions { erpq_el_define(line, function.name, function.help, function.run) }
  }

  /// Binds them in the key map that was chosen.
  static func bind(_ line: OpaquePointer, vi: Bool) {
    for function in functions {
      for key in function.keys + (vi ? [] : function.emacs) { erpq_el_bind(line, key, function.name) }
      if vi {
        for key in function.keys + function.command { erpq_el_bind_alternative(line, key, function.name) }
      }
    }
    for (key, name) in builtIn {
      erpq_el_bind(line, key.binding, name)
      if vi { erpq_el_bind_alternative(line, key.binding, name) }
    }
    // libedit's own commands have nothing to do here, and an empty one makes it read what is not there.
    if vi {
      erpq_el_bind_alternative(line, ":", "ed-unassigned")
      erpq_el_bind_alternative(line, FunctionKey.right.binding, "ed-next-char")
    } else {
      for key in ["^[x", "^[X", "\\370", "\\330"] { erpq_el_bind(line, key, "ed-unassigned") }
    }
  }
}

// MARK: - What the keys do. Each is called by libedit, within `readStatement`.

private let refresh = UInt8(CC_REFRESH)
private let done = UInt8(CC_NEWLINE)
private let failed = UInt8(CC_ERROR)

/// Real spaces, so that what is copied from the screen is what was typed.
private let indentation = "  "

private func enter(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  guard let editor = editor(of: line) else { return failed }
  let text = LibeditEditor.string(editor.buffer.text)
  let isBlank = text.allSatisfy { $0.isWhitespace }
  if isBlank || editor.hooks.isComplete(text) {
    editor.outcome = .text(text)
    editor.finish()
    return done
  }
  editor.insert("\n" + indentation)
  return refresh
}

private func newline(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  // On an empty line it takes what is proposed, such as an error's fix.
  if let editor = editor(of: line), editor.buffer.text.isEmpty, let proposed = editor.hooks.hint("") {
    editor.insert(proposed)
    return refresh
  }
  editor(of: line)?.insert("\n" + indentation)
  return refresh
}

private func interrupt(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  guard let editor = editor(of: line) else { return failed }
  editor.outcome = .interrupted
  editor.finish(mark: "^C")
  return done
}

private func endOrDelete(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  guard let editor = editor(of: line) else { return failed }
  if !editor.buffer.text.isEmpty { return delete(line, key) }
  editor.outcome = .endOfInput
  editor.finish()
  return UInt8(CC_EOF)
}

private func delete(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  guard let editor = editor(of: line) else { return failed }
  var (text, cursor) = editor.buffer
  if cursor >= text.count { return failed }
  text.remove(at: cursor)
  // Marks go with the letter that they stand on.
  while cursor < text.count, text[cursor] != "\n", CharacterWidth.columns(text[cursor]) == 0 {
    text.remove(at: cursor)
  }
  editor.set(text, cursor: cursor)
  return refresh
}

private func clear(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  editor(of: line)?.painter.clearScreen()
  return refresh
}

private func suspend(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  guard let line, let editor = editor(of: line) else { return failed }
  editor.finish()
  erpq_el_set_raw(line, 0)
  // To the whole group, as the terminal itself would: a pipeline stops together.
  kill(0, SIGTSTP)
  erpq_el_set_raw(line, 1)
  _ = editor.painter.updateSize()
  return refresh
}

private func paste(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  guard let editor = editor(of: line) else { return failed }
  editor.insert(editor.pasted)
  editor.pasted = ""
  return refresh
}

private func up(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  guard let editor = editor(of: line) else { return failed }
  return editor.goUp() ? refresh : failed
}

private func down(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  guard let editor = editor(of: line) else { return failed }
  return editor.goDown() ? refresh : failed
}

private func previous(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  editor(of: line)?.recallOlder(byPrefix: false) == true ? refresh : failed
}

private func next(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  editor(of: line)?.recallNewer() == true ? refresh : failed
}

private func lineBegin(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  guard let line, let editor = editor(of: line) else { return failed }
  let (text, cursor) = editor.buffer
  el_cursor(line, Int32(clamping: TextLines.begin(text, cursor) - cursor))
  return refresh
}

private func lineEnd(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  guard let line, let editor = editor(of: line) else { return failed }
  let (text, cursor) = editor.buffer
  if cursor == text.count { return right(line, key) }
  el_cursor(line, Int32(clamping: TextLines.end(text, cursor) - cursor))
  return refresh
}

private func right(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  guard let line, let editor = editor(of: line) else { return failed }
  let (text, cursor) = editor.buffer
  if cursor < text.count {
    el_cursor(line, 1)
    return refresh
  }
  guard let hint = editor.hintOnScreen(behind: text) else { return failed }
  // Behind nothing the hint is a whole statement; behind a text, what is seen of it is taken.
  editor.insert(text.isEmpty ? hint : String(hint.prefix { !$0.isNewline }))
  return refresh
}

private func complete(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  editor(of: line)?.completeWord(listing: false)
  return refresh
}

private func list(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  editor(of: line)?.completeWord(listing: true)
  return refresh
}

private func search(_ line: OpaquePointer?, _ key: Int32) -> UInt8 {
  editor(of: line)?.searchHistory()
  return refresh
}
