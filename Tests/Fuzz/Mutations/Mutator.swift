import ErpqBase
import ErpqSyntax

/// Makes broken texts from good ones; the same seed makes the same texts.
struct Mutator {
  private var random: SeededRandom
  private let examples: [[UInt8]]
  private let pieces: [[[UInt8]]]

  /// What is put into texts: what lexers and parsers stumble over.
  private static let insertions: [[UInt8]] =
    [
      "\"", "'", "`", "(", ")", "[", "]", "{", "}", "|", "\n", "\r\n", "\n\n", ";", ",", "=", "==", "-", "--",
      "-- ", "#",
      "##", "# c\n", "$", "$_", "\\", "\u{0}", "\t", "\u{A0}", "\u{FEFF}", "\u{201C}", "\u{2013}", "é", "日本",
      "🏭", "%", "<>",
      "..", ".", "?", "??", "->", "99999999999999999999999", "1e999", "9999999999999y", "2026-02-30",
      "2026-1-5", "2026-03",
      "30 days", "3m", "5eur", "1_0", "where", "not", "in", "and", "between 1 and 2", "is null",
      "if a then b else c", "over 7",
      "over by [a, b]", "by", "(a b | c)", "[1, 2]", "{", "\"a {b} c\"", "\"{\"{x}\"}\"", "help ",
      "\nhelp ( \n",
      "def f() {", "\ndef g(a: list<text>? = []) -> money = ", "scenario p {", "metric m { code \"A\" } = ",
      "let x = ", "today",
      "false", "False", "None", " -3", " - 3", "--3",
    ].map { Array($0.utf8) } + [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
    ]

  init(seed: UInt64, examples: [String]) {
    random = SeededRandom(seed: seed)
    self.examples = examples.map { Array($0.utf8) }
    pieces = examples.map { text in
      let tree = Parser.parse(SourceText(text, name: "example"))
      return tree.tokens.map { Array(tree.source.bytes[$0.triviaStart..<$0.span.end]) }
    }
  }

  /// The next text, as bytes that may be no UTF-8.
  mutating func next() -> [UInt8] {
    let chosen = random.below(examples.count)
    var bytes: [UInt8]
    switch random.below(4) {
    case 0: bytes = examples[chosen]
    case 1: bytes = splice(chosen)
    default: bytes = tokensChanged(chosen)
    }
    for _ in 0..<random.below(4) { changeBytes(&bytes) }
    if random.below(200) == 0 { nest(&bytes) }
    return bytes
  }

  /// Tokens dropped, doubled, swapped or moved from elsewhere.
  private mutating func tokensChanged(_ chosen: Int) -> [UInt8] {
    var list = pieces[chosen]
    for _ in 0...random.below(3) where list.count > 1 {
      let i = random.below(list.count)
      let j = random.below(list.count)
      switch random.below(5) {
      case 0: list.remove(at: i)
      case 1: list.insert(list[i], at: j)
      case 2: list.swapAt(i, j)
      case 3:
        let other = pieces[random.below(pieces.count)]
        list[i] = other[random.below(other.count)]
      default:
        let other = pieces[random.below(pieces.count)]
        list.insert(other[random.below(other.count)], at: i)
      }
    }
    return list.flatMap { $0 }
  }

  /// The head of one text and the tail of another, cut at tokens.
  private mutating func splice(_ chosen: Int) -> [UInt8] {
    let head = pieces[chosen]
    let tail = pieces[random.below(pieces.count)]
    return Array(head.prefix(random.below(head.count + 1)).joined())
      + Array(tail.suffix(random.below(tail.count + 1)).joined())
  }

  private mutating func changeBytes(_ bytes: inout [UInt8]) {
    let place = random.below(bytes.count + 1)
    switch random.below(6) {
    case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1 where place < bytes.count: bytes.remove(at: place)
    case 2 where place < bytes.count:
      let end = min(bytes.count, place + 1 + random.below(12))
      bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count + 1))
    case 3: bytes.removeSubrange(place...)
    default: bytes.insert(contentsOf: Mutator.insertions[random.below(Mutator.insertions.count)], at: place)
    }
  }

  /// A piece repeated many times: deep nesting, long chains.
  private mutating func nest(_ bytes: inout [UInt8]) {
    let piece = Mutator.insertions[random.below(Mutator.insertions.count)]
    let many = Array(repeatElement(piece, count: 1 + random.below(3000)).joined())
    bytes.insert(contentsOf: many, at: random.below(bytes.count + 1))
  }
}
