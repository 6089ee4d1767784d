import CZlib
import ErpqBase
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Nobody reads the pipe any more that is written to: no failure, and nothing is left to do.
public struct ReaderLeft: Error {}

private let temporaryCount = Atomic<Int>(0)

/// Writes a file as a whole or not at all: into a temporary file beside it, which takes its place in one step
/// when all is written and on disk. An existing file keeps its permissions, and its content when anything
/// fails.
///
/// A path ending in `.gz` is written as gzip. Pipes, devices and terminals (`/dev/stdout`) are written
/// directly.
///
/// - Parameters:
///   - path: The file; a link is followed.
///   - body: Gets the sink for the file's bytes.
/// - Throws: `FileError`, or what `body` throws.
public func writeAtomically(path: String, _ body: (@escaping ByteSink) throws -> Void) throws {
  guard !path.isEmpty else { throw FileError("the path is empty", path: path) }
  guard !path.utf8.contains(0) else { throw FileError("a path cannot hold a zero byte", path: path) }
  var info = stat()
  let exists = stat(path, &info) == 0
  if exists, info.st_mode & S_IFMT == S_IFDIR { throw FileError.system(EISDIR, doing: "write", path: path) }
  if exists, info.st_mode & S_IFMT != S_IFREG {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.system(errno, doing: "write", path: path) }
    do {
      try write(body, to: descriptor, path: path)
    } catch {
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw FileError.system(errno, doing: "write", path: path) }
    return
  }
  // A file that may not be written is not replaced either, though its folder would allow it.
  if exists, access(path, W_OK) != 0 { throw FileError.system(errno, doing: "write", path: path) }
  let target = try linkTarget(path)
  let folder = splitPath(target).folder
  let place = folder.isEmpty ? "" : folder == "/" ? "/" : folder + "/"
  let (temporary, descriptor) = try createTemporary(in: place, path: path)
  do {
    do {
      try write(body, to: descriptor, path: path)
      if exists { fchmod(descriptor, info.st_mode & 0o7777) }
      guard fsync(descriptor) == 0 else { throw FileError.system(errno, doing: "write", path: path) }
    } catch {
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw FileError.system(errno, doing: "write", path: path) }
    guard rename(temporary, target) == 0 else { throw FileError.system(errno, doing: "write", path: path) }
  } catch {
    unlink(temporary)
    throw error
  }
  // The new name is on disk once its folder is. Not every file system can do that, and the file is complete.
  let directory = open(place.isEmpty ? "." : place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  if directory >= 0 {
    fsync(directory)
    close(directory)
  }
}

/// The file behind a chain of links, which need not exist yet.
private func linkTarget(_ path: String) throws -> String {
  var target = path
  for _ in 0..<40 {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { raw in
      raw.baseAddress.map { readlink(target, $0.assumingMemoryBound(to: CChar.self), raw.count) } ?? -1
    }
    guard count > 0 else { return target }
    let next = String(decoding: buffer.prefix(count), as: UTF8.self)
    let folder = splitPath(target).folder
    target = next.hasPrefix("/") || folder.isEmpty ? next : folder == "/" ? "/" + next : folder + "/" + next
  }
  throw FileError.system(ELOOP, doing: "write", path: path)
}

private func createTemporary(in place: String, path: String) throws -> (name: String, descriptor: Int32) {
  for _ in 0..<1000 {
    let number = temporaryCount.add(1, ordering: .relaxed).newValue
    let name = "\(place).erpq-\(getpid())-\(number).tmp"
    let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor >= 0 { return (name, descriptor) }
    let code = errno
    switch code {
    case EEXIST: continue
    case ENOENT where access(place.isEmpty ? "." : place, F_OK) == 0:
      throw FileError("cannot write \(path): no files can be made in its folder", path: path)
    case ENOENT:
      throw FileError("cannot write \(path): there is no folder \(splitPath(path).folder)", path: path)
    case EACCES, EPERM:
      let folder = place.isEmpty ? "the current folder" : "the folder \(splitPath(path).folder)"
      throw FileError("cannot write \(path): \(folder) allows no new files (permission denied)", path: path)
    default: throw FileError.system(code, doing: "write", path: path)
    }
  }
  throw FileError.system(EEXIST, doing: "write", path: path)
}

private func write(
  _ body: (@escaping ByteSink) throws -> Void, to descriptor: Int32, path: String
) throws {
  let file: ByteSink = { bytes in
    var done = 0
    while done < bytes.count, let base = bytes.baseAddress {
      let count = write(descriptor, base + done, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EPIPE { throw ReaderLeft() }
        throw FileError.system(errno, doing: "write", path: path)
      }
      done += count
    }
  }
  guard path.lowercased().hasSuffix(".gz") else { return try body(file) }
  let deflater = try Deflater(path: path, file)
  try body { try deflater.write($0, finish: false) }
  try deflater.write(UnsafeRawBufferPointer(start: nil, count: 0), finish: true)
}

/// Compresses bytes as gzip. The header holds neither name nor time, so equal content gives equal files.
final class Deflater {
  private let path: String
  private let sink: ByteSink
  private let stream: UnsafeMutablePointer<z_stream>
  private let output: UnsafeMutableRawBufferPointer

  init(path: String, _ sink: @escaping ByteSink) throws {
    self.path = path
    self.sink = sink
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    output = .allocate(byteCount: 64 << 10, alignment: 16)
    let code = deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw FileError("there is not enough memory to compress \(path)", path: path) }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
    output.deallocate()
  }

  /// Compresses bytes; `finish` writes what is left and the end of the file.
  func write(_ bytes: UnsafeRawBufferPointer, finish: Bool) throws {
    var start = 0
    repeat {
      let count = Swift.min(bytes.count - start, 1 << 30)
      // zlib does not write to its input, though its C declaration does not say so.
      stream.pointee.next_in = bytes.baseAddress.map {
        UnsafeMutablePointer(mutating: ($0 + start).assumingMemoryBound(to: UInt8.self))
      }
      stream.pointee.avail_in = UInt32(count)
      start += count
      repeat {
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        let code = deflate(stream, finish ? Z_FINISH : Z_NO_FLUSH)
        guard code != Z_STREAM_ERROR else { throw FileError("cannot compress \(path)", path: path) }
        let made = output.count - Int(stream.pointee.avail_out)
        if made > 0 { try sink(UnsafeRawBufferPointer(rebasing: output[0..<made])) }
      } while stream.pointee.avail_out == 0
    } while start < bytes.count
  }
}
