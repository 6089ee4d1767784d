import ErpqRendering

/// Two texts side by side: what is gone begins with `-`, what is new with `+`, two lines around it with a blank.
enum TextDifference {
  /// Lines of a difference that are shown.
  private static let most = 60

  static func text(_ before: [String], _ after: [String]) -> String {
    var head = 0
    while head < before.count, head < after.count, before[head] == after[head] { head += 1 }
    var tail = 0
    while tail < before.count - head, tail < after.count - head,
      before[before.count - 1 - tail] == after[after.count - 1 - tail]
    {
      tail += 1
    }
    let old = Array(before[head..<(before.count - tail)])
    let new = Array(after[head..<(after.count - tail)])
    var lines: [(mark: Character, text: String)] = []
    // The statement that gave them.
    if let statement = before[..<head].lastIndex(where: { $0.hasPrefix("> ") }), statement < head - 2 {
      lines.append((" ", before[statement]))
      if statement < head - 3 { lines.append((" ", "…")) }
    }
    lines += before[max(0, head - 2)..<head].map { (" ", $0) }
    lines += merged(old, new)
    lines += after[(after.count - tail)..<min(after.count, after.count - tail + 2)].map { (" ", $0) }
    var out = ""
    for line in lines.prefix(most) { out += "\(line.mark) \(line.text)\n" }
    if lines.count > most { out += "  and \(counted(lines.count - most, "line")) more\n" }
    return out
  }

  private static func merged(_ old: [String], _ new: [String]) -> [(Character, String)] {
    // The best alignment of long texts would take too long; they are shown one after the other.
    guard old.count * new.count <= 1_000_000 else {
      return old.map { ("-", $0) } + new.map { ("+", $0) }
    }
    let change = new.difference(from: old)
    var gone = Set<Int>()
    var come = Set<Int>()
    for step in change {
      switch step {
      case .remove(let i, _, _): gone.insert(i)
      case .insert(let i, _, _): come.insert(i)
      }
    }
    var lines: [(Character, String)] = []
    var (i, j) = (0, 0)
    while i < old.count || j < new.count {
      if i < old.count, gone.contains(i) {
        lines.append(("-", old[i]))
        i += 1
      } else if j < new.count, come.contains(j) {
        lines.append(("+", new[j]))
        j += 1
      } else {
        if i < old.count { lines.append((" ", old[i])) }
        i += 1
        j += 1
      }
    }
    return lines
  }
}
