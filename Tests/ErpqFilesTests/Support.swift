import ErpqBase
import ErpqTables
import Testing

@testable import ErpqFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A folder that goes away with the test.
final class Folder: Sendable {
  let path: String

  init() {
    path = (try? TemporaryPlace.folder(to: "keep files of a test")) ?? "/tmp"
  }

  deinit {
    for name in listFolder(path) ?? [] {
      let entry = "\(path)/\(name)"
      if unlink(entry) != 0 { rmdir(entry) }
    }
    rmdir(path)
  }

  /// Writes a file and gives its path.
  func file(_ name: String, _ bytes: some Collection<UInt8>) -> String {
    let full = "\(path)/\(name)"
    if let out = fopen(full, "wb") {
      let all = Array(bytes)
      fwrite(all, 1, all.count, out)
      fclose(out)
    }
    return full
  }

  /// Writes a text file and gives its path.
  func file(_ name: String, _ text: String) -> String { file(name, text.utf8) }

  /// The names in it.
  var names: [String] { (listFolder(path) ?? []).sorted() }
}

/// The bytes of a file.
func contents(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&block, 1, block.count, file)
    if count == 0 { return bytes }
    bytes += block.prefix(count)
  }
}

/// Reads a text as a file of that name.
func read(_ text: String, _ options: ReadOptions = ReadOptions(), name: String = "t.csv") throws -> FileRead {
  try readBytes(Array(text.utf8), options, name: name)
}

func readBytes(
  _ bytes: [UInt8], _ options: ReadOptions = ReadOptions(), name: String = "t.csv"
) throws -> FileRead {
  let folder = Folder()
  return try FileReader().readTable(path: folder.file(name, bytes), options: options)
}

/// The error that reading throws.
func failure(_ body: () throws -> Void) -> FileError? {
  do {
    try body()
    return nil
  } catch {
    return error as? FileError
  }
}

extension FileRead {
  /// The types, in order.
  var types: [ValueType] { table.columns.map(\.type) }
  /// The values of a column as text, null as nil.
  func texts(_ name: String) -> [String?] {
    guard let column = table[name] else { return [] }
    return (0..<table.rowCount).map { column[$0].isNull ? nil : column[$0].description }
  }
}
