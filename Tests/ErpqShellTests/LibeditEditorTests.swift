import Foundation
import Glibc
import Testing

@testable import ErpqShell

/// The real editor on a pseudo-terminal. The terminal is raw from the start, so that keys can be sent ahead.
@Suite(.serialized) struct LibeditEditorTests {
  /// What a session read, and the bytes that it drew.
  struct Session {
    var inputs: [LineInput] = []
    var drawn = ""
    var history: [String] = []
  }

  static var hooks: EditorHooks {
    EditorHooks(
      isComplete: { text in text.filter { $0 == "(" }.count <= text.filter { $0 == ")" }.count },
      complete: { text, cursor in
        let bytes = Array(text.utf8.prefix(cursor))
        let start = (bytes.lastIndex(of: 0x20) ?? -1) + 1
        let typed = String(decoding: bytes[start...], as: UTF8.self)
        let items = ["lead_time", "lead_days", "日本", "日曜"].filter { $0.hasPrefix(typed) }
          .map { CompletionItem($0, kind: .field) }
        let command = CompletionItem("replenish", kind: .command)
        let all = "replenish".hasPrefix(typed) && !typed.isEmpty ? items + [command] : items
        return CompletionList(replaceRange: start..<cursor, items: typed.isEmpty ? [] : all)
      })
  }

  func session(
    _ keys: String, options: EditorOptions = EditorOptions(colour: false, keys: .emacs, readsSettings: false),
    hooks: EditorHooks = Self.hooks, size: (UInt16, UInt16) = (40, 10), later: String? = nil, count: Int = 50,
    hangsUp: Bool = false
  ) throws -> Session {
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var lock: Int32 = 0
    var number: UInt32 = 0
    // TIOCSPTLCK and TIOCGPTN: unlock the other end and ask for its number.
    try #require(
      master >= 0 && ioctl(master, 0x4004_5431, &lock) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
    defer { if !hangsUp { close(master) } }
    let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(terminal >= 0)
    defer { close(terminal) }
    var settings = termios()
    tcgetattr(terminal, &settings)
    cfmakeraw(&settings)
    tcsetattr(terminal, TCSANOW, &settings)
    var window = winsize(ws_row: size.1, ws_col: size.0, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &window)
    let editor = try #require(
      LibeditEditor(hooks: hooks, options: options, input: terminal, output: terminal))
    // The editor has made the terminal cooked: raw again, and no key is read before all have arrived.
    tcsetattr(terminal, TCSANOW, &settings)
    writeAll(Array(keys.utf8), to: master)
    var arrived: Int32 = 0
    for _ in 0..<5000 where arrived < Int32(keys.utf8.count) {
      _ = ioctl(terminal, UInt(FIONREAD), &arrived)
      usleep(200)
    }
    try #require(arrived == Int32(keys.utf8.count))
    // What comes after a pause finds the screen drawn.
    if later != nil || hangsUp {
      Thread.detachNewThread {
        usleep(300_000)
        if let later { writeAll(Array(later.utf8), to: master) }
        if hangsUp { close(master) }
      }
    }
    var session = Session()
    while session.inputs.count < count {
      let input = editor.readStatement(prompt: "> ")
      session.inputs.append(input)
      if case .text(let text) = input { editor.addHistory(text) }
      if input == .endOfInput { break }
    }
    session.history = editor.history
    editor.close()
    #expect(editor.readStatement(prompt: "> ") == .endOfInput)
    if hangsUp { return session }
    var after = termios()
    tcgetattr(terminal, &after)
    #expect(after.c_lflag == settings.c_lflag && after.c_iflag == settings.c_iflag)
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    var all: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = read(master, &bytes, bytes.count)
      if got <= 0 { break }
      all += bytes[..<got]
    }
    session.drawn = String(decoding: all, as: UTF8.self)
    return session
  }

  func texts(_ keys: String, options: EditorOptions? = nil) throws -> [String] {
    let found = try options.map { try session(keys, options: $0) } ?? session(keys)
    return found.inputs.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  @Test func statementsInterruptsAndTheEnd() throws {
    let found = try session("sales\rdropped\u{3}\r\u{4}")
    #expect(found.inputs == [.text("sales"), .interrupted, .text(""), .endOfInput])
    #expect(found.drawn.contains("> sales") && found.drawn.contains("dropped^C"))
    #expect(found.drawn.hasPrefix("\u{1B}[?2004h") && found.drawn.hasSuffix("\u{1B}[?2004l"))
    #expect(!found.drawn.contains("\u{1B}[1m"))
    #expect(found.history == ["sales"])
  }

  @Test func anUnfinishedStatementGoesOn() throws {
    #expect(try texts("sum(\r1\r)\r\u{4}") == ["sum(\n  1\n  )"])
    #expect(try texts("a\u{1B}\rb\r\u{4}") == ["a\n  b"])
  }

  @Test func editing() throws {
    #expect(try texts("ac\u{1B}[Db\u{1}\u{1B}[C-\u{5}!\r\u{4}") == ["a-bc!"])
    #expect(try texts("日本語\u{7F}\u{1B}[D\u{4}é\r\u{4}") == ["日é"])
    #expect(try texts("xe\u{301}y\u{1}\u{1B}[C\u{1B}[3~\r\u{4}") == ["xy"])
    #expect(try texts("a\u{4}\u{1B}[D\u{4}\r\u{4}") == [""])
  }

  @Test func aPasteIsNotRun() throws {
    #expect(
      try texts("x \u{1B}[200~sales\r\n| limit 3\r\n\u{1B}[201~\r\u{4}") == ["x sales\n| limit 3"])
    let long = String(repeating: "日本 ", count: 2_000)
    let found = try session("", later: "\u{1B}[200~\(long)\u{1B}[201~.\r", count: 1)
    #expect(found.inputs == [.text(long + ".")])
  }

  @Test func completion() throws {
    #expect(try texts("rep\t7\r\u{4}") == ["replenish 7"])
    #expect(try texts("x l\tt\t\r\u{4}") == ["x lead_time"])
    #expect(try texts("é 日\t本\t!\r\u{4}") == ["é 日本!"])
    #expect(try texts("\ta\r\u{4}") == ["  a"])
    let listed = try session("l\t\t", later: "\u{3}", count: 1)
    #expect(listed.drawn.contains("lead_time  lead_days"))
    #expect(try session("l\t", later: "\u{3}", count: 1).drawn.contains("lead_days") == false)
  }

  @Test func completionRangesThatAreWrongDoNothing() throws {
    for range in [-5 ..< -1, 0..<99, 1..<2, 700..<701] {
      let hooks = EditorHooks(complete: { _, _ in
        CompletionList(replaceRange: range, items: [CompletionItem("x", kind: .field)])
      })
      #expect(try session("日\t\r\u{4}", hooks: hooks).inputs == [.text("日"), .endOfInput])
    }
  }

  @Test func earlierStatements() throws {
    #expect(try texts("a\rsum(\r1)\r\u{1B}[A\u{1B}[A\r\u{4}") == ["a", "sum(\n  1)", "a"])
    #expect(try texts("abc\rxyz\ra\u{1B}[A!\r\u{4}") == ["abc", "xyz", "abc!"])
    #expect(try texts("abc\rxyz\ra\u{10}!\r\u{4}") == ["abc", "xyz", "xyz!"])
    #expect(try texts("abc\rd\u{10}\u{E}e\r\u{4}") == ["abc", "de"])
    // Within a statement of several lines the arrows move between them.
    #expect(try texts("sum(\r1)\u{1B}[A!\r\u{4}") == ["sum(!\n  1)"])
  }

  @Test func searching() throws {
    #expect(try texts("café au lait\rtea\r\u{12}fé\r\u{4}") == ["café au lait", "tea", "café au lait"])
    #expect(try texts("one\rtwo\rx\u{12}o\u{12}\u{7}y\r\u{4}") == ["one", "two", "xy"])
    #expect(try texts("one\rx\u{12}o\u{1B}[D\u{5}!\r\u{4}") == ["one", "one!"])
    #expect(try session("one\r\u{12}o\u{3}\u{4}").inputs == [.text("one"), .interrupted, .endOfInput])
  }

  @Test func viKeys() throws {
    let vi = EditorOptions(colour: false, keys: .vi, readsSettings: false)
    #expect(try texts("sales where\u{1B}bcwlimit\r\u{4}", options: vi) == ["sales limit"])
    #expect(try texts("ab\u{1B}[Dx\r\u{4}", options: vi) == ["axb"])
    #expect(try texts("one\rtwo\r\u{1B}kk\r\u{4}", options: vi) == ["one", "two", "one"])
  }

  @Test func hintsAreTakenWhenTheyAreShown() throws {
    let hooks = EditorHooks(hint: { $0 == "rep" ? "lenish" : nil })
    let options = EditorOptions(colour: true, keys: .emacs, readsSettings: false)
    let drawn = try session("rep", options: options, hooks: hooks, later: "\u{6}\r", count: 1)
    // Nothing was drawn between these keys, so there was no hint to take.
    #expect(try session("rep\u{6}\r\u{4}", options: options, hooks: hooks).inputs.first == .text("rep"))
    #expect(drawn.inputs.first == .text("replenish"))
    #expect(drawn.drawn.contains("\u{1B}[2mlenish"))
  }

  @Test func textsHigherThanTheScreenAndTinyScreens() throws {
    let rows = (0..<60).map { "row \($0) 日本" }.joined(separator: "\n")
    for size in [(40, 5), (2, 1), (1, 1), (9, 2)] as [(UInt16, UInt16)] {
      let keys = "\u{1B}[200~\(rows)\u{1B}[201~\u{1B}[1;5H\u{1B}[A\u{1B}[Bx\r\u{4}"
      let found = try session(keys, size: size)
      #expect(found.inputs.count == 2)
    }
  }

  @Test func aTerminalThatGoesAwayEnds() throws {
    #expect(try session("typed", hangsUp: true).inputs == [.endOfInput])
  }
}
