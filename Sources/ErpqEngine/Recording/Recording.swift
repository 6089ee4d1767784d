import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqWarehouse
import Foundation

/// A session as a file: what was run, what it gave, and everything that the results follow from (the day, the clock,
/// the seed, the values of params, what the company and the files held). It replays without any of them.
///
/// The text is for people and for `diff`, but for the facts at its end, which are compressed. A line that begins
/// with two blanks belongs to the heading above it.
public struct Recording: Sendable {
  /// Something that was run at once: a script, or a statement at the prompt.
  public struct Unit: Sendable, Equatable {
    /// The name that messages show: the script's, `-e`, or `prompt`.
    public var name: String
    /// The statements.
    public var text: String
    /// Whether it came before the recording and only sets the stage.
    public var isPrelude = false
    /// What was answered when it asked for params, as written.
    public var answers: [String: String] = [:]
    /// How it ended, as an exit code.
    public var outcome: Int32 = 0
    /// What it gave, a line each.
    public var results: [String] = []
  }

  /// The version of erpq that made it.
  public var version = ""
  /// The company's name.
  public var company = ""
  /// What `today` was.
  public var today = CivilDate(day: 0)
  /// What `now` was.
  public var now = Instant(microseconds: 0)
  /// The seed of every random draw.
  public var seed: UInt64 = 1
  /// Whether `--use erpconnect` was on.
  public var usesDocuments = false
  /// Whether nothing could be written.
  public var isReadOnly = false
  /// Whether it was typed at a prompt.
  public var isInteractive = false
  /// Whether a failed assertion was only told.
  public var outlivesAssertions = false
  /// The values given for params.
  public var params: [String: String] = [:]
  /// Those that were named one by one.
  public var namedParams: Set<String> = []
  /// What was run.
  public var units: [Unit] = []
  /// What the company said; see `FactTape`.
  var facts: [UInt8] = []
  /// The files that were read.
  var files: [(path: String, name: String, bytes: [UInt8])] = []

  /// An empty one.
  public init() {}

  // MARK: As text

  private static let heading = "erpq recording 1"

  /// The file's text.
  public var text: String {
    var out = Recording.heading + "\n"
    func put(_ key: String, _ value: String) { out += key + (value.isEmpty ? "" : " " + value) + "\n" }
    func body(_ lines: some Sequence<some StringProtocol>) { for line in lines { out += "  " + line + "\n" } }
    put("version", version)
    put("company", company.replacing("\n", with: " "))
    put("today", today.description)
    put("now", String(now.microseconds))
    put("seed", String(seed))
    if usesDocuments { put("use", "erpconnect") }
    if isReadOnly { put("read-only", "") }
    if isInteractive { put("interactive", "") }
    if outlivesAssertions { put("outlives-assertions", "") }
    for name in params.keys.sorted() {
      put(namedParams.contains(name) ? "set" : "param", name)
      body((params[name] ?? "").split(separator: "\n", omittingEmptySubsequences: false))
    }
    for unit in units {
      out += "\n"
      put(unit.isPrelude ? "before" : "run", unit.name.replacing("\n", with: " "))
      body(unit.text.split(separator: "\n", omittingEmptySubsequences: false))
      for name in unit.answers.keys.sorted() {
        put("answered", name)
        body((unit.answers[name] ?? "").split(separator: "\n", omittingEmptySubsequences: false))
      }
      if unit.isPrelude { continue }
      put("gave", String(unit.outcome))
      body(unit.results)
    }
    var writer = ByteWriter()
    writer.data(facts)
    writer.int(files.count)
    for file in files {
      writer.text(file.path)
      writer.text(file.name)
      writer.data(file.bytes)
    }
    let packed = Compression.deflated(writer.bytes) ?? []
    out += "\n"
    put("facts", String(writer.bytes.count))
    let base64 = Array(Data(packed).base64EncodedString().utf8)
    for start in stride(from: 0, to: base64.count, by: 100) {
      out += "  " + String(decoding: base64[start..<min(start + 100, base64.count)], as: UTF8.self) + "\n"
    }
    return out
  }

  /// Reads a recording; throws a sentence for the user.
  public init(parsing text: String, name: String) throws(Diagnostic) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    func damaged(_ why: String) -> Diagnostic {
      Diagnostic(.badFile, "\(name) is no recording of erpq that can be read: \(why)")
    }
    guard let first = lines.popFirst(), first.hasPrefix("erpq recording ") else {
      throw damaged("it does not begin with `\(Recording.heading)`")
    }
    guard first == Recording.heading else {
      throw Diagnostic(.badFile, "\(name) was recorded by a newer erpq", notes: ["use the newer erpq"])
    }
    var base64 = ""
    var size: Int?
    while let line = lines.popFirst() {
      if line.isEmpty { continue }
      let key = line.prefix { $0 != " " }
      let value = String(line.dropFirst(key.count + 1))
      var body: [String] = []
      while let next = lines.first, next.hasPrefix("  ") {
        body.append(String(next.dropFirst(2)))
        lines.removeFirst()
      }
      switch key {
      case "version": version = value
      case "company": company = value
      case "today":
        guard let day = CivilDate(iso: value) else { throw damaged("\"\(quotable(value))\" is no day") }
        today = day
      case "now":
        guard let n = Int64(value) else { throw damaged("\"\(quotable(value))\" is no moment") }
        now = Instant(microseconds: n)
      case "seed":
        guard let n = UInt64(value) else { throw damaged("\"\(quotable(value))\" is no seed") }
        seed = n
      case "use": usesDocuments = true
      case "read-only": isReadOnly = true
      case "interactive": isInteractive = true
      case "outlives-assertions": outlivesAssertions = true
      case "set", "param":
        params[value] = body.joined(separator: "\n")
        if key == "set" { namedParams.insert(value) }
      case "run", "before":
        units.append(Unit(name: value, text: body.joined(separator: "\n"), isPrelude: key == "before"))
      case "answered":
        guard !units.isEmpty else { throw damaged("answers without statements") }
        units[units.count - 1].answers[value] = body.joined(separator: "\n")
      case "gave":
        guard let code = Int32(value), !units.isEmpty else { throw damaged("results without statements") }
        units[units.count - 1].outcome = code
        units[units.count - 1].results = body
      case "facts":
        size = Int(value)
        base64 = body.joined()
      default: throw damaged("\"\(quotable(String(key)))\" means nothing in it")
      }
    }
    guard let size, let packed = Data(base64Encoded: base64),
      let bytes = Compression.inflated(Array(packed), count: size)
    else { throw damaged("its facts are cut off or damaged") }
    var reader = ByteReader(bytes)
    do {
      facts = try reader.data()
      for _ in 0..<max(0, try reader.int()) {
        let path = try reader.text()
        let name = try reader.text()
        files.append((path, name, try reader.data()))
      }
    } catch { throw damaged("its facts are cut off or damaged") }
  }
}
