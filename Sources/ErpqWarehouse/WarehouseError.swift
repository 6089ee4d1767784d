import ErpqBase
import GRDB

/// Something that went wrong with a company file or with data that was to be loaded into it, in plain words.
public struct WarehouseError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What sort of trouble it is.
  public enum Kind: String, Hashable, Sendable {
    /// The file does not exist, or its folder does not.
    case missing
    /// The file or its folder may not be read or written.
    case noPermission
    /// The file is no SQLite database.
    case notSQLite
    /// An SQLite database, but not one that erpq made.
    case notOurs
    /// The file is damaged or cut off.
    case corrupt
    /// A write to a file that is open for reading only.
    case readOnly
    /// Another process holds the file.
    case locked
    /// A newer erpq wrote the file.
    case newerVersion
    /// No room left on the disk.
    case diskFull
    /// The system could not read or write the file.
    case inputOutput
    /// A relation or column that does not exist, or a filter that does not fit its column.
    case badScan
    /// Data that cannot be loaded.
    case badData
    /// SQLite refused a statement; a mistake of erpq's own.
    case statement
  }

  /// What sort of trouble it is.
  public let kind: Kind
  /// What happened and where, in one sentence.
  public let message: String
  /// What to do about it; empty when there is nothing to say.
  public let advice: String

  /// An error.
  public init(_ kind: Kind, _ message: String, advice: String = "") {
    self.kind = kind
    self.message = message
    self.advice = advice
  }

  /// Message and advice.
  public var description: String { advice.isEmpty ? message : "\(message) \(advice)" }
}

extension WarehouseError {
  /// What an error of SQLite means for the file at `path`. Other errors pass through unchanged.
  static func translating(_ error: any Error, path: String) -> any Error {
    guard let error = error as? DatabaseError else { return error }
    switch error.resultCode {
    case .SQLITE_NOTADB:
      return WarehouseError(
        .notSQLite, "\(path) is not a company file: it is no SQLite database.",
        advice: "Name another file, or import the data into a new one.")
    case .SQLITE_CORRUPT:
      return WarehouseError(
        .corrupt, "\(path) is damaged or cut off.",
        advice: "Restore it from a copy, or import the data again into a new file.")
    case .SQLITE_READONLY:
      return WarehouseError(
        .readOnly,
        "\(path) cannot be written: it is open for reading only, or the file or folder is protected.",
        advice: "Open it for writing, or work on a copy.")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return WarehouseError(
        .locked, "\(path) is in use by another process that is writing to it.",
        advice: "Wait until that is done, then try again.")
    case .SQLITE_FULL:
      return WarehouseError(
        .diskFull, "There is no room left to write \(path); nothing of this load was kept.",
        advice: "Free some space, then try again.")
    case .SQLITE_CANTOPEN:
      return WarehouseError(
        .missing, "\(path) cannot be opened.", advice: "See whether the folder exists and may be used.")
    case .SQLITE_PERM, .SQLITE_AUTH:
      return WarehouseError(.noPermission, "\(path) may not be used by this account.")
    case .SQLITE_IOERR:
      if error.extendedResultCode == .SQLITE_IOERR_SHORT_READ {
        return WarehouseError(
          .corrupt, "\(path) is cut off.",
          advice: "Restore it from a copy, or import the data again into a new file.")
      }
      return WarehouseError(
        .inputOutput, "The system failed to read or write \(path).",
        advice: "See whether the disk is full or damaged.")
    case .SQLITE_INTERRUPT:
      return Cancellation.Interrupted()
    default:
      return WarehouseError(
        .statement, "\(path): \(error.message ?? "SQLite error") (\(error.resultCode.rawValue)).")
    }
  }
}
