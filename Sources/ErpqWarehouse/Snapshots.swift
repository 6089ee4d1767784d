import ErpqBase
import Foundation
import GRDB

/// A named state of a company file, kept as a file of its own in the folder `FILE.snapshots`.
///
/// A snapshot is a whole, compact copy: later loads do not touch it, it can be opened without its company, and
/// deleting its file removes it.
public struct Snapshot: Hashable, Sendable {
  /// What the user called it.
  public var name: String
  /// Its file.
  public var path: String
  /// When it was made.
  public var made: Instant
  /// Bytes of the file.
  public var bytes: Int64

  /// The folder with the snapshots of a company file.
  public static func folder(of company: String) -> String { company + ".snapshots" }

  /// The snapshots of a company file, oldest first.
  public static func all(of company: String) -> [Snapshot] {
    let folder = folder(of: company)
    let files = FileManager.default
    let found = ((try? files.contentsOfDirectory(atPath: folder)) ?? []).compactMap { file -> Snapshot? in
      guard file.hasSuffix(".db"), !file.hasPrefix(".") else { return nil }
      let path = folder + "/" + file
      guard let attributes = try? files.attributesOfItem(atPath: path),
        attributes[.type] as? FileAttributeType == .typeRegular
      else { return nil }
      let made = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
      return Snapshot(
        name: String(file.dropLast(3)), path: path, made: Instant(microseconds: Int64(made * 1_000_000)),
        bytes: (attributes[.size] as? NSNumber)?.int64Value ?? 0)
    }
    return found.sorted { ($0.made.microseconds, $0.name) < ($1.made.microseconds, $1.name) }
  }

  /// The snapshot of that name.
  ///
  /// - Throws: `WarehouseError` with near names when there is none.
  public static func named(_ name: String, of company: String) throws(WarehouseError) -> Snapshot {
    let all = all(of: company)
    if let found = all.first(where: { $0.name == name }) { return found }
    let near = nearest(to: name, among: all.map(\.name))
    let advice: String
    if !near.isEmpty {
      advice = "Did you mean \(near.joined(separator: ", "))?"
    } else if all.isEmpty {
      advice = "There is none yet: `erpq -w \(company) snapshot \(isName(name) ? name : "NAME")` makes one."
    } else {
      advice = "There are \(all.suffix(8).map(\.name).joined(separator: ", "))."
    }
    throw WarehouseError(.missing, "\(company) has no snapshot \"\(name)\".", advice: advice)
  }

  /// Letters, digits, `.`, `_` and `-`, at most 64, the first a letter or digit: a name of a file everywhere.
  static func isName(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, name.unicodeScalars.count <= 64 else { return false }
    func isPlain(_ c: Unicode.Scalar) -> Bool {
      c.isASCII && (c.properties.isAlphabetic || ("0"..."9").contains(c))
    }
    return isPlain(first)
      && name.unicodeScalars.allSatisfy { isPlain($0) || "._-".unicodeScalars.contains($0) }
  }
}

extension Warehouse {
  /// Names the current state of the company file.
  ///
  /// The copy is made under another name, written through to the disk and then linked into place, so that a
  /// snapshot is whole or not there; only the file's owner can read it. Loads that run meanwhile are not in it.
  ///
  /// - Throws: `WarehouseError` when the name is none or taken, or there is no room or permission.
  public func snapshot(named name: String) throws -> Snapshot {
    guard Snapshot.isName(name) else {
      throw WarehouseError(
        .badData, "\"\(name)\" cannot name a snapshot.",
        advice: "Use letters, digits, - _ and ., such as before-2026-q3; at most 64 of them.")
    }
    let folder = Snapshot.folder(of: path)
    let target = "\(folder)/\(name).db"
    let files = FileManager.default
    if files.fileExists(atPath: target) { throw Warehouse.taken(name, path) }
    do {
      try files.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw WarehouseError(
        .noPermission, "The folder \(folder) for snapshots cannot be made.",
        advice: "See whether the folder of the company file may be written.")
    }
    Warehouse.removeDrafts(in: folder)
    let draft = "\(folder)/.\(name).draft-\(getpid())"
    defer { try? files.removeItem(atPath: draft) }
    // Made by hand so that it is never readable for others; an empty file is what VACUUM INTO may fill.
    let handle = Glibc.open(draft, O_CREAT | O_EXCL | O_RDWR, 0o600)
    guard handle >= 0 else {
      throw WarehouseError(
        errno == ENOSPC ? .diskFull : .noPermission,
        "\(draft) cannot be made: \(String(cString: strerror(errno))).")
    }
    defer { Glibc.close(handle) }
    do {
      try store.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [draft]) }
    } catch { throw WarehouseError.translating(error, path: target) }
    fsync(handle)
    // Linking fails where another process took the name meanwhile, and never replaces its snapshot.
    guard link(draft, target) == 0 else {
      if errno == EEXIST { throw Warehouse.taken(name, path) }
      throw WarehouseError(
        errno == ENOSPC ? .diskFull : .inputOutput,
        "The snapshot cannot be put into place at \(target): \(String(cString: strerror(errno))).")
    }
    let directory = Glibc.open(folder, O_RDONLY)
    if directory >= 0 {
      fsync(directory)
      Glibc.close(directory)
    }
    return try Snapshot.named(name, of: path)
  }

  private static func taken(_ name: String, _ path: String) -> WarehouseError {
    WarehouseError(
      .badData, "\(path) has a snapshot \"\(name)\" already, and a snapshot is never overwritten.",
      advice: "Choose another name, or delete \(Snapshot.folder(of: path))/\(name).db first.")
  }

  /// Drafts of processes that were killed.
  private static func removeDrafts(in folder: String) {
    let files = FileManager.default
    for file in (try? files.contentsOfDirectory(atPath: folder)) ?? [] where file.hasPrefix(".") {
      guard let mark = file.range(of: ".draft-"), let id = Int32(file[mark.upperBound...]), id > 0 else {
        continue
      }
      if kill(id, 0) == 0 || errno == EPERM { continue }
      try? files.removeItem(atPath: folder + "/" + file)
    }
  }
}
