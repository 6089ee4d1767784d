import ErpqBase
import ErpqTables
import Testing

@testable import ErpqFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct FileTests {
  private func gzip(_ text: String) throws -> [UInt8] {
    let folder = Folder()
    let path = folder.path + "/x.gz"
    try writeAtomically(path: path) { sink in try Array(text.utf8).withUnsafeBytes { try sink($0) } }
    return contents(path)
  }

  @Test func readsGzip() throws {
    let text = "a,b\n" + (0..<50_000).map { "\($0),x\($0)\n" }.joined()
    let packed = try gzip(text)
    #expect(packed.count < text.utf8.count / 2)
    #expect(packed.prefix(2) == [0x1F, 0x8B])
    for name in ["t.csv.gz", "t.csv", "T.CSV.GZ"] {
      let r = try readBytes(packed, name: name)
      #expect(r.table.rowCount == 50_000)
      #expect(r.bytes == text.utf8.count)
    }
    // Members one after the other, and zeros behind them.
    let members = try gzip("a\n1\n") + gzip("2\n") + gzip("3\n") + [0, 0, 0]
    #expect(try readBytes(members, name: "t.csv.gz").texts("a") == ["1", "2", "3"])
    #expect(try readBytes(gzip("{\"a\":1}\n"), name: "t.jsonl.gz").texts("a") == ["1"])
    // A name alone makes no gzip.
    #expect(try read("a\n1\n", name: "t.csv.gz").texts("a") == ["1"])
  }

  @Test func readsAsTheHeaderAsksFor() throws {
    let folder = Folder()
    let path = folder.file("t.csv.gz", try gzip("sku,day\n007,2024-01-02\n008,x\n"))
    var header: [String] = []
    let r = try FileReader().readTable(path: path) { names in
      header = names
      return ReadOptions(text: [names[0]], types: [names[1]: .date])
    }
    #expect(header == ["sku", "day"])
    #expect(r.types == [.text, .date])
    #expect(r.texts("sku") == ["007"])
    #expect(r.rejects.count == 1)
  }

  @Test func namesDamagedGzip() throws {
    let packed = try gzip("a,b\n" + (0..<5000).map { "\($0),\($0 * 7919 % 1000)\n" }.joined())
    for count in [3, 10, 18, packed.count / 2, packed.count - 1] {
      let error = failure { _ = try readBytes(Array(packed.prefix(count)), name: "t.csv.gz") }
      #expect(error?.message.contains("is cut off") == true, "\(count): \(error?.message ?? "none")")
    }
    var broken = packed
    for i in 40..<60 { broken[i] ^= 0x5A }
    #expect(failure { _ = try readBytes(broken, name: "t.csv.gz") }?.message.contains("is damaged") == true)
    #expect(failure { _ = try readBytes(packed + [1, 2, 3], name: "t.csv.gz") } != nil)
  }

  @Test func saysWhatIsWrongWithAPath() throws {
    let folder = Folder()
    _ = folder.file("sales.csv", "a\n1\n")
    let reader = FileReader()
    let missing = failure { _ = try reader.readTable(path: folder.path + "/sale.csv") }
    #expect(
      missing?.description
        == "there is no file \(folder.path)/sale.csv. Did you mean \(folder.path)/sales.csv?")
    let noFolder = failure { _ = try reader.readTable(path: folder.path + "/x/sale.csv") }
    #expect(noFolder?.message == "cannot read \(folder.path)/x/sale.csv: there is no folder \(folder.path)/x")
    let isFolder = failure { _ = try reader.readTable(path: folder.path) }
    #expect(isFolder?.description == "\(folder.path) is a folder, not a file. It holds sales.csv.")
    let through = failure { _ = try reader.readTable(path: folder.path + "/sales.csv/x.csv") }
    #expect(through?.message.contains("a part of the path is a file") == true)
    if getuid() != 0 {
      chmod(folder.path + "/sales.csv", 0)
      #expect(
        failure { _ = try reader.readTable(path: folder.path + "/sales.csv") }?.message.hasSuffix(
          "permission denied") == true)
    }
    for path in ["", "a\u{0}b.csv"] { #expect(failure { _ = try reader.readTable(path: path) } != nil) }
    let zip = failure { _ = try readBytes([0x50, 0x4B, 3, 4, 0, 0], name: "book.xlsx") }
    #expect(zip?.message.contains("is not a table of text: it looks like a workbook") == true)
    #expect(try read("[{\"a\": 1}]", name: "data").texts("a") == ["1"])
    #expect(try read("a,b\n1,2\n", name: "data.txt").texts("b") == ["2"])
    #expect(try read("a,b\n1,2\n", ReadOptions(format: .csv), name: "x.json").texts("b") == ["2"])
  }

  @Test func readsPipes() throws {
    let folder = Folder()
    let path = folder.path + "/pipe.csv"
    #expect(mkfifo(path, 0o600) == 0)
    let child = pipeWriter(path, "a\n1\n2\n")
    defer { child.join() }
    #expect(try FileReader(cache: FileCache()).readTable(path: path).texts("a") == ["1", "2"])
  }

  @Test func keepsWhatItRead() throws {
    let folder = Folder()
    let path = folder.file("t.csv", "a\n1\n")
    let cache = FileCache(maximumFiles: 2)
    let reader = FileReader(cache: cache)
    #expect(try reader.readSchema(path: path).schema.fields.map(\.type) == [.int])
    #expect(cache.count == 1)
    #expect(try reader.readTable(path: path).texts("a") == ["1"])
    #expect(cache.count == 1)
    // The same file under another name, and with other options.
    symlink(path, folder.path + "/link.csv")
    _ = try reader.readTable(path: folder.path + "/link.csv")
    #expect(cache.count == 1)
    _ = try reader.readTable(path: path, options: ReadOptions(text: ["a"]))
    #expect(cache.count == 2)
    _ = folder.file("t.csv", "a\nxyz\n")
    #expect(try reader.readTable(path: path).texts("a") == ["xyz"])
    #expect(cache.count == 1)
    cache.removeAll()
    #expect(cache.count == 0)
  }

  @Test func stopsWhenAsked() throws {
    let text = "a,b\n" + String(repeating: "1,2\n", count: 300_000)
    let folder = Folder()
    let path = folder.file("t.csv", text)
    let cancellation = Cancellation()
    cancellation.cancel()
    Cancellation.$current.withValue(cancellation) {
      #expect(throws: Cancellation.Interrupted.self) { _ = try FileReader().readTable(path: path) }
    }
    var calls: [(Int, Int?, Int)] = []
    let r = try FileReader().readTable(path: path) { calls.append(($0, $1, $2)) }
    #expect(r.table.rowCount == 300_000)
    #expect(calls.allSatisfy { $0.0 <= text.utf8.count })
  }

  @Test func explainsTheSchema() throws {
    let folder = Folder()
    let (schema, notes) = try FileReader().readSchema(path: folder.file("t.csv", "a,a\n1,2\nx,3\n"))
    #expect(schema.names == ["a", "a_2"])
    #expect(notes.last == "column a: text: line 3 has \"x\"")
  }
}

/// A thread that writes to a pipe, which opens only when somebody reads it.
final class PipeWriter: @unchecked Sendable {
  private var thread = pthread_t()
  private let path: String
  private let text: String

  init(_ path: String, _ text: String) {
    self.path = path
    self.text = text
  }

  func start() {
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let writer = Unmanaged<PipeWriter>.fromOpaque(argument).takeUnretainedValue()
        if let file = fopen(writer.path, "wb") {
          let bytes = Array(writer.text.utf8)
          fwrite(bytes, 1, bytes.count, file)
          fclose(file)
        }
        return nil
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  func join() { pthread_join(thread, nil) }
}

func pipeWriter(_ path: String, _ text: String) -> PipeWriter {
  let writer = PipeWriter(path, text)
  writer.start()
  return writer
}
