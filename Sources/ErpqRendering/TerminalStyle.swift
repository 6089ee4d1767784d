/// How many colours a terminal shows.
public enum ColorDepth: Int, Sendable, Comparable {
  case none, ansi16, ansi256, truecolor

  /// The order of the values.
  public static func < (a: ColorDepth, b: ColorDepth) -> Bool { a.rawValue < b.rawValue }
}

/// What the place that text is written to can show.
public struct TerminalStyle: Hashable, Sendable {
  /// Columns of a line, at least 1.
  public var width: Int
  /// Lines of a screen, at least 1.
  public var height: Int
  /// Colours, none for plain text.
  public var color: ColorDepth
  /// Whether characters beyond ASCII (rules, dots, `…`) may be drawn.
  public var unicode: Bool

  /// A style; sizes below 1 count as 1.
  public init(width: Int = 80, height: Int = 24, color: ColorDepth = .none, unicode: Bool = true) {
    self.width = max(1, width)
    self.height = max(1, height)
    self.color = color
    self.unicode = unicode
  }

  /// Reads the style off the environment.
  ///
  /// - Colour: `NO_COLOR` (not empty) forbids it and `CLICOLOR_FORCE` (not `0`) demands it; else it needs a
  ///   terminal, a `TERM` other than `dumb`, and no `CLICOLOR=0`. `COLORTERM` and `TERM` tell the depth.
  /// - Unicode: the first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set names UTF-8.
  /// - Size: `COLUMNS` and `LINES`, else `size` (columns, lines) as the terminal reports it, else 80 by 24.
  public static func detect(
    environment: [String: String], isTerminal: Bool, size: (Int, Int)?
  ) -> TerminalStyle {
    func set(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    func positive(_ name: String) -> Int? { set(name).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }
    let term = set("TERM")?.lowercased() ?? ""
    let forced = set("CLICOLOR_FORCE").map { $0 != "0" } ?? false
    let allowed = isTerminal && term != "dumb" && term != "" && environment["CLICOLOR"] != "0"
    let color: ColorDepth
    if set("NO_COLOR") != nil || !(forced || allowed) {
      color = .none
    } else if ["truecolor", "24bit"].contains(set("COLORTERM")?.lowercased() ?? "")
      || term.hasSuffix("-direct")
    {
      color = .truecolor
    } else {
      color = term.hasSuffix("256color") ? .ansi256 : .ansi16
    }
    let locale = (set("LC_ALL") ?? set("LC_CTYPE") ?? set("LANG") ?? "").lowercased()
    let unicode =
      locale.hasSuffix("utf-8") || locale.hasSuffix("utf8")
      || locale.contains(".utf-8@") || locale.contains(".utf8@")
    let reported = size.flatMap { $0.0 > 0 && $0.1 > 0 ? $0 : nil }
    return TerminalStyle(
      width: min(positive("COLUMNS") ?? reported?.0 ?? 80, 10_000),
      height: min(positive("LINES") ?? reported?.1 ?? 24, 10_000), color: color, unicode: unicode)
  }

  /// Whether someone looks at a screen; a file or a pipe has no width to fold to.
  var isScreen: Bool { width < 10_000 }

  /// The mark of text that was cut: one column with Unicode, three without.
  var ellipsis: String { unicode ? "…" : "..." }
}
