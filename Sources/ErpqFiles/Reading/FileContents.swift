import CZlib
import ErpqBase

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bytes of a file in memory, followed by zeros that a scanner may read over the end.
final class FileContents: @unchecked Sendable {
  /// Zeros behind the last byte.
  static let padding = 64

  /// The bytes. Nothing writes to them once the file is read, which is why the class is Sendable.
  private(set) var base: UnsafeMutablePointer<UInt8>
  /// Number of bytes.
  private(set) var count = 0
  private var capacity: Int

  /// An empty buffer with room for `capacity` bytes.
  init(capacity: Int) throws(OutOfMemory) {
    self.capacity = Swift.max(capacity, 4096)
    guard let memory = malloc(self.capacity + FileContents.padding) else { throw OutOfMemory() }
    base = memory.assumingMemoryBound(to: UInt8.self)
    memset(base, 0, FileContents.padding)
  }

  /// A buffer with these bytes.
  convenience init(_ bytes: some Collection<UInt8>) throws(OutOfMemory) {
    try self.init(capacity: bytes.count)
    _ = UnsafeMutableBufferPointer(start: base, count: bytes.count).initialize(from: bytes)
    grew(by: bytes.count)
  }

  deinit { free(base) }

  /// The system has no memory for the file.
  struct OutOfMemory: Error {}

  /// Makes sure that there is room for `more` bytes.
  func reserve(_ more: Int) throws(OutOfMemory) {
    guard count + more > capacity else { return }
    let wanted = Swift.max(count + more, capacity + capacity / 2)
    guard let memory = realloc(base, wanted + FileContents.padding) else { throw OutOfMemory() }
    base = memory.assumingMemoryBound(to: UInt8.self)
    capacity = wanted
  }

  /// Where the next bytes go.
  var tail: UnsafeMutablePointer<UInt8> { base + count }
  /// Bytes there is room for.
  var room: Int { capacity - count }

  /// Counts bytes that were put at `tail`.
  func grew(by bytes: Int) {
    count += bytes
    memset(base + count, 0, FileContents.padding)
  }

  /// All bytes.
  var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }
}

/// What tells whether a file has changed since it was read.
struct FileIdentity: Hashable, Sendable {
  /// The path with links resolved.
  var canonicalPath: String
  /// Bytes on disk.
  var size: Int64
  /// When it was last written, in nanoseconds.
  var modified: Int64
  /// Device and number of the file, which change when another takes its place.
  var device: UInt64
  var inode: UInt64
}

/// Opens a file and brings its bytes into memory, decompressed.
struct FileLoader {
  let path: String

  /// The identity of a regular file; nil for pipes and devices, whose content is gone once read.
  func identity() throws -> FileIdentity? {
    let info = try status()
    guard info.st_mode & S_IFMT == S_IFREG else { return nil }
    var canonical = path
    if let resolved = realpath(path, nil) {
      canonical = String(cString: resolved)
      free(resolved)
    }
    let modified = Int64(info.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(info.st_mtim.tv_nsec)
    return FileIdentity(
      canonicalPath: canonical, size: Int64(info.st_size), modified: modified, device: UInt64(info.st_dev),
      inode: UInt64(info.st_ino))
  }

  private func status() throws -> stat {
    guard !path.isEmpty else { throw FileError("the path is empty", path: path) }
    guard !path.utf8.contains(0) else { throw FileError("a path cannot hold a zero byte", path: path) }
    var info = stat()
    guard stat(path, &info) == 0 else { throw FileError.system(errno, doing: "read", path: path) }
    guard info.st_mode & S_IFMT != S_IFDIR else {
      throw FileError(
        "\(path) is a folder, not a file", path: path, hint: filesInside())
    }
    return info
  }

  private func filesInside() -> String? {
    let names = (listFolder(path) ?? []).filter { FileFormat(path: $0) != nil }.sorted()
    guard !names.isEmpty else { return nil }
    let more = names.count > 5 ? " and \(names.count - 5) more" : ""
    return "It holds \(names.prefix(5).joined(separator: ", "))\(more)."
  }

  /// The bytes of the file, gunzipped when it begins as gzip files do.
  /// `progress` gets bytes read from disk.
  func load(progress: (Int) -> Void) throws -> FileContents {
    let info = try status()
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.system(errno, doing: "read", path: path) }
    defer { close(descriptor) }
    do {
      let expected = info.st_mode & S_IFMT == S_IFREG ? Int(info.st_size) : 0
      var head = [UInt8](repeating: 0, count: 2)
      let got = try fill(descriptor, &head)
      if got == 2, head == [0x1F, 0x8B] {
        var inflater = Inflater(path: path, descriptor: descriptor, head: head)
        return try inflater.inflate(compressedSize: expected, progress: progress)
      }
      let contents = try FileContents(capacity: Swift.min(expected, 1 << 40) + 16)
      for byte in head.prefix(got) {
        contents.tail.pointee = byte
        contents.grew(by: 1)
      }
      let cancel = Cancellation.current
      while true {
        try cancel.check()
        try contents.reserve(64)
        let count = read(descriptor, contents.tail, Swift.min(contents.room, 16 << 20))
        if count < 0 {
          if errno == EINTR { continue }
          throw FileError.system(errno, doing: "read", path: path)
        }
        if count == 0 { break }
        contents.grew(by: count)
        progress(contents.count)
      }
      return contents
    } catch is FileContents.OutOfMemory {
      throw FileError("there is not enough memory to read \(path)", path: path)
    }
  }

  private func fill(_ descriptor: Int32, _ bytes: inout [UInt8]) throws -> Int {
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { raw in
        raw.baseAddress.map { read(descriptor, $0 + count, raw.count - count) } ?? 0
      }
      if got < 0 {
        if errno == EINTR { continue }
        throw FileError.system(errno, doing: "read", path: path)
      }
      if got == 0 { break }
      count += got
    }
    return count
  }
}

/// Decompresses a gzip file of one or several members.
struct Inflater {
  let path: String
  let descriptor: Int32
  let head: [UInt8]

  mutating func inflate(compressedSize: Int, progress: (Int) -> Void) throws -> FileContents {
    var stream = z_stream()
    // 15 bits of window, and 16 for the gzip format.
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw FileError("there is not enough memory to decompress \(path)", path: path)
    }
    defer { inflateEnd(&stream) }
    let chunk = 256 << 10
    let input = UnsafeMutablePointer<UInt8>.allocate(capacity: chunk)
    defer { input.deallocate() }
    let contents = try FileContents(capacity: Swift.min(Swift.max(compressedSize, 1 << 16), 1 << 28) * 4)
    var taken = head.count
    for (i, byte) in head.enumerated() { input[i] = byte }
    stream.next_in = input
    stream.avail_in = UInt32(head.count)
    let cancel = Cancellation.current
    var isBetweenMembers = false
    while true {
      if stream.avail_in == 0 {
        try cancel.check()
        let got = read(descriptor, input, chunk)
        if got < 0 {
          if errno == EINTR { continue }
          throw FileError.system(errno, doing: "read", path: path)
        }
        if got == 0 {
          if isBetweenMembers { return contents }
          throw FileError(
            "\(path) is cut off: its compressed data ends after \(grouped(contents.count)) bytes of text",
            path: path, hint: "Copy or download the file again.")
        }
        taken += got
        progress(taken)
        stream.next_in = input
        stream.avail_in = UInt32(got)
      }
      if isBetweenMembers {
        // Padding of zeros after a member is common (tar, tape blocks) and means nothing.
        while stream.avail_in > 0, let next = stream.next_in, next.pointee == 0 {
          stream.next_in = next + 1
          stream.avail_in -= 1
        }
        if stream.avail_in == 0 { continue }
        guard inflateReset(&stream) == Z_OK else { throw damaged(contents.count) }
        isBetweenMembers = false
      }
      try contents.reserve(1 << 16)
      let room = Swift.min(contents.room, 1 << 30)
      stream.next_out = contents.tail
      stream.avail_out = UInt32(room)
      let code = CZlib.inflate(&stream, Z_NO_FLUSH)
      contents.grew(by: room - Int(stream.avail_out))
      switch code {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: isBetweenMembers = true
      default: throw damaged(contents.count)
      }
    }
  }

  private func damaged(_ count: Int) -> FileError {
    FileError(
      "\(path) is damaged: its compressed data is not valid after \(grouped(count)) bytes of text",
      path: path,
      hint: "Copy or download the file again.")
  }
}
