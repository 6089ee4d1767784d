import ErpqBase
import ErpqTables
import Testing

@testable import ErpqFiles

/// Small files with random damage: reading them may fail, but only with a `FileError`, and what is read fits
/// together.
@Suite struct MutationTests {
  private static let csv = [
    "a,b,c\n1,x,2024-01-01\n2,\"y, \"\"z\"\"\",2024-01-02 10:00\n",
    "id;p\r\n1;95%\r\n2;1,5\r\n\"3\";\"\"\r\n", "d\n03/04/2024\n31/12/2024\n",
    "\u{FEFF}n\t\tn\n1e5\t-0.5\ttrue\n",
  ]
  private static let json = [
    "[{\"a\": 1, \"b\": {\"c\": [1, 2, \"x\"]}}, {\"a\": -2.5e3, \"b\": null, \"d\": \"\\ud83d\\ude00\\n\"}]",
    "{\"n\": 1, \"rows\": [{\"x\": true, \"y\": \"2024-01-01\"}, {\"x\": \"t\"}]}",
    "{\"a\": 1}\n{\"a\": \"x\", \"b\": [{}]}\n{\"b\": []}\n",
  ]
  private static let tokens = [
    "\"", "\"\"", ",", ";", "\n", "\r", "{", "}", "[", "]", ":", "\\", "\\u", "\\ud800", "1e999", "-", "NaN",
    "null",
    "99999999999999999999", "\u{0}", "%", "/", "31/12/2024", "true", " ", "\t",
  ]

  private func mutated(_ text: String, _ random: inout SeededRandom) -> [UInt8] {
    var bytes = Array(text.utf8)
    for _ in 0..<(1 + random.below(6)) {
      let at = random.below(bytes.count + 1)
      switch random.below(7) {
      case 0: if at < bytes.count { bytes.remove(at: at) }
      case 1: if at < bytes.count { bytes[at] = UInt8(random.below(256)) }
      case 2: bytes.insert(UInt8(random.below(256)), at: at)
      case 3:
        bytes.insert(contentsOf: MutationTests.tokens[random.below(MutationTests.tokens.count)].utf8, at: at)
      case 4: bytes.removeLast(bytes.count - at)
      case 5: bytes.insert(contentsOf: bytes.prefix(at), at: random.below(bytes.count + 1))
      default:
        if at < bytes.count { bytes.removeSubrange(at..<Swift.min(bytes.count, at + 1 + random.below(5))) }
      }
    }
    return bytes
  }

  private func options(_ random: inout SeededRandom) -> ReadOptions {
    var options = ReadOptions()
    if random.below(4) == 0 { options.decimal = .comma }
    if random.below(4) == 0 { options.header = false }
    if random.below(6) == 0 { options.nullWords = ["x", "null"] }
    if random.below(6) == 0 { options.limit = random.below(3) }
    if random.below(6) == 0 { options.dateOrder = .dayFirst }
    let types: [ValueType] = [
      .int, .number, .date, .datetime, .percent, .bool, .text, .list(.unknown), .period(nil),
    ]
    if random.below(3) == 0 { options.types = ["a": types[random.below(types.count)]] }
    return options
  }

  @Test func damagedFilesNeverCrash() throws {
    var random = SeededRandom(seed: 20_26)
    let folder = Folder()
    let reader = FileReader()
    var reads = 0
    for round in 0..<20_000 {
      let isCSV = round % 2 == 0
      let seeds = isCSV ? MutationTests.csv : MutationTests.json
      let bytes = mutated(seeds[random.below(seeds.count)], &random)
      let options = options(&random)
      let name = isCSV ? "t.csv" : ["t.json", "t.jsonl"][random.below(2)]
      do {
        let r = try reader.readTable(path: folder.file(name, bytes), options: options)
        reads += 1
        #expect(r.inferred.count == r.table.columns.count)
        for (i, column) in r.table.columns.enumerated() {
          #expect(column.type == r.inferred[i].type)
          for row in 0..<r.table.rowCount {
            if case .number(let x) = column[row] { #expect(x.isFinite) }
            _ = column[row].description
          }
        }
      } catch let error as FileError {
        #expect(!error.message.isEmpty)
      }
    }
    #expect(reads > 5000)
  }
}
