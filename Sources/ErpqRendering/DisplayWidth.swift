/// Columns that a text takes in a terminal with a fixed-width font.
///
/// Letters of East Asia that are wide or fullwidth (Unicode Standard Annex 11) and emoji take two, combining
/// marks and format characters none. Control characters count 0: escape them before.
public func displayWidth(_ text: some StringProtocol) -> Int {
  // Printable ASCII is by far the most common; it needs no properties.
  var count = 0
  var ascii = true
  for byte in text.utf8 {
    if byte < 0x20 || byte >= 0x7F {
      ascii = false
      break
    }
    count += 1
  }
  if ascii { return count }
  return text.reduce(0) { $0 + displayWidth(of: $1) }
}

/// Columns that one character (grapheme cluster) takes.
public func displayWidth(of character: Character) -> Int {
  let scalars = character.unicodeScalars
  guard let first = scalars.first else { return 0 }
  if scalars.count == 1 { return scalarWidth(first) }
  // A flag, a joined emoji, or one that a selector turned into a picture is one picture.
  if isRegionalIndicator(first) { return 2 }
  let joined =
    first.properties.isEmoji
    && scalars.dropFirst().contains {
      $0.value == 0xFE0F || $0.value == 0x200D || $0.properties.isEmojiModifier
    }
  if joined { return 2 }
  return scalars.reduce(0) { $0 + scalarWidth($1) }
}

/// `text` cut to at most `width` columns, ending in `ellipsis` where something was cut.
public func truncated(_ text: String, to width: Int, ellipsis: String = "…") -> String {
  if displayWidth(text) <= width { return text }
  let mark = displayWidth(ellipsis) < width || width == 1 ? ellipsis : ""
  let room = width - displayWidth(mark)
  var out = ""
  var used = 0
  for character in text {
    let w = displayWidth(of: character)
    if used + w > room { break }
    out.append(character)
    used += w
  }
  return used + displayWidth(mark) <= width ? out + mark : out
}

private func isRegionalIndicator(_ scalar: Unicode.Scalar) -> Bool {
  (0x1F1E6...0x1F1FF).contains(scalar.value)
}

private func scalarWidth(_ scalar: Unicode.Scalar) -> Int {
  let v = scalar.value
  if v < 0x7F { return v < 0x20 ? 0 : 1 }
  if v < 0xA0 { return 0 }
  if v < 0x300 { return v == 0xAD ? 0 : 1 }
  // Vowels and finals of Hangul that join the leading letter's cell.
  if (0x1160...0x11FF).contains(v) || (0xD7B0...0xD7FF).contains(v) { return 0 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator: return 0
  default: break
  }
  if v < 0x1100 { return 1 }
  if scalar.properties.isEmojiPresentation { return isRegionalIndicator(scalar) ? 1 : 2 }
  var low = 0
  var high = wideRanges.count
  while low < high {
    let mid = (low + high) / 2
    if wideRanges[mid].upperBound < v { low = mid + 1 } else { high = mid }
  }
  return low < wideRanges.count && wideRanges[low].contains(v) ? 2 : 1
}

/// Code points of East Asian Width W and F that are not emoji of their own (Unicode 15 EastAsianWidth.txt),
/// with the unassigned ones of the ideographic planes.
private let wideRanges: [ClosedRange<UInt32>] = [
  0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4CF,
  0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
  0xFFE0...0xFFE6, 0x16FE0...0x16FE4, 0x16FF0...0x16FF1, 0x17000...0x18CFF, 0x18D00...0x18D08,
  0x1AFF0...0x1B2FF, 0x1F200...0x1F202, 0x1F210...0x1F23B, 0x1F240...0x1F248, 0x1F250...0x1F251,
  0x1F260...0x1F265, 0x20000...0x2FFFD, 0x30000...0x3FFFD,
]
