/// Makes text safe for one line of a terminal: control characters, which could move the cursor or recolour
/// the screen, and the marks that reorder text become visible.
///
/// Tabs and newlines read `␉ ␊` with Unicode, `\t \n` without; other controls `\x1b`, invisible ones
/// `\u{202e}`.
func visibleText(_ text: String, unicode: Bool) -> String {
  let risky = text.utf8.contains { $0 < 0x20 || $0 >= 0x7F }
  if !risky { return text }
  var out = String.UnicodeScalarView()
  var changed = false
  for scalar in text.unicodeScalars {
    let v = scalar.value
    var mark: String?
    if v < 0x20 || (0x7F..<0xA0).contains(v) {
      switch v {
      case 9: mark = unicode ? "␉" : "\\t"
      case 10: mark = unicode ? "␊" : "\\n"
      case 13: mark = unicode ? "␍" : "\\r"
      default: mark = "\\x" + (v < 16 ? "0" : "") + String(v, radix: 16)
      }
    } else if v == 0x200B || v == 0x200E || v == 0x200F || (0x2028...0x202E).contains(v)
      || (0x2060...0x206F).contains(v) || v == 0xFEFF || v == 0xAD
    {
      mark = "\\u{" + String(v, radix: 16) + "}"
    }
    if let mark {
      out.append(contentsOf: mark.unicodeScalars)
      changed = true
    } else {
      out.append(scalar)
    }
  }
  return changed ? String(out) : text
}

/// A line without the escape codes that colour it.
public func withoutColours(_ line: some StringProtocol) -> String {
  guard line.utf8.contains(0x1B) else { return String(line) }
  var out = String.UnicodeScalarView()
  var isCode = false
  for scalar in line.unicodeScalars {
    if scalar == "\u{1B}" {
      isCode = true
    } else if isCode {
      isCode = scalar != "m"
    } else {
      out.append(scalar)
    }
  }
  return String(out)
}

/// `count` spaces, none when negative.
func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

/// `text` filled up with spaces to `width` columns.
func padded(_ text: String, to width: Int, right: Bool) -> String {
  let fill = spaces(width - displayWidth(text))
  return right ? fill + text : text + fill
}

/// A line without the spaces at its end.
func trimmingEnd(_ line: String) -> String {
  guard line.utf8.last == 32, let last = line.utf8.lastIndex(where: { $0 != 32 }) else {
    return line.utf8.last == 32 ? "" : line
  }
  return String(line[...last])
}
