import Foundation

/// Expected text with `…` for anything.
enum TestMatch {
  static func matches(_ found: String, _ expected: String) -> Bool {
    let a = lines(found)
    let b = lines(expected)
    return match(a[...], b[...])
  }

  /// The new text, with the patterns of the old one kept.
  static func updated(_ old: String, _ new: String) -> String {
    if matches(new, old) { return old }
    let patterns = lines(old).filter { $0.contains("…") && $0 != "…" }
    let kept = lines(new).map { line in
      patterns.first { $0.hasPrefix("…") == false && matchLine(line, $0) } ?? line
    }
    return kept.map { $0 + "\n" }.joined()
  }

  static func lines(_ text: String) -> [String] {
    var l = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      var s = Substring(line)
      while s.last == " " || s.last == "\r" { s = s.dropLast() }
      return String(s)
    }
    while l.last == "" { l.removeLast() }
    return l
  }

  private static func match(_ a: ArraySlice<String>, _ b: ArraySlice<String>) -> Bool {
    var a = a
    var b = b
    while let want = b.first {
      if want == "…" {
        let rest = b.dropFirst()
        if rest.isEmpty { return true }
        for start in a.startIndex...a.endIndex where match(a[start...], rest) { return true }
        return false
      }
      guard let have = a.first, matchLine(have, want) else { return false }
      a = a.dropFirst()
      b = b.dropFirst()
    }
    return a.isEmpty
  }

  private static func matchLine(_ have: String, _ want: String) -> Bool {
    if have == want { return true }
    guard want.contains("…"), want != "…" else { return false }
    let parts = want.components(separatedBy: "…")
    var rest = Substring(have)
    for (i, part) in parts.enumerated() {
      if i == 0 {
        guard rest.hasPrefix(part) else { return false }
        rest = rest.dropFirst(part.count)
      } else if i == parts.count - 1 {
        return rest.hasSuffix(part)
      } else {
        guard let r = rest.range(of: part) else { return false }
        rest = rest[r.upperBound...]
      }
    }
    return rest.isEmpty
  }

  static func show(_ what: String, _ found: String, _ expected: String) -> String {
    let a = lines(found)
    let b = lines(expected)
    var out = "  \(what) is not as expected:\n"
    let first =
      (0..<max(a.count, b.count)).first { i in i >= a.count || i >= b.count || !matchLine(a[i], b[i]) } ?? 0
    for line in b.dropFirst(max(0, first - 2)).prefix(12) { out += "    - \(line)\n" }
    for line in a.dropFirst(max(0, first - 2)).prefix(12) { out += "    + \(line)\n" }
    return out
  }
}
