import Glibc

/// New files and folders of our own in the system's temporary folder (`TMPDIR`, else `/tmp`), which nobody else may read.
public enum TemporaryPlace {
  /// The path of a new, empty file.
  ///
  /// - Parameter task: what it is needed for, as in “cannot write sales.xlsx”.
  /// - Throws: `FileError` when the folder takes none.
  public static func file(to task: String) throws(FileError) -> String {
    try make(task) { name in
      let descriptor = mkstemp(name)
      if descriptor >= 0 { close(descriptor) }
      return descriptor >= 0
    }
  }

  /// The path of a new, empty folder.
  ///
  /// - Parameter task: what it is needed for.
  /// - Throws: `FileError` when the folder takes none.
  public static func folder(to task: String) throws(FileError) -> String {
    try make(task) { mkdtemp($0) != nil }
  }

  private static func make(
    _ task: String, _ create: (UnsafeMutablePointer<CChar>) -> Bool
  ) throws(FileError) -> String {
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let parent = named.isEmpty ? "/tmp" : named
    // Both functions ask for six of this letter at the end and put a new name in their place.
    var name = Array((parent + "/erpq-" + String(repeating: "X", count: 6)).utf8CString)
    let path = name.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { create($0) ? String(cString: $0) : nil }
    }
    if let path { return path }
    throw FileError(
      "cannot \(task): the temporary folder \(parent) takes no files (\(String(cString: strerror(errno))))",
      path: parent, hint: "Name another folder in TMPDIR.")
  }
}
