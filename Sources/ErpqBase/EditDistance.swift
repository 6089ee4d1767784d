/// Optimal string alignment distance (Damerau–Levenshtein without repeated edits), in characters.
///
/// Stops early and returns `limit + 1` when the distance is larger than `limit`.
public func editDistance(_ a: some StringProtocol, _ b: some StringProtocol, limit: Int = 8) -> Int {
  let x = Array(a.unicodeScalars)
  let y = Array(b.unicodeScalars)
  if abs(x.count - y.count) > limit { return limit + 1 }
  if x.isEmpty || y.isEmpty { return Swift.max(x.count, y.count) }
  var before = [Int](repeating: 0, count: y.count + 1)
  var previous = Array(0...y.count)
  var current = before
  for i in 1...x.count {
    current[0] = i
    var best = i
    for j in 1...y.count {
      let same = x[i - 1] == y[j - 1]
      var d = Swift.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0 : 1))
      if i > 1, j > 1, x[i - 1] == y[j - 2], x[i - 2] == y[j - 1] { d = Swift.min(d, before[j - 2] + 1) }
      current[j] = d
      best = Swift.min(best, d)
    }
    if best > limit { return limit + 1 }
    (before, previous, current) = (previous, current, before)
  }
  return previous[y.count]
}

/// The candidates that `name` was probably meant to be, best first: near in spelling, or sharing a beginning.
///
/// A candidate qualifies within a third of its length in edits (at least one), without regard to case.
public func nearest(to name: String, among candidates: some Sequence<String>, count: Int = 3) -> [String] {
  let wanted = name.lowercased()
  var scored: [(String, Int)] = []
  var seen = Set<String>()
  for candidate in candidates where seen.insert(candidate).inserted {
    let lower = candidate.lowercased()
    if lower == wanted {
      scored.append((candidate, 0))
      continue
    }
    let allowed = Swift.max(1, Swift.max(wanted.count, lower.count) / 3)
    let distance = editDistance(wanted, lower, limit: allowed)
    if distance <= allowed {
      scored.append((candidate, distance * 2))
    } else if wanted.count >= 3, lower.hasPrefix(wanted) || (lower.count >= 3 && wanted.hasPrefix(lower)) {
      scored.append((candidate, allowed * 2 + 1))
    } else if wanted.count >= 4, lower.split(separator: "_").contains(where: { $0 == wanted }) {
      scored.append((candidate, allowed * 2 + 2))
    }
  }
  return scored.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(count).map(\.0)
}
