import ErpqFiles
import Foundation

/// Where the front end wants to meet the kernel: the file that it names when it starts one.
public struct KernelConnection: Sendable {
  /// `tcp` or `ipc`.
  public var transport: String
  /// An address, or the beginning of a path.
  public var ip: String
  /// The ports of the five sockets.
  public var shell, control, iopub, input, heartbeat: Int
  /// The key of the signatures; empty: messages are not signed.
  public var key: [UInt8]

  /// A file that cannot be used, and why.
  public struct Problem: Error {
    /// The sentence.
    public var message: String
  }

  /// Reads a connection file.
  ///
  /// - Throws: `Problem` in a sentence.
  public init(path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Problem(message: "the connection file \(path) cannot be read")
    }
    guard let file = try? JSONValue.parse(Array(data)) else {
      throw Problem(message: "\(path) is no JSON; a front end such as `jupyter lab` writes it")
    }
    func port(_ name: String) throws -> Int {
      guard let n = file[name].integer, (1...65535).contains(n) else {
        throw Problem(message: "\(path) gives no \(name)")
      }
      return n
    }
    transport = file["transport"].text ?? "tcp"
    ip = file["ip"].text ?? "127.0.0.1"
    guard ["tcp", "ipc"].contains(transport) else {
      throw Problem(message: "the transport \(transport) of \(path) is neither tcp nor ipc")
    }
    let scheme = file["signature_scheme"].text ?? "hmac-sha256"
    guard scheme == "hmac-sha256" else {
      throw Problem(message: "messages cannot be signed by \(scheme); hmac-sha256 is known")
    }
    (shell, control) = (try port("shell_port"), try port("control_port"))
    (iopub, input) = (try port("iopub_port"), try port("stdin_port"))
    heartbeat = try port("hb_port")
    key = Array((file["key"].text ?? "").utf8)
  }

  /// The address of a port.
  func endpoint(_ port: Int) -> String { transport == "tcp" ? "tcp://\(ip):\(port)" : "ipc://\(ip)-\(port)" }
}
