import ErpqBase

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What went wrong with a file, in the user's words.
public struct FileError: Error, Hashable, Sendable {
  /// One sentence that names the file and, where there is one, the line.
  public var message: String
  /// The path as the user wrote it.
  public var path: String
  /// The line of the file, from 1.
  public var line: Int?
  /// What to do about it, as a sentence.
  public var hint: String?

  /// An error about the file at `path`.
  public init(_ message: String, path: String, line: Int? = nil, hint: String? = nil) {
    self.message = message
    self.path = path
    self.line = line
    self.hint = hint
  }
}

extension FileError: CustomStringConvertible {
  /// The sentence, and the hint after it.
  public var description: String { hint.map { "\(message). \($0)" } ?? message }
}

extension FileError {
  /// The error of a failed system call, in plain words.
  static func system(_ code: Int32, doing what: String, path: String) -> FileError {
    switch code {
    case ENOENT:
      return missing(path, doing: what)
    case ENOTDIR:
      return FileError("cannot \(what) \(path): a part of the path is a file, not a folder", path: path)
    case EACCES, EPERM:
      return FileError("cannot \(what) \(path): permission denied", path: path)
    case EISDIR:
      return FileError("cannot \(what) \(path): it is a folder, not a file", path: path)
    case ENOSPC, EDQUOT:
      return FileError(
        "cannot \(what) \(path): no space left on the device", path: path,
        hint: "Free some space and try again.")
    case EROFS:
      return FileError("cannot \(what) \(path): the file system is read-only", path: path)
    case ENAMETOOLONG:
      return FileError("cannot \(what) \(path): the name is too long", path: path)
    case ELOOP:
      return FileError("cannot \(what) \(path): the links lead round in a circle", path: path)
    case EMFILE, ENFILE:
      return FileError("cannot \(what) \(path): too many open files", path: path)
    case EFBIG:
      return FileError("cannot \(what) \(path): the file would be larger than allowed", path: path)
    case EPIPE:
      return FileError("cannot \(what) \(path): nobody reads it any more", path: path)
    case EIO:
      return FileError("cannot \(what) \(path): the device reports an error", path: path)
    default:
      return FileError("cannot \(what) \(path): \(String(cString: strerror(code)))", path: path)
    }
  }

  /// The error for a path without a file: says which part is missing and what is near in spelling.
  private static func missing(_ path: String, doing what: String) -> FileError {
    let (folder, name) = splitPath(path)
    guard let names = listFolder(folder.isEmpty ? "." : folder) else {
      return FileError("cannot \(what) \(path): there is no folder \(folder)", path: path)
    }
    let near = nearest(to: name, among: names.filter { !$0.hasPrefix(".") }.sorted())
    let prefix = folder.isEmpty ? "" : folder == "/" ? "/" : folder + "/"
    let hint = near.isEmpty ? nil : "Did you mean \(near.map { prefix + $0 }.joined(separator: ", "))?"
    return FileError("there is no file \(path)", path: path, hint: hint)
  }
}

/// Folder (without its last slash, empty for the current one) and name of a path.
func splitPath(_ path: String) -> (folder: String, name: String) {
  guard let slash = path.lastIndex(of: "/") else { return ("", path) }
  let folder = slash == path.startIndex ? "/" : String(path[..<slash])
  return (folder, String(path[path.index(after: slash)...]))
}

/// The names in a folder, or nil when it cannot be read.
func listFolder(_ path: String) -> [String]? {
  guard let folder = opendir(path) else { return nil }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}

/// A count with commas between the thousands, as sentences show it: `5,012`.
func grouped(_ count: Int) -> String {
  let digits = Array(String(count.magnitude))
  var text = count < 0 ? "-" : ""
  for (i, digit) in digits.enumerated() {
    if i > 0, (digits.count - i) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return text
}

/// The text of a cell in quotes, cut to what a sentence can hold, control characters made visible.
func shown(_ bytes: some Collection<UInt8>) -> String {
  var text = "\""
  var count = 0
  for scalar in String(decoding: bytes.prefix(240), as: UTF8.self).unicodeScalars {
    if count == 40 { return text + "…\"" }
    count += 1
    switch scalar {
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case _ where scalar.value < 32 || scalar.value == 127: text += "\\u{\(String(scalar.value, radix: 16))}"
    default: text.unicodeScalars.append(scalar)
    }
  }
  return text + "\""
}
