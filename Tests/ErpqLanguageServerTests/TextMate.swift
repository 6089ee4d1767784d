import ErpqFiles
import Foundation

/// As much of a TextMate engine as the grammar needs: it colours line by line with a stack of rules.
final class TextMate {
  private indirect enum Rule {
    case match(NSRegularExpression, String, [Int: String])
    case span(
      begin: NSRegularExpression, end: NSRegularExpression, String, [Int: String], [Int: String], [JSONValue])
  }

  private let grammar: JSONValue
  private var rules: [JSONValue: [Rule]] = [:]

  struct BadPattern: Error { var pattern: String }

  init(_ json: String) throws { grammar = try JSONValue.parse(Array(json.utf8)) }

  /// The innermost scope of each UTF-16 unit of a text, empty where there is none.
  func scopes(_ text: String) throws -> [String] {
    var out: [String] = []
    var stack: [(end: NSRegularExpression?, name: String, ends: [Int: String], patterns: [JSONValue])] = [
      (nil, "", [:], grammar["patterns"].elements)
    ]
    for piece in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let line = piece.hasSuffix("\r") ? String(piece.dropLast()) : String(piece)
      let whole = line as NSString
      var scopes = [String](repeating: "", count: whole.length)
      func paint(_ range: NSRange, _ scope: String) {
        guard range.location != NSNotFound, !scope.isEmpty else { return }
        for i in range.location..<(range.location + range.length) { scopes[i] = scope }
      }
      func paint(_ match: NSTextCheckingResult, _ name: String, _ captures: [Int: String]) {
        paint(match.range, name)
        for (group, scope) in captures.sorted(by: { $0.key < $1.key }) where group < match.numberOfRanges {
          paint(match.range(at: group), scope)
        }
      }
      var place = 0
      var stuck = 0
      while place <= whole.length, stuck < 50 {
        let rest = NSRange(location: place, length: whole.length - place)
        let options: NSRegularExpression.MatchingOptions = [.withoutAnchoringBounds, .withTransparentBounds]
        var best: (match: NSTextCheckingResult, rule: Rule?)?
        if let end = stack[stack.count - 1].end,
          let match = end.firstMatch(in: line, options: options, range: rest)
        {
          best = (match, nil)
        }
        for rule in try expanded(stack[stack.count - 1].patterns) {
          let pattern: NSRegularExpression
          switch rule {
          case .match(let p, _, _): pattern = p
          case .span(let p, _, _, _, _, _): pattern = p
          }
          guard let match = pattern.firstMatch(in: line, options: options, range: rest) else { continue }
          if let before = best, before.match.range.location <= match.range.location { continue }
          best = (match, rule)
        }
        let here = stack[stack.count - 1].name
        guard let (match, rule) = best else {
          paint(rest, here)
          break
        }
        paint(NSRange(location: place, length: match.range.location - place), here)
        switch rule {
        case nil:
          paint(match, here, stack[stack.count - 1].ends)
          stack.removeLast()
        case .match(_, let name, let captures): paint(match, name.isEmpty ? here : name, captures)
        case .span(_, let end, let name, let begins, let ends, let patterns):
          paint(match, name, begins)
          stack.append((end, name, ends, patterns))
        }
        let next = match.range.location + match.range.length
        stuck = next == place ? stuck + 1 : 0
        place = next
      }
      // A rule whose end is the line's.
      while stack.count > 1, let end = stack[stack.count - 1].end,
        end.firstMatch(in: line, range: NSRange(location: whole.length, length: 0)) != nil
      { stack.removeLast() }
      out += scopes
      if piece.hasSuffix("\r") { out.append("") }
      out.append("")
    }
    out.removeLast()
    return out
  }

  private func expanded(_ patterns: [JSONValue]) throws -> [Rule] {
    var out: [Rule] = []
    for pattern in patterns {
      if let include = pattern["include"].text {
        let rule = grammar["repository"][String(include.dropFirst())]
        if let cached = rules[rule] {
          out += cached
        } else {
          let found =
            rule["match"] != .null || rule["begin"] != .null
            ? try compiled(rule) : try expanded(rule["patterns"].elements)
          rules[rule] = found
          out += found
        }
      } else if let cached = rules[pattern] {
        out += cached
      } else {
        let found = try compiled(pattern)
        rules[pattern] = found
        out += found
      }
    }
    return out
  }

  private func compiled(_ rule: JSONValue) throws -> [Rule] {
    func expression(_ key: String) throws -> NSRegularExpression {
      let text = rule[key].text ?? ""
      guard let e = try? NSRegularExpression(pattern: text) else { throw BadPattern(pattern: text) }
      return e
    }
    func captures(_ key: String) -> [Int: String] {
      var out: [Int: String] = [:]
      for (number, value) in rule[key].members { if let n = Int(number) { out[n] = value["name"].text } }
      return out
    }
    let name = rule["name"].text ?? ""
    if rule["begin"] != .null {
      return [
        .span(
          begin: try expression("begin"), end: try expression("end"), name, captures("beginCaptures"),
          captures("endCaptures"), rule["patterns"].elements)
      ]
    }
    return [.match(try expression("match"), name, captures("captures"))]
  }
}
