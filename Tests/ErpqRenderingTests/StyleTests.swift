import Testing

@testable import ErpqRendering

@Suite struct StyleTests {
  private func detect(
    _ environment: [String: String], terminal: Bool = true, size: (Int, Int)? = (100, 30)
  ) -> TerminalStyle {
    TerminalStyle.detect(environment: environment, isTerminal: terminal, size: size)
  }

  @Test func colour() {
    #expect(detect(["TERM": "xterm"]).color == .ansi16)
    #expect(detect(["TERM": "xterm-256color"]).color == .ansi256)
    #expect(detect(["TERM": "xterm-256color", "COLORTERM": "truecolor"]).color == .truecolor)
    #expect(detect(["TERM": "xterm", "NO_COLOR": "1"]).color == .none)
    #expect(detect(["TERM": "xterm", "NO_COLOR": ""]).color == .ansi16)
    #expect(detect(["TERM": "dumb"]).color == .none)
    #expect(detect([:]).color == .none)
    #expect(detect(["TERM": "xterm"], terminal: false).color == .none)
    #expect(detect(["TERM": "xterm", "CLICOLOR_FORCE": "1"], terminal: false).color == .ansi16)
    #expect(detect(["TERM": "xterm", "CLICOLOR_FORCE": "0"], terminal: false).color == .none)
    #expect(detect(["TERM": "xterm", "CLICOLOR": "0"]).color == .none)
    #expect(detect(["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]).color == .none)
  }

  @Test func unicode() {
    #expect(detect(["LANG": "en_US.UTF-8"]).unicode)
    #expect(detect(["LANG": "C.utf8"]).unicode)
    #expect(!detect(["LANG": "C"]).unicode)
    #expect(!detect(["LANG": "en_US.UTF-8", "LC_ALL": "C"]).unicode)
    #expect(detect(["LANG": "C", "LC_CTYPE": "UTF-8"]).unicode)
    #expect(!detect([:]).unicode)
  }

  @Test func size() {
    #expect(detect([:]).width == 100)
    #expect(detect(["COLUMNS": "61"]).width == 61)
    #expect(detect(["COLUMNS": "0"]).width == 100)
    #expect(detect(["COLUMNS": "x"], size: nil).width == 80)
    #expect(detect([:], size: (0, 0)).width == 80)
    #expect(detect(["COLUMNS": "999999999"]).width == 10_000)
  }

  @Test func widths() {
    #expect(displayWidth("abc") == 3)
    #expect(displayWidth("日本") == 4)
    #expect(displayWidth("e\u{301}") == 1)
    #expect(displayWidth("👩‍💻") == 2)
    #expect(displayWidth("🇩🇪") == 2)
    #expect(displayWidth("❤️") == 2)
    #expect(displayWidth("❤") == 1)
    #expect(displayWidth("👍🏽") == 2)
    #expect(displayWidth("ﾊﾝｶｸ") == 4)
    #expect(displayWidth("Ｆｕｌｌ") == 8)
    #expect(displayWidth("한국") == 4)
    #expect(displayWidth("\u{1112}\u{1161}\u{11ab}") == 2)
    #expect(displayWidth("─│⣿▇…·") == 6)
    #expect(displayWidth("\u{200b}") == 0)
    #expect(truncated("日本語", to: 4) == "日…")
    #expect(truncated("日本語", to: 6) == "日本語")
    #expect(truncated("abcdef", to: 1) == "…")
    #expect(truncated("abcdef", to: 0) == "")
    #expect(truncated("abcdef", to: 4, ellipsis: "...") == "a...")
  }

  @Test func numbers() {
    #expect(NumberText.fixed(1234567.891, decimals: 2) == "1,234,567.89")
    #expect(NumberText.fixed(-0.004, decimals: 2) == "0.00")
    #expect(NumberText.fixed(-0.006, decimals: 2) == "-0.01")
    #expect(NumberText.fixed(0.05, decimals: 1, grouped: false) == "0.1")
    #expect(NumberText.fixed(999_999_999_999_999, decimals: 4) == "999,999,999,999,999.0000")
    #expect(NumberText.fixed(1e15, decimals: 0) == "1e+15")
    #expect(NumberText.scientific(.leastNonzeroMagnitude).hasSuffix("e-324"))
    #expect(NumberText.scientific(-1.7976931348623157e308) == "-1.798e+308")
    #expect(sparkline([1, 2, nil, 5], width: 10, unicode: true) == "▁▃ █")
    #expect(sparkline((0..<8).map(Double.init), width: 8, unicode: true) == "▁▂▃▄▅▆▇█")
    #expect(sparkline([3, 3], width: 10, unicode: true) == "▄▄")
    #expect(sparkline([], width: 10, unicode: true) == "")
    #expect(sparkline([1, 1, 9, 9], width: 2, unicode: false) == "_^")
  }
}
