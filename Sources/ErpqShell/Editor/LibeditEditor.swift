import CEditline
import Glibc

/// The editor for a terminal: libedit's key maps and text, drawn here.
///
/// libedit knows emacs and vi keys and the user's `~/.editrc`, but its drawing has one line in mind: no colour, no
/// prompt on further lines, no list below, and a text higher than the screen confuses it. So it draws into nothing,
/// and whenever it asks for a key, `ScreenPainter` shows the text as it is then. Keys arrive through `KeyInput`.
///
/// Keys are emacs's, or vi's when `ERPQ_EDIT_MODE` is `vi` or `~/.editrc` says `bind -v`.
public final class LibeditEditor: LineEditor {
  let hooks: EditorHooks
  let options: EditorOptions
  private(set) var line: OpaquePointer?
  private let sink: UnsafeMutablePointer<FILE>
  private let utf8: locale_t?
  private var terminal: TerminalGuard
  var keys: KeyInput
  var painter: ScreenPainter
  /// The remembered statements, oldest first, those of earlier runs included.
  public private(set) var history: [String] = []
  /// Nil: a terminal that goes away ends the input.
  public var readError: Int32? { nil }
  /// Always 1: a statement typed at a prompt has no line number of its own.
  public var statementLine: Int { 1 }
  /// Always true.
  public var isInteractive: Bool { true }

  // The statement being read.
  private var prompt = ""
  var outcome: LineInput?
  var pasted = ""
  var menu: [[LineSegment]] = []
  var walk: HistoryNavigator?
  /// What the key before this one did, where the next one's meaning depends on it.
  enum Action { case other, recalled, completed }
  var action = Action.other
  var actionBefore = Action.other
  private var shownHint: String?
  private var styled: (text: [Unicode.Scalar], spans: [StyledSpan], hint: String?)?
  /// Longer texts are not coloured: a pasted file must not make each key slow. In scalars.
  private static let longestColoured = 50_000

  /// Nil when the descriptors are not a terminal that can be edited on.
  public init?(
    hooks: EditorHooks, options: EditorOptions, input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO
  ) {
    guard isatty(input) == 1, isatty(output) == 1, let sink = fopen("/dev/null", "r+"),
      let keys = KeyInput(descriptor: input),
      let terminal = TerminalGuard(input: input, output: output, wake: keys.wakeWriter)
    else { return nil }
    utf8 = erpq_utf8_locale()
    let locale = erpq_use_utf8(utf8)
    defer { erpq_restore_locale(locale) }
    guard let line = el_init_fd("erpq", sink, sink, sink, input, output, output) else {
      fclose(sink)
      keys.close()
      erpq_free_locale(utf8)
      return nil
    }
    self.hooks = hooks
    self.options = options
    self.line = line
    self.sink = sink
    self.keys = keys
    self.terminal = terminal
    painter = ScreenPainter(output: output, colour: options.colour)
    history = Array(options.history.suffix(options.historyLimit))
    erpq_el_set_context(line, Unmanaged.passUnretained(self).toOpaque())
    installKeys(line)
  }

  deinit { close() }

  /// Gives the terminal back with the settings that it had at first.
  public func close() {
    guard let line else { return }
    self.line = nil
    let locale = erpq_use_utf8(utf8)
    el_end(line)
    erpq_restore_locale(locale)
    erpq_free_locale(utf8)
    fclose(sink)
    terminal.restore()
    keys.close()
  }

  /// Remembers a statement.
  public func addHistory(_ statement: String) {
    let isBlank = statement.allSatisfy { $0.isWhitespace }
    if isBlank || statement == history.last { return }
    history.append(statement)
    if history.count > options.historyLimit { history.removeFirst(history.count - options.historyLimit) }
  }

  /// Lets the user type a statement. The terminal is in raw mode only meanwhile.
  public func readStatement(prompt: String, draft: String) -> LineInput {
    guard let line else { return .endOfInput }
    let locale = erpq_use_utf8(utf8)
    defer { erpq_restore_locale(locale) }
    self.prompt = prompt
    outcome = nil
    walk = nil
    styled = nil
    menu = []
    pasted = ""
    (action, actionBefore) = (.other, .other)
    _ = painter.updateSize()
    painter.startHere()
    if !draft.isEmpty { keys.unread(.paste(draft)) }
    terminal.begin()
    defer { terminal.end() }
    var count: Int32 = 0
    let found = el_wgets(line, &count)
    if let outcome { return outcome }
    // A function of libedit's own ended the line, such as vi's "edit in a file".
    guard let found, count > 0 else {
      painter.finish(content(hint: false))
      return .endOfInput
    }
    var scalars = Self.scalars(UnsafeBufferPointer(start: found, count: Int(count)))
    if scalars.last == "\n" { scalars.removeLast() }
    painter.finish(content(scalars, cursor: scalars.count, hint: false))
    return .text(Self.string(scalars))
  }

  // MARK: - The text

  /// The text and the index of the cursor.
  var buffer: (text: [Unicode.Scalar], cursor: Int) {
    guard let line, let info = el_wline(line)?.pointee, let start = info.buffer, let end = info.lastchar,
      let cursor = info.cursor
    else { return ([], 0) }
    let text = Self.scalars(UnsafeBufferPointer(start: start, count: Swift.max(0, end - start)))
    return (text, Swift.min(Swift.max(0, cursor - start), text.count))
  }

  /// Replaces the text; the cursor goes to an index, or to the end.
  func set(_ text: [Unicode.Scalar], cursor: Int? = nil) {
    guard let line else { return }
    let old = buffer
    if text.isEmpty {
      el_cursor(line, Int32(old.text.count - old.cursor))
      el_deletestr(line, Int32(old.text.count))
      return
    }
    let wide = text.filter { $0.value != 0 }.map { wchar_t($0.value) } + [0]
    el_wreplacestr(line, wide)
    let length = Int32(clamping: wide.count)
    el_cursor(line, -length - Int32(clamping: old.text.count))
    el_cursor(line, Int32(clamping: cursor ?? text.count))
  }

  /// Inserts at the cursor.
  func insert(_ text: String) {
    guard let line, !text.isEmpty else { return }
    el_winsertstr(line, text.unicodeScalars.filter { $0.value != 0 }.map { wchar_t($0.value) } + [0])
  }

  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  private static func scalars(_ wide: UnsafeBufferPointer<wchar_t>) -> [Unicode.Scalar] {
    wide.map { Unicode.Scalar(UInt32(bitPattern: $0)) ?? "\u{FFFD}" }
  }

  // MARK: - The screen

  /// What to show for the text as it is.
  func content(hint: Bool = true) -> ScreenContent {
    let (text, cursor) = buffer
    return content(text, cursor: cursor, hint: hint)
  }

  /// What to show for a text.
  func content(_ text: [Unicode.Scalar], cursor: Int, hint: Bool, extra: [StyledSpan] = []) -> ScreenContent {
    var spans: [StyledSpan] = []
    shownHint = nil
    if options.colour, text.count <= Self.longestColoured {
      if styled?.text != text {
        let string = Self.string(text)
        styled = (text, hooks.highlight(string), hooks.hint(string))
      }
      spans = styled?.spans ?? []
      if hint, cursor == text.count { shownHint = styled?.hint }
    }
    return ScreenContent(
      prompt: prompt, promptStyle: options.promptStyle, continuation: options.continuationPrompt, text: text,
      cursor: cursor, spans: spans + extra, hint: shownHint)
  }

  /// The hint that the screen shows behind this text; nil when another text was drawn last.
  func hintOnScreen(behind text: [Unicode.Scalar]) -> String? {
    styled?.text == text ? shownHint : nil
  }

  /// Shows the text for the last time and goes to the next row.
  func finish(mark: String = "") {
    painter.finish(content(hint: false), mark: mark)
  }

  /// The next key for libedit, after the screen shows what the last one did.
  fileprivate func read(into character: UnsafeMutablePointer<wchar_t>) -> Int32 {
    var key = keys.ready()
    while key == nil {
      painter.draw(content(), below: menu)
      switch keys.next() {
      case .key(let pressed): key = pressed
      case .windowChanged: resized()
      case .end: return 0
      }
    }
    menu = []
    actionBefore = action
    action = .other
    switch key {
    case .character(let scalar): character.pointee = wchar_t(bitPattern: scalar.value)
    case .function(let function): character.pointee = wchar_t(function.rawValue)
    case .paste(let text):
      pasted = text
      character.pointee = wchar_t(FunctionKey.paste.rawValue)
    case nil: return 0
    }
    return 1
  }

  /// Takes up a new size of the window; a list that was laid out for the old one goes.
  func resized() {
    if painter.updateSize() {
      menu = []
      if let line { el_resize(line) }
    }
  }

  private func installKeys(_ line: OpaquePointer) {
    erpq_el_set_reader(line, readKey)
    KeyBindings.define(line)
    // A build of libedit may begin with vi keys.
    erpq_el_set_keys(line, "emacs")
    if options.readsSettings, let file = Self.settingsFile { el_source(line, file) }
    erpq_el_set_editing(line, 1)
    if let keys = options.keys ?? Self.environmentKeys { erpq_el_set_keys(line, keys.rawValue) }
    KeyBindings.bind(line, vi: erpq_el_has_vi_keys(line) != 0)
    erpq_el_keep_keys(line)
  }

  private static var environmentKeys: EditorKeys? {
    getenv("ERPQ_EDIT_MODE").flatMap { EditorKeys(rawValue: String(cString: $0).lowercased()) }
  }

  /// `$EDITRC`, or `~/.editrc`; none for a program that runs with another's rights.
  private static var settingsFile: String? {
    guard getuid() == geteuid(), getgid() == getegid() else { return nil }
    if let named = getenv("EDITRC") { return String(cString: named) }
    return getenv("HOME").map { String(cString: $0) + "/.editrc" }
  }
}

/// The editor that a callback of libedit belongs to.
func editor(of line: OpaquePointer?) -> LibeditEditor? {
  guard let line, let context = erpq_el_context(line) else { return nil }
  return Unmanaged<LibeditEditor>.fromOpaque(context).takeUnretainedValue()
}

private func readKey(_ line: OpaquePointer?, _ character: UnsafeMutablePointer<wchar_t>?) -> Int32 {
  guard let editor = editor(of: line), let character else { return -1 }
  return editor.read(into: character)
}
