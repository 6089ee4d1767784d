import ErpqFiles
import Foundation

/// The folder that tells Jupyter of a kernel.
public struct KernelSpec {
  /// The command that starts it; `{connection_file}` stands for the file.
  public var arguments: [String]
  /// What front ends show.
  public var title: String

  /// A kernel that such a command starts.
  public init(arguments: [String], title: String) {
    self.arguments = arguments
    self.title = title
  }

  /// The text of `kernel.json`.
  public var json: String {
    let value: JSONValue = [
      "argv": .array(arguments.map { .string($0) }), "display_name": .string(title), "language": "erpq",
      // A message, not a signal: a signal would also end what the kernel has started.
      "interrupt_mode": "message", "metadata": ["debugger": false],
    ]
    return value.indented(by: 2) + "\n"
  }

  /// Where a user's own kernels lie: `JUPYTER_DATA_DIR`, else `jupyter` among the data of the user.
  public static func userFolder(_ environment: [String: String]) -> String {
    if let folder = environment["JUPYTER_DATA_DIR"], !folder.isEmpty { return folder + "/kernels" }
    let data =
      environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
      ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.local/share"
    return data + "/jupyter/kernels"
  }

  /// Writes the folder of a kernel of that name.
  ///
  /// - Returns: the folder.
  public func install(name: String, in folder: String) throws -> String {
    let place = folder + "/" + name
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try Data(json.utf8).write(to: URL(fileURLWithPath: place + "/kernel.json"), options: .atomic)
    try Data(KernelSpec.logo.utf8).write(to: URL(fileURLWithPath: place + "/logo-svg.svg"), options: .atomic)
    return place
  }

  /// A pipe between two shelves.
  private static let logo = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="12" fill="#2a78d6"/>\
    <path d="M14 20h36M14 44h36" stroke="#fff" stroke-width="6" stroke-linecap="round"/>\
    <path d="M32 12v40" stroke="#fff" stroke-width="6" stroke-linecap="round"/></svg>

    """
}
