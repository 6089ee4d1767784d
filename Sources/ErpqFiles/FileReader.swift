import ErpqBase
import ErpqTables

/// Reads files as tables: delimited text, JSON and JSON lines, gzipped or not.
public struct FileReader: Sendable {
  /// What was read before, to be used again while the file stays as it is.
  public let cache: FileCache?

  /// A reader; with a cache, a file that has not changed is not read twice.
  public init(cache: FileCache? = nil) { self.cache = cache }

  /// Reads a file into a table; the types of the columns are found out from all of its rows.
  ///
  /// - Parameters:
  ///   - path: The file. A name ending in `.gz` or content that is gzip is decompressed.
  ///   - options: What is known about the file.
  ///   - progress: Called at most ten times a second with the bytes of the file that are done, the bytes in
  ///     all (nil while the file is still being brought into memory) and the rows so far.
  /// - Throws: `FileError`, or `Cancellation.Interrupted`.
  public func readTable(
    path: String, options: ReadOptions = ReadOptions(), progress: ((Int, Int?, Int) -> Void)? = nil
  ) throws -> FileRead {
    let loader = FileLoader(path: path)
    let identity = try loader.identity()
    if let cache, let identity, let known = cache.value(identity, options) { return known }
    let result = try read(loader, options, ProgressMeter(progress), size: Int(identity?.size ?? 0))
    if let cache, let identity { cache.store(result, identity, options) }
    return result
  }

  /// Reads a file into a table as its columns ask for; the file is loaded once, and not kept in the cache.
  ///
  /// - Parameters:
  ///   - path: The file. A name ending in `.gz` or content that is gzip is decompressed.
  ///   - choose: What is known about the file, told by the names of its columns.
  ///   - progress: As above.
  /// - Throws: `FileError`, `Cancellation.Interrupted`, or what `choose` throws.
  public func readTable(
    path: String, progress: ((Int, Int?, Int) -> Void)? = nil, choose: ([String]) throws -> ReadOptions
  ) throws -> FileRead {
    let loader = FileLoader(path: path)
    let meter = ProgressMeter(progress)
    let text = try load(loader, meter, size: Int(try loader.identity()?.size ?? 0))
    let first = try parse(text, path, ReadOptions(limit: 1), ProgressMeter(nil))
    return try parse(text, path, try choose(first.table.schema.names), meter)
  }

  /// The columns of a file, by reading all of it (the cache keeps the table for the reading that follows).
  ///
  /// - Returns: the schema, and the notes and reasons a user should see.
  /// - Throws: `FileError`, or `Cancellation.Interrupted`.
  public func readSchema(
    path: String, options: ReadOptions = ReadOptions()
  ) throws -> (schema: Schema, notes: [String]) {
    let result = try readTable(path: path, options: options)
    let reasons = result.inferred.compactMap { column in column.why.map { "column \(column.name): \($0)" } }
    return (result.table.schema, result.notes + reasons)
  }

  private func read(
    _ loader: FileLoader, _ options: ReadOptions, _ progress: ProgressMeter, size: Int
  ) throws -> FileRead {
    try parse(try load(loader, progress, size: size), loader.path, options, progress)
  }

  /// The text of a file.
  private func load(_ loader: FileLoader, _ progress: ProgressMeter, size: Int) throws -> DecodedText {
    let path = loader.path
    let raw = try loader.load { progress.loaded($0) }
    progress.fileBytes = size > 0 ? size : raw.count
    if let known = FileReader.foreign(raw.buffer) {
      throw FileError(
        "\(path) is not a table of text: it looks like \(known.what)", path: path, hint: known.hint)
    }
    if FileReader.isBinary(raw.buffer) {
      throw FileError(
        "\(path) is not a table of text: its bytes are no characters", path: path,
        hint: "Export it as CSV or JSON lines.")
    }
    let decoded: DecodedText
    do {
      decoded = try DecodedText(raw, path: path)
    } catch is FileContents.OutOfMemory {
      throw FileError("there is not enough memory to read \(path)", path: path)
    }
    guard decoded.contents.count > decoded.start else {
      throw FileError("\(path) is empty", path: path)
    }
    return decoded
  }

  private func parse(
    _ decoded: DecodedText, _ path: String, _ options: ReadOptions, _ progress: ProgressMeter
  ) throws -> FileRead {
    if let limit = options.limit, limit < 0 {
      throw FileError("a limit of \(limit) rows makes no sense", path: path)
    }
    switch try format(path, options, decoded) {
    case .csv:
      return try CSVReader(path: path, text: decoded, options: options, progress: progress).read(
        isTabs: false)
    case .tsv:
      return try CSVReader(path: path, text: decoded, options: options, progress: progress).read(isTabs: true)
    case .json:
      return try JSONReader(path: path, text: decoded, options: options, progress: progress).readDocument()
    case .jsonl:
      return try JSONReader(path: path, text: decoded, options: options, progress: progress).readLines()
    }
  }

  /// The format: as asked for, by the name, or by the first character of a text whose name tells nothing.
  private func format(_ path: String, _ options: ReadOptions, _ text: DecodedText) throws -> FileFormat {
    if let format = options.format ?? FileFormat(path: path) { return format }
    let first = text.contents.buffer.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
    return first == 0x5B || first == 0x7B ? .json : .csv
  }

  /// Whether more than a tenth of the first bytes are control characters that no text holds. A stray one is data.
  private static func isBinary(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if bytes.count >= 2, bytes[0] == 0xFF && bytes[1] == 0xFE || bytes[0] == 0xFE && bytes[1] == 0xFF {
      return false
    }
    let sample = bytes.prefix(4096)
    let strange = sample.reduce(0) { $0 + ($1 < 0x20 && !(0x09...0x0D).contains($1) && $1 != 0x1B ? 1 : 0) }
    return strange > 4 && strange * 10 > sample.count
  }

  /// Formats that are told by their first bytes and are not read here.
  private static func foreign(_ bytes: UnsafeBufferPointer<UInt8>) -> (what: String, hint: String)? {
    let signs: [(sign: String, what: String, hint: String)] = [
      ("PK\u{03}\u{04}", "a workbook or a zip archive", "Save the sheet as CSV and read that."),
      ("PAR1", "a Parquet file", "Export it as CSV or JSON lines."),
      ("SQLite format 3\u{0}", "an SQLite database", "Export its table as CSV."),
      ("%PDF-", "a PDF document", "Export its table as CSV."),
    ]
    for entry in signs where bytes.starts(with: entry.sign.utf8) { return (entry.what, entry.hint) }
    let old: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0]
    return bytes.starts(with: old)
      ? ("an old Excel workbook", "Save the sheet as CSV and read that.") : nil
  }
}
