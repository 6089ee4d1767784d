/// What a piece of text means; the style decides how that looks.
enum Role: Hashable {
  case plain, header, dim, negative, alarm, warning, calm
  /// A series of a chart, counted from 0.
  case series(Int)
  /// The same, fainter: a band, a history.
  case shade(Int)
}

/// Puts the escape codes of a role around text, or none.
struct Ink {
  let depth: ColorDepth

  init(_ style: TerminalStyle) { depth = style.color }

  /// `text` in the look of `role`.
  func callAsFunction(_ text: String, _ role: Role) -> String {
    guard depth != .none, !text.isEmpty, let code = code(of: role) else { return text }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }

  /// The parameters of the escape code that switches a role on; nil for plain text.
  func code(of role: Role) -> String? {
    switch role {
    case .plain: nil
    case .header: "1"
    case .dim: "2"
    case .negative: "31"
    case .alarm: "1;31"
    case .warning: "33"
    case .calm: "32"
    case .series(let i): Ink.color(i, depth)
    case .shade(let i): "2;" + Ink.color(i, depth)
    }
  }

  /// Colours that hold on light and dark grounds, and apart for most colour-blind eyes.
  static let palette: [(red: Int, green: Int, blue: Int, ansi256: Int, ansi16: Int)] = [
    (63, 137, 214, 68, 36), (226, 126, 48, 172, 33), (70, 160, 96, 71, 32), (203, 86, 86, 167, 31),
    (150, 112, 200, 98, 35), (40, 160, 165, 37, 34), (160, 122, 80, 137, 93), (208, 105, 165, 169, 95),
  ]

  private static func color(_ index: Int, _ depth: ColorDepth) -> String {
    let c = palette[index % palette.count]
    switch depth {
    case .truecolor: return "38;2;\(c.red);\(c.green);\(c.blue)"
    case .ansi256: return "38;5;\(c.ansi256)"
    default: return String(c.ansi16)
    }
  }
}
