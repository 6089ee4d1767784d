import ErpqBase
import ErpqEngine
import ErpqFiles
import Foundation
import Testing

@testable import ErpqLanguageServer

/// Random edits on every text of the repository. After each few, what the server says is wrong must be what `check`
/// says of the same text; and every request must be answered. `ERPQ_SOAK_EDITS` sets how many edits a text gets.
@Suite struct SoakTests {
  private static let pieces = [
    "|", "(", ")", "[", "]", "{", "}", "\"", "'", "`", "$", "$x", "\n", "\r\n", "\r", " ", "where ", "sales ",
    "| limit 3", "\"{", "ä", "😀", "e\u{301}", "#", "# ", "##", "1", "0.5", "30d", "%", "=", "->", ",", ";",
    "def f(a) = $a\n",
    "let x = 3\n", "| summarize n = count() by month", "\u{0}", "\u{FEFF}", "```", "```erpq\n", "and ",
    "not ", "..",
  ]

  private static let requests = [
    "completion", "hover", "signatureHelp", "definition", "references", "documentHighlight", "prepareRename",
  ]

  @Test func editsOnEveryText() throws {
    let count = ProcessInfo.processInfo.environment["ERPQ_SOAK_EDITS"].flatMap { Int($0) } ?? 6
    var random = SeededRandom(seed: 20_260_101)
    for (number, (name, text)) in corpusTexts().enumerated() {
      let encoding = number % 2 == 0 ? PositionEncoding.utf16 : .utf8
      let client = Client(encodings: [encoding.rawValue])
      let uri = "file:///home/ada/\(name)"
      client.open(text, uri: uri)
      var expected = text
      for step in 0..<count {
        var changes: [JSONValue] = []
        for _ in 0...random.below(3) {
          let (change, after) = edit(expected, encoding, &random)
          changes.append(change)
          expected = after
        }
        client.notify(
          "textDocument/didChange",
          [
            "textDocument": ["uri": .string(uri), "version": .int(step + 2)],
            "contentChanges": .array(changes),
          ])
        let told = client.problems(uri)
        let wanted = checked(expected, name, encoding, client.session)
        #expect(told.count == wanted.count, "\(name), edit \(step)")
        for (a, b) in zip(told, wanted) {
          #expect(a["code"] == b.code, "\(name), edit \(step)")
          if let range = b.range { #expect(a["range"] == range, "\(name), edit \(step)") }
        }
        try ask(client, uri, expected, encoding, &random, name)
        client.forget()
      }
    }
  }

  /// Requests at a random place are answered without an error of ours.
  private func ask(
    _ client: Client, _ uri: String, _ text: String, _ encoding: PositionEncoding,
    _ random: inout SeededRandom,
    _ name: String
  ) throws {
    let (line, character) = place(text, random.below(text.unicodeScalars.count + 1), encoding)
    let method = SoakTests.requests[random.below(SoakTests.requests.count)]
    let answer = client.answer("textDocument/" + method, .object(client.at(line, character, uri: uri)))
    // Only a name can be renamed.
    if method != "prepareRename" { #expect(answer["error"] == .null, "\(name): \(method)") }
    for whole in ["documentSymbol", "semanticTokens/full", "formatting"] where random.below(4) == 0 {
      let answer = client.answer("textDocument/" + whole, ["textDocument": ["uri": .string(uri)]])
      #expect(answer["error"] == .null, "\(name): \(whole)")
    }
    if random.below(3) == 0 {
      let end = place(text, text.unicodeScalars.count, encoding)
      let answer = client.answer(
        "textDocument/codeAction",
        [
          "textDocument": ["uri": .string(uri)], "context": ["diagnostics": []],
          "range": [
            "start": ["line": 0, "character": 0],
            "end": ["line": .int(end.line), "character": .int(end.character)],
          ],
        ])
      #expect(answer["error"] == .null, "\(name): codeAction")
    }
  }

  /// A random edit, as the protocol says it and as a text says it.
  private func edit(
    _ text: String, _ encoding: PositionEncoding, _ random: inout SeededRandom
  ) -> (JSONValue, String) {
    let scalars = Array(text.unicodeScalars)
    let from = random.below(scalars.count + 1)
    let to = min(scalars.count, from + (random.below(3) == 0 ? random.below(12) : 0))
    let piece = random.below(4) == 0 ? "" : SoakTests.pieces[random.below(SoakTests.pieces.count)]
    let (a, b) = (place(text, from, encoding), place(text, to, encoding))
    var after = String.UnicodeScalarView()
    after.append(contentsOf: scalars[..<from])
    after.append(contentsOf: piece.unicodeScalars)
    after.append(contentsOf: scalars[to...])
    let range: JSONValue = [
      "start": ["line": .int(a.line), "character": .int(a.character)],
      "end": ["line": .int(b.line), "character": .int(b.character)],
    ]
    // Between the two halves of a line's end there is no place of the protocol.
    func splits(_ i: Int) -> Bool {
      i > 0 && i < scalars.count && scalars[i - 1] == "\r" && scalars[i] == "\n"
    }
    if splits(from) || splits(to) { return (["text": .string(String(after))], String(after)) }
    return (["range": range, "text": .string(piece)], String(after))
  }

  /// Line and character of the n-th scalar, counted the slow and obvious way.
  private func place(_ text: String, _ count: Int, _ encoding: PositionEncoding) -> (
    line: Int, character: Int
  ) {
    var line = 0
    var character = 0
    let scalars = Array(text.unicodeScalars)
    for i in 0..<count {
      let s = scalars[i]
      if s == "\n" || (s == "\r" && !(i + 1 < scalars.count && scalars[i + 1] == "\n")) {
        line += 1
        character = 0
      } else {
        character += encoding == .utf16 ? UTF16.width(s) : UTF8.width(s)
      }
    }
    return (line, character)
  }

  /// What `check` says of a text: codes, and the ranges of a script's own places.
  private func checked(
    _ text: String, _ name: String, _ encoding: PositionEncoding, _ session: Session
  ) -> [(code: JSONValue, range: JSONValue?)] {
    let path = "/home/ada/" + name
    var out: [(JSONValue, JSONValue?)] = []
    if name.hasSuffix(".md") {
      for cell in Notebook(text, name: path).check(session) {
        out += cell.diagnostics.map { (.string($0.code.rawValue), nil) }
      }
      return out
    }
    let source = SourceText(text, name: path)
    let bytes = Array(text.utf8)
    for d in session.check(source).diagnostics {
      var range: JSONValue?
      if d.source == nil || d.source === source {
        let span = d.span ?? SourceSpan(0, 0)
        let ends = [span.start, span.end].map { offset -> JSONValue in
          let before = String(decoding: bytes[..<min(offset, bytes.count)], as: UTF8.self)
          // A carriage return just before the place ends a line only when no newline follows.
          let whole = offset < bytes.count && bytes[offset] == 10 && before.unicodeScalars.last == "\r"
          let (line, character) =
            whole
            ? place(text, before.unicodeScalars.count, encoding)
            : place(before, before.unicodeScalars.count, encoding)
          return ["line": .int(line), "character": .int(character)]
        }
        range = ["start": ends[0], "end": ends[1]]
      }
      out.append((.string(d.code.rawValue), range))
    }
    return out
  }
}
