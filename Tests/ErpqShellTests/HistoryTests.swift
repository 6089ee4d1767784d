import Glibc
import Testing

@testable import ErpqShell

@Suite struct HistoryTests {
  @Test func theWalkVisitsWhatBeginsWithTheDraft() {
    let entries = [
      "sales", "products", "sales", "replenish\n  | sum", "replenish\n  | sum", "sales | limit 3",
    ]
    var walk = HistoryNavigator(entries: entries, draft: "")
    #expect(walk.older() == "sales | limit 3")
    #expect(walk.older() == "replenish\n  | sum")
    #expect(walk.older() == "sales")
    #expect(walk.newer() == "replenish\n  | sum")
    #expect(walk.newer() == "sales | limit 3")
    #expect(walk.newer() == "")
    #expect(walk.newer() == nil)
    walk = HistoryNavigator(entries: entries, draft: "sales")
    #expect(walk.older() == "sales | limit 3")
    #expect(walk.older() == "sales")
    #expect(walk.older() == nil)
    #expect(walk.newer() == "sales | limit 3")
    #expect(walk.newer() == "sales")
    walk = HistoryNavigator(entries: entries, draft: "sales", byPrefix: false)
    #expect(walk.older() == "sales | limit 3")
    #expect(walk.older() == "replenish\n  | sum")
    walk = HistoryNavigator(entries: [], draft: "x")
    #expect(walk.older() == nil)
    #expect(walk.newer() == nil)
  }

  @Test func theSearchFollowsItsLetters() {
    var search = HistorySearch(entries: ["forecast days 7", "café", "forecast days 30", "products"])
    #expect(search.match == nil)
    for scalar in "fore".unicodeScalars { search.type(scalar) }
    #expect(search.match?.entry == "forecast days 30")
    search.older()
    #expect(search.match?.entry == "forecast days 7")
    search.older()
    #expect(!search.isFound)
    #expect(search.match?.entry == "forecast days 7")
    search.newer()
    #expect(search.match?.entry == "forecast days 30")
    search.type("x")
    #expect(!search.isFound)
    #expect(search.match == nil)
    search.erase()
    #expect(search.isFound && search.match?.entry == "forecast days 30")
    search = HistorySearch(entries: ["café", "CAFÉ au lait"])
    for scalar in "FÉ".unicodeScalars { search.type(scalar) }
    #expect(search.match?.entry == "CAFÉ au lait")
    #expect(search.match?.offset == 2)
    search = HistorySearch(entries: [])
    search.type("a")
    search.older()
    search.newer()
    search.erase()
    #expect(search.match == nil)
  }

  @Test(arguments: ["plain", "a\nb", "a\\nb", "\\", "\\\\\n\r\n", "日本\n", "end\\"])
  func entriesComeBack(entry: String) {
    let line = HistoryFile.escaped(entry)
    #expect(!line.utf8.contains(10) && !line.utf8.contains(13))
    #expect(HistoryFile.unescaped(line) == entry)
  }

  /// A folder that is gone after the test.
  func inFolder(_ body: (String) throws -> Void) rethrows {
    var template = Array("/tmp/erpq-history-XXXXXX".utf8CString)
    _ = mkdtemp(&template)
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      for name in ["/a/b/history", "/history", "/link", "/a/b", "/a", ""] { remove(folder + name) }
    }
    try body(folder)
  }

  func mode(_ path: String) -> UInt32 {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  @Test func theFileIsMadeForItsOwner() {
    inFolder { folder in
      let file = HistoryFile(path: folder + "/a/b/history", limit: 10)
      #expect(file.load() == ([], nil))
      #expect(file.append("sum(\n  1)") == nil)
      #expect(file.append("products") == nil)
      #expect(mode(file.path) == 0o600)
      #expect(mode(folder + "/a") == 0o700)
      #expect(file.load() == (["sum(\n  1)", "products"], nil))
      chmod(file.path, 0o644)
      #expect(file.append("x") == nil)
      #expect(mode(file.path) == 0o600)
    }
  }

  @Test func theFileIsShortened() {
    inFolder { folder in
      let long = HistoryFile(path: folder + "/history", limit: 1000)
      for i in 0..<25 { #expect(long.append("entry \(i)") == nil) }
      // The file's name may be a link, which stays.
      #expect(symlink("history", folder + "/link") == 0)
      let short = HistoryFile(path: folder + "/link", limit: 10)
      #expect(short.load() == ((15..<25).map { "entry \($0)" }, nil))
      #expect(long.load().entries.count == 10)
      #expect(mode(long.path) == 0o600)
      var status = stat()
      #expect(lstat(folder + "/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
      #expect(short.append(String(repeating: "x", count: HistoryFile.longestEntry + 1)) == nil)
      #expect(long.load().entries.count == 10)
    }
  }

  @Test func troubleIsTold() {
    inFolder { folder in
      let file = HistoryFile(path: folder, limit: 10)
      #expect(file.load().entries.isEmpty)
      #expect(file.load().problem?.contains("not a regular file") == true)
      #expect(file.append("x")?.contains("cannot be written: Is a directory") == true)
      let pipe = HistoryFile(path: folder + "/history", limit: 10)
      mkfifo(pipe.path, 0o600)
      #expect(pipe.load().problem?.contains("not a regular file") == true)
      #expect(pipe.append("x") != nil)
    }
    let nowhere = HistoryFile(path: "/proc/nothing/history", limit: 10)
    #expect(nowhere.append("x")?.contains("cannot be written") == true)
  }
}
