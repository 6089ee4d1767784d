import CZlib

/// Bytes in zlib's format (RFC 1950) and back, in memory.
public enum Compression {
  /// The bytes, compressed; equal bytes give equal results. Nil when there is no memory.
  public static func deflated(_ bytes: [UInt8]) -> [UInt8]? {
    var size = compressBound(UInt(bytes.count))
    var out = [UInt8](repeating: 0, count: Int(size))
    guard compress2(&out, &size, bytes, UInt(bytes.count), 6) == Z_OK else { return nil }
    out.removeLast(out.count - Int(size))
    return out
  }

  /// What was compressed, when it has that many bytes; nil when the bytes are damaged.
  public static func inflated(_ bytes: [UInt8], count: Int) -> [UInt8]? {
    // No byte stands for more than about a thousand: a size beyond that is a damaged one.
    guard count >= 0, count / 1_100 <= bytes.count else { return nil }
    var size = UInt(count)
    var out = [UInt8](repeating: 0, count: count)
    guard uncompress(&out, &size, bytes, UInt(bytes.count)) == Z_OK, Int(size) == count else { return nil }
    return out
  }
}
