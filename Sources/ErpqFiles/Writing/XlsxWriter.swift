import CXlsxWriter
import ErpqBase
import ErpqTables

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension TableWriter {
  /// Most rows of a sheet, the header included.
  public static let xlsxRows = 1_048_576
  /// Most columns of a sheet.
  public static let xlsxColumns = 16_384

  /// Writes an Excel workbook with one sheet: a bold header that stays in sight, a filter on it, and typed
  /// cells.
  ///
  /// Numbers, money, percents, quantities and durations are numbers with a format that shows their unit (a
  /// duration in days, as Excel counts time; calendar durations in months); dates, datetimes, days and months
  /// are Excel's dates; other periods and lists are text. Null and empty text are empty cells, so are numbers
  /// that are not finite. What a cell cannot hold as a number is written as text, so that nothing is lost:
  /// integers beyond 15 digits and dates before 1900-03-01, where Excel's calendar errs. Control characters
  /// are left out. The same table gives the same bytes.
  ///
  /// - Parameter sheet: The file's name; the sheet is named after it, as far as Excel allows.
  /// - Throws: `FileError` for a table that no sheet holds (rows, columns, texts of more than 32,767
  ///   characters) and for a disk that is full.
  public static func xlsx(
    _ table: Table, sheet: String, to sink: @escaping ByteSink
  ) throws {
    guard table.rowCount < xlsxRows else {
      throw FileError(
        "a sheet of a workbook holds \(xlsxRows - 1) rows below its header, and these are \(table.rowCount)",
        path: sheet, hint: "Write a .csv, or fewer rows with `limit` or `where`.")
    }
    guard table.columns.count <= xlsxColumns else {
      throw FileError(
        "a sheet of a workbook holds \(xlsxColumns) columns, and these are \(table.columns.count)",
        path: sheet, hint: "Choose some with `select`, or write a .csv.")
    }
    let place = try WorkFile(path: sheet)
    defer { place.remove() }
    try XlsxBook(table, sheet: sheet).write(to: place.name)
    try place.copy(to: sink)
  }

  /// The letters of a column of a sheet: A … Z, AA …
  static func columnName(_ index: Int) -> String {
    var name = ""
    var rest = index
    repeat {
      name = String(UnicodeScalar(UInt8(65 + rest % 26))) + name
      rest = rest / 26 - 1
    } while rest >= 0
    return name
  }

  /// The name of a sheet after a file: without folder, ending and the signs that Excel forbids, at most 31
  /// UTF-16 units.
  static func sheetName(_ path: String) -> String {
    var name = Substring(path.split(separator: "/").last ?? "")
    for ending in [".gz", ".xlsx"] where name.lowercased().hasSuffix(ending) {
      name = name.dropLast(ending.count)
    }
    var out = ""
    for character in XlsxText.clean(String(name)) where !"[]:*?/\\\n\t".contains(character) {
      guard out.utf16.count + character.utf16.count <= 31 else { break }
      out.append(character)
    }
    while let last = out.last, last == "'" || last == " " { out.removeLast() }
    while let first = out.first, first == "'" || first == " " { out.removeFirst() }
    // Excel keeps one name for itself.
    return out.isEmpty || out.lowercased() == "history" ? "Sheet1" : out
  }
}

/// A file in the system's temporary folder for the library to write to, which takes no stream.
private struct WorkFile {
  let name: String
  private let path: String

  init(path: String) throws {
    self.path = path
    name = try TemporaryPlace.file(to: "write \(path)")
  }

  func remove() { unlink(name) }

  func copy(to sink: ByteSink) throws {
    let descriptor = open(name, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.system(errno, doing: "read back", path: path) }
    defer { close(descriptor) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError.system(errno, doing: "read back", path: path)
      }
      try sink(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
    }
  }
}

/// One table as a workbook.
private struct XlsxBook {
  let table: Table
  let sheet: String
  let columns: [XlsxColumn]

  /// Cells from which on rows leave the memory as soon as they are written. Their texts then stand in the cells
  /// instead of in the workbook's list of texts, which every reader of workbooks knows too.
  private static let manyCells = 1_000_000

  init(_ table: Table, sheet: String) throws {
    self.table = table
    self.sheet = sheet
    columns = zip(table.schema.fields, table.columns).map { XlsxColumn($0, $1) }
    for (column, name) in zip(columns, table.schema.names) {
      if let row = column.firstTooLong() {
        throw FileError(
          "row \(row + 1), column \(name): a cell of a workbook holds \(XlsxText.most) characters, and this text "
            + "is longer", path: sheet, hint: "Write a .csv, or leave the column out with `drop`.")
      }
    }
  }

  func write(to path: String) throws {
    var options = lxw_workbook_options()
    options.constant_memory = table.rowCount * max(1, columns.count) > XlsxBook.manyCells ? 1 : 0
    options.use_zip64 = options.constant_memory
    guard let book = path.withCString({ workbook_new_opt($0, &options) }) else {
      throw failure(LXW_ERROR_MEMORY_MALLOC_FAILED)
    }
    var isOpen = true
    // Closing is also what frees it.
    defer { if isOpen { _ = workbook_close(book) } }
    // A workbook says when it was made; the start of the zip format's calendar stands for every time.
    var properties = lxw_doc_properties()
    properties.created = 315_532_800
    _ = workbook_set_properties(book, &properties)
    guard let page = TableWriter.sheetName(sheet).withCString({ workbook_add_worksheet(book, $0) }),
      let left = header(book, LXW_ALIGN_LEFT), let right = header(book, LXW_ALIGN_RIGHT)
    else { throw failure(LXW_ERROR_MEMORY_MALLOC_FAILED) }
    var formats: [UnsafeMutablePointer<lxw_format>?] = []
    for (i, column) in columns.enumerated() {
      let format = workbook_add_format(book)
      if let text = column.format { text.withCString { format_set_num_format(format, $0) } }
      formats.append(format)
      let place = lxw_col_t(i)
      try check(worksheet_set_column(page, place, place, column.width, nil))
    }
    for (i, name) in table.schema.names.enumerated() {
      let format = columns[i].alignsRight ? right : left
      try check(
        XlsxText.clean(name).withCString { worksheet_write_string(page, 0, lxw_col_t(i), $0, format) })
    }
    let cancel = Cancellation.current
    for row in 0..<table.rowCount {
      if row & 4095 == 0 { try cancel.check() }
      for (i, column) in columns.enumerated() {
        try check(column.write(row, page, lxw_row_t(row + 1), lxw_col_t(i), formats[i]))
      }
    }
    if let totals = table.totals { try write(totals, book, page) }
    if !columns.isEmpty {
      worksheet_freeze_panes(page, 1, 0)
      try check(worksheet_autofilter(page, 0, 0, lxw_row_t(table.rowCount), lxw_col_t(columns.count - 1)))
    }
    isOpen = false
    errno = 0
    try check(workbook_close(book))
  }

  /// The row of totals, below the rows and outside of the filter: sums of the rows that the filter shows.
  private func write(
    _ totals: [Value], _ book: UnsafeMutablePointer<lxw_workbook>, _ page: UnsafeMutablePointer<lxw_worksheet>
  ) throws {
    let line = lxw_row_t(table.rowCount + 1)
    for (i, value) in totals.enumerated() {
      guard let format = workbook_add_format(book) else { throw failure(LXW_ERROR_MEMORY_MALLOC_FAILED) }
      format_set_bold(format)
      format_set_top(format, UInt8(LXW_BORDER_THIN.rawValue))
      if let text = columns[i].format { text.withCString { format_set_num_format(format, $0) } }
      if case .text(let word) = value {
        try check(word.withCString { worksheet_write_string(page, line, lxw_col_t(i), $0, format) })
      } else if let sum = columns[i].shown(value), table.rowCount > 0 {
        // 109 is the sum without the rows that a filter hides.
        let name = TableWriter.columnName(i)
        let formula = "=SUBTOTAL(109,\(name)2:\(name)\(table.rowCount + 1))"
        try check(
          formula.withCString { worksheet_write_formula_num(page, line, lxw_col_t(i), $0, format, sum) })
      } else {
        try check(worksheet_write_blank(page, line, lxw_col_t(i), format))
      }
    }
  }

  private func header(
    _ book: UnsafeMutablePointer<lxw_workbook>, _ align: lxw_format_alignments
  ) -> UnsafeMutablePointer<lxw_format>? {
    guard let format = workbook_add_format(book) else { return nil }
    format_set_bold(format)
    format_set_bottom(format, UInt8(LXW_BORDER_THIN.rawValue))
    format_set_align(format, UInt8(align.rawValue))
    return format
  }

  private func check(_ code: lxw_error) throws {
    if code != LXW_NO_ERROR { throw failure(code) }
  }

  private func failure(_ code: lxw_error) -> FileError {
    switch code {
    case LXW_ERROR_MEMORY_MALLOC_FAILED:
      return FileError("there is not enough memory to write \(sheet)", path: sheet)
    case LXW_ERROR_CREATING_TMPFILE, LXW_ERROR_READING_TMPFILE, LXW_ERROR_ZIP_FILE_OPERATION,
      LXW_ERROR_ZIP_FILE_ADD,
      LXW_ERROR_ZIP_CLOSE, LXW_ERROR_CREATING_XLSX_FILE:
      return FileError(
        "cannot write \(sheet): the temporary folder takes no more files", path: sheet,
        hint: "Free some space there, or name another folder in TMPDIR.")
    default:
      let reason = lxw_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
      return FileError("cannot write \(sheet): \(reason)", path: sheet)
    }
  }
}
