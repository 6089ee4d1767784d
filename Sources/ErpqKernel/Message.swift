import CCrypto
import ErpqFiles
import Foundation

/// A message of Jupyter's protocol (version 5.3).
struct Message {
  /// The front end that asked, as the socket names it.
  var identities: [[UInt8]] = []
  var header: JSONValue
  var parent: JSONValue = [:]
  var metadata: JSONValue = [:]
  var content: JSONValue

  var type: String { header["msg_type"].text ?? "" }
}

/// Writes and reads messages under a key.
struct Wire: Sendable {
  static let delimiter = Array("<IDS|MSG>".utf8)
  /// The version of the protocol that is spoken.
  static let protocolVersion = "5.3"

  let key: [UInt8]
  /// Names this run of the kernel.
  let session = UUID().uuidString

  /// The signature: HMAC-SHA256 over the four parts, in hexadecimal digits; empty without a key.
  func signature(_ parts: ArraySlice<[UInt8]>) -> [UInt8] {
    guard !key.isEmpty else { return [] }
    let text = parts.flatMap { $0 }
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    _ = HMAC(EVP_sha256(), key, Int32(key.count), text, text.count, &digest, &length)
    let digits = Array("0123456789abcdef".utf8)
    return digest.prefix(Int(length)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }

  /// The message of some frames; nil when it is none, or is not signed by the key.
  func read(_ frames: [[UInt8]]) -> Message? {
    guard let cut = frames.firstIndex(of: Wire.delimiter), frames.count >= cut + 6 else { return nil }
    let parts = frames[(cut + 2)..<(cut + 6)]
    let given = frames[cut + 1]
    let wanted = signature(parts)
    // In a time that does not tell how much of it is right.
    guard given.count == wanted.count, zip(given, wanted).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0 else {
      return nil
    }
    let values = parts.map { (try? JSONValue.parse($0)) ?? .null }
    guard values[0]["msg_type"].text != nil else { return nil }
    return Message(
      identities: Array(frames[..<cut]), header: values[0], parent: values[1], metadata: values[2],
      content: values[3])
  }

  /// The frames of a message that answers another or goes to all.
  func frames(
    _ type: String, _ content: JSONValue, parent: Message?, metadata: JSONValue = [:],
    to identities: [[UInt8]]
  ) -> [[UInt8]] {
    let header: JSONValue = [
      "msg_id": .string(UUID().uuidString), "session": .string(session), "username": "kernel",
      "date": .string(Wire.now()), "msg_type": .string(type), "version": .string(Wire.protocolVersion),
    ]
    let parts = [header, parent?.header ?? [:], metadata, content].map { Array($0.description.utf8) }
    return identities + [Wire.delimiter, signature(parts[...])] + parts
  }

  private static func now() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    return String(
      format: "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1,
      Int(parts.tm_mday), Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec), now.tv_nsec / 1000)
  }
}
