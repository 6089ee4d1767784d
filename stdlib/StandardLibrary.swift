/// The standard library's files, embedded in the binary.
public enum StandardLibrary {
  /// Name and text of each file, in the order they are read.
  public static let files: [(name: String, text: String)] = [
    ("stdlib/core.erpq", String(decoding: PackageResources.core_erpq, as: UTF8.self))
  ]
}
