/// What a run printed.
struct TestResult {
  var out: String
  var err: String
  var code: Int32
  var wrote: [String: String?]
}

/// One case of a file.
struct TestCase {
  var title: String
  /// How erpq is called, one call after the other.
  var runs: [String] = []
  var input: String?
  var program: String
  var files: [(name: String, text: String)] = []
  var out: String?
  var err: String?
  var code: Int32 = 0
  var wrote: [(name: String, text: String)] = []

  /// What is not as expected, or nil.
  func difference(from r: TestResult) -> String? {
    var parts: [String] = []
    if r.code != code { parts.append("  exit code \(r.code), expected \(code)") }
    if let out, !TestMatch.matches(r.out, out) { parts.append(TestMatch.show("standard output", r.out, out)) }
    if let err, !TestMatch.matches(r.err, err) { parts.append(TestMatch.show("standard error", r.err, err)) }
    if err == nil, r.code != code { parts.append(TestMatch.show("standard error", r.err, "")) }
    for (name, text) in wrote {
      let found = r.wrote[name] ?? nil
      if found == nil {
        parts.append("  \(name) was not written")
      } else if let found, !TestMatch.matches(found, text) {
        parts.append(TestMatch.show(name, found, text))
      }
    }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  /// Takes what was printed as what is expected from now on. What matched stays as it is written, and lines that
  /// hold `…` keep it where they still match.
  mutating func accept(_ r: TestResult) {
    code = r.code
    if let old = out ?? (r.out.isEmpty ? nil : "") { out = TestMatch.updated(old, r.out) }
    if let old = err { err = TestMatch.updated(old, r.err) }
    for i in wrote.indices {
      if let text = r.wrote[wrote[i].name] ?? nil { wrote[i].text = TestMatch.updated(wrote[i].text, text) }
    }
  }
}
