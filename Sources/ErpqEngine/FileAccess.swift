import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqSemantics
import ErpqTables
import Foundation

/// The files a run may touch: reads anywhere, writes only below one folder.
public struct FileAccess: Sendable {
  /// The folder below which files may be written; relative names start here.
  public var folder: String
  /// Whether nothing may be written.
  public var isReadOnly: Bool
  /// What was read before.
  public let cache: FileCache
  /// Who is told how far a long read is, also while statements are checked, which reads the columns of files.
  public let progress = ProgressRelay()
  /// The files of a session that is recorded or replayed.
  public let tape = FileTape()

  /// Access to files, writes below `folder`.
  public init(folder: String, isReadOnly: Bool = false, cache: FileCache = FileCache()) {
    self.folder = folder
    self.isReadOnly = isReadOnly
    self.cache = cache
  }

  /// Where a written file may go.
  ///
  /// - Throws: a diagnostic when the run is read-only or the place lies outside of the folder.
  public func target(_ path: String) throws(Diagnostic) -> String {
    guard !isReadOnly else {
      throw Diagnostic(
        .readOnly, "nothing may be written in a read-only run", label: "this would write \"\(path)\"",
        notes: ["leave out `--read-only` to allow it"])
    }
    guard !path.isEmpty else {
      throw Diagnostic(.file, "a file name cannot be empty", label: "a name is expected")
    }
    guard !path.utf8.contains(0) else { throw Diagnostic(.file, "a file name cannot hold a NUL character") }
    // Devices are no places where files lie.
    if ["/dev/stdout", "/dev/stderr", "/dev/null", "/dev/full"].contains(path) { return path }
    let base = URL(fileURLWithPath: folder).standardizedFileURL.resolvingSymlinksInPath().path
    let wanted = path.hasPrefix("/") ? path : base + "/" + path
    var url = URL(fileURLWithPath: wanted).standardizedFileURL
    // A link is followed when it is written, so what it leads to has to lie in the folder too.
    for _ in 0..<40 {
      guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: url.path) else { break }
      url = URL(fileURLWithPath: next, relativeTo: url.deletingLastPathComponent()).standardizedFileURL
    }
    let parent = url.deletingLastPathComponent().resolvingSymlinksInPath().path
    guard parent == base || parent.hasPrefix(base == "/" ? "/" : base + "/") else {
      throw Diagnostic(
        .outsideFiles, "\"\(path)\" lies outside of the folder that may be written",
        label: "outside of \(base)",
        notes: ["`--files DIR` allows another folder"])
    }
    return parent + "/" + url.lastPathComponent
  }

  /// A path to read: relative names start in the folder.
  public func source(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    if path.hasPrefix("~/") { return NSHomeDirectory() + path.dropFirst() }
    return folder == "." || folder.isEmpty ? path : folder + "/" + path
  }

  /// Reads a data file, through the cache.
  public func read(_ path: String, _ options: ReadOptions) throws(Diagnostic) -> FileRead {
    let place = source(path)
    tape.note(path, at: place)
    let held = tape.place(of: path)
    do {
      return try FileReader(cache: cache).readTable(path: held ?? place, options: options) {
        [progress] done, total, rows in
        progress.report(
          WorkProgress("read \(path)", done: Double(done), of: total.map(Double.init), rows: rows))
      }
    } catch var error as FileError {
      error.message = tape.asNamedThen(error.message)
      throw FileAccess.diagnostic(error)
    } catch {
      throw FileAccess.diagnostic(error)
    }
  }

  /// Writes a file whole or not at all.
  public func write(_ path: String, _ body: (@escaping ByteSink) throws -> Void) throws(Diagnostic) -> String
  {
    let target = try target(path)
    do {
      try writeAtomically(path: target) { sink in try body(sink) }
    } catch let f as FileError {
      let folder = target.split(separator: "/").dropLast().joined(separator: "/")
      let message = f.message.replacing(target, with: shown(target)).replacing(
        "/" + folder, with: shown("/" + folder))
      throw FileAccess.diagnostic(FileError(message, path: f.path, hint: f.hint))
    } catch {
      throw FileAccess.diagnostic(error)
    }
    return target
  }

  /// A written file's place as a user would name it: relative to the folder where it lies below.
  public func shown(_ target: String) -> String {
    let base = URL(fileURLWithPath: folder).standardizedFileURL.resolvingSymlinksInPath().path + "/"
    return target.hasPrefix(base) ? String(target.dropFirst(base.count)) : target
  }

  /// A file's error as a diagnostic.
  public static func diagnostic(_ error: any Error) -> Diagnostic {
    switch error {
    case let d as Diagnostic: return d
    case let f as FileError:
      // A file that is not there or may not be opened is another matter than one with bad contents.
      let cannotOpen =
        f.line == nil && (f.message.hasPrefix("there is no file") || f.message.hasPrefix("cannot "))
      return Diagnostic(cannotOpen ? .file : .badFile, f.message, notes: f.hint.map { [$0] } ?? [])
    case is Cancellation.Interrupted, is ReaderLeft: return Diagnostic(.interrupted, "interrupted")
    default: return Diagnostic(.file, "\(error.localizedDescription)")
    }
  }
}
