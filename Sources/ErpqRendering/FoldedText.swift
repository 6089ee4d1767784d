/// A page of help in lines of at most `width` columns, broken at blanks.
///
/// What goes on stands under its beginning: under the text of a line `  name   text` in two columns, else under the
/// line's indent. Words longer than a line are left whole.
public func folded(_ text: String, width: Int) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    displayWidth(line) <= width ? String(line) : foldedLine(String(line), width: width)
  }.joined(separator: "\n")
}

private func foldedLine(_ line: String, width: Int) -> String {
  let indent = line.prefix { $0 == " " }.count
  var hang = indent + (indent > 0 ? 2 : 0)
  // The second column begins behind two blanks or more.
  var blanks = 0
  var place = 0
  for (i, character) in line.enumerated() {
    if character == " " {
      blanks += 1
      continue
    }
    if blanks >= 2, i > indent, i <= width / 2 { place = displayWidth(line.prefix(i)) }
    blanks = 0
  }
  if place > 0 { hang = place }
  if hang > width / 2 { hang = min(indent, width / 4) }
  var lines: [String] = []
  var current = spaces(indent)
  var used = indent
  var isFresh = true
  var rest = Substring(line.dropFirst(indent))
  while !rest.isEmpty {
    let gap = rest.prefix { $0 == " " }
    rest = rest.dropFirst(gap.count)
    let word = rest.prefix { $0 != " " }
    rest = rest.dropFirst(word.count)
    if word.isEmpty { break }
    let size = displayWidth(word)
    if !isFresh, used + gap.count + size > width {
      lines.append(current)
      current = spaces(hang) + word
      used = hang + size
    } else {
      current += (isFresh ? "" : gap) + word
      used += (isFresh ? 0 : gap.count) + size
    }
    isFresh = false
  }
  return (lines + [current]).joined(separator: "\n")
}
