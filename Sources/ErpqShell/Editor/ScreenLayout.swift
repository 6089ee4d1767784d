/// One scalar to be shown and its look, an index into the styles of the `ScreenContent`.
struct ScreenCell: Equatable {
  var scalar: Unicode.Scalar
  var style: Int
}

/// What an editor shows: the prompt, the text, and what follows the cursor's text, before it is cut into rows.
struct ScreenContent {
  /// Prompt, text and hint. A line feed ends a line.
  var cells: [ScreenCell] = []
  /// The looks that the cells refer to; the first is plain.
  var styles: [TextStyle] = [.plain]
  /// The cell that the cursor is on; the number of text cells when it stands behind them.
  var cursor = 0
  /// Number of cells without the hint.
  var textEnd = 0

  /// Lays out a text behind a prompt.
  ///
  /// - Parameters:
  ///   - text: the scalars of the text; `cursor` is an index into them.
  ///   - spans: styles by UTF-8 offsets; parts outside the text are ignored.
  ///   - hint: shown behind the text when the cursor is at its end; its first line only.
  init(
    prompt: String, promptStyle: TextStyle = .plain, continuation: String = "", text: [Unicode.Scalar],
    cursor: Int, spans: [StyledSpan] = [], hint: String? = nil
  ) {
    cells.reserveCapacity(prompt.utf8.count + text.count + 8)
    let promptLook = look(promptStyle)
    appendPlain(prompt, style: promptLook)
    let textStyles = Self.stylesByScalar(text, spans) { look($0) }
    self.cursor = -1
    for (i, scalar) in text.enumerated() {
      if i == cursor { self.cursor = cells.count }
      let style = textStyles.isEmpty ? 0 : textStyles[i]
      if scalar == "\n" {
        cells.append(ScreenCell(scalar: scalar, style: style))
        appendPlain(continuation, style: promptLook)
      } else {
        appendVisible(scalar, style: style)
      }
    }
    textEnd = cells.count
    if self.cursor < 0 {
      self.cursor = textEnd
      if let hint {
        let faint = look(.faint)
        appendPlain(String(hint.prefix { !$0.isNewline }), style: faint)
      }
    }
  }

  private mutating func look(_ style: TextStyle) -> Int {
    if let index = styles.firstIndex(of: style) { return index }
    styles.append(style)
    return styles.count - 1
  }

  private mutating func appendPlain(_ text: String, style: Int) {
    for scalar in text.unicodeScalars where scalar.properties.generalCategory != .control {
      cells.append(ScreenCell(scalar: scalar, style: style))
    }
  }

  /// Control characters are shown as `^X`, and those that would turn the direction of writing as `�`:
  /// what is on the screen must be what will run.
  private mutating func appendVisible(_ scalar: Unicode.Scalar, style: Int) {
    switch scalar.value {
    case 0x09:
      cells.append(ScreenCell(scalar: scalar, style: style))
    case 0..<0x20:
      cells.append(ScreenCell(scalar: "^", style: style))
      cells.append(ScreenCell(scalar: Unicode.Scalar(UInt8(scalar.value + 0x40)), style: style))
    case 0x7F:
      cells.append(ScreenCell(scalar: "^", style: style))
      cells.append(ScreenCell(scalar: "?", style: style))
    case 0x80..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069:
      cells.append(ScreenCell(scalar: "\u{FFFD}", style: style))
    default:
      cells.append(ScreenCell(scalar: scalar, style: style))
    }
  }

  private static func stylesByScalar(
    _ text: [Unicode.Scalar], _ spans: [StyledSpan], _ look: (TextStyle) -> Int
  ) -> [Int] {
    if spans.isEmpty { return [] }
    var indexOfByte: [Int] = []
    for (i, scalar) in text.enumerated() {
      for _ in 0..<UTF8.width(scalar) { indexOfByte.append(i) }
    }
    indexOfByte.append(text.count)
    var result = [Int](repeating: 0, count: text.count)
    for span in spans {
      let low = Swift.max(0, span.range.lowerBound)
      let high = Swift.min(indexOfByte.count - 1, span.range.upperBound)
      if low >= high { continue }
      let style = look(span.style)
      for i in indexOfByte[low]..<indexOfByte[high] { result[i] = style }
    }
    return result
  }
}

/// Content cut into the rows of a terminal, as the terminal itself wraps it.
struct ScreenLayout {
  /// A row of the terminal.
  struct Row: Equatable {
    /// The cells shown on it, without the line feed that ends it.
    var cells: Range<Int>
    /// Columns used.
    var columns: Int
    /// Whether the next row goes on with the same line.
    var wraps: Bool
  }

  /// At least one row; the last has at least one free column.
  private(set) var rows: [Row] = []
  /// Where the cursor is.
  private(set) var cursorRow = 0
  /// Its column, from 0.
  private(set) var cursorColumn = 0

  /// Lays the content out for a terminal of so many columns. Of the hint, only what fits its row is kept.
  init(_ content: ScreenContent, width: Int) {
    let width = Swift.max(2, width)
    var start = 0
    var column = 0
    var placedCursor = false
    func end(_ index: Int, wraps: Bool) {
      rows.append(Row(cells: start..<index, columns: column, wraps: wraps))
      column = 0
    }
    var index = 0
    while index < content.textEnd {
      let scalar = content.cells[index].scalar
      if scalar == "\n" {
        if index == content.cursor {
          (cursorRow, cursorColumn, placedCursor) = (rows.count, Swift.min(column, width - 1), true)
        }
        end(index, wraps: false)
        start = index + 1
      } else {
        let columns = Self.columns(scalar, at: column, width: width)
        if column + columns > width {
          end(index, wraps: true)
          start = index
        }
        if index == content.cursor {
          (cursorRow, cursorColumn, placedCursor) = (rows.count, Swift.min(column, width - 1), true)
        }
        column += Self.columns(scalar, at: column, width: width)
      }
      index += 1
    }
    if column >= width {
      end(index, wraps: true)
      start = index
    }
    if !placedCursor { (cursorRow, cursorColumn) = (rows.count, column) }
    while index < content.cells.count {
      let columns = Self.columns(content.cells[index].scalar, at: column, width: width)
      if column + columns > width - 1 { break }
      column += columns
      index += 1
    }
    end(index, wraps: false)
  }

  /// Columns of a cell at a column; a tab goes to the next multiple of eight, but not past the row's end.
  static func columns(_ scalar: Unicode.Scalar, at column: Int, width: Int) -> Int {
    if scalar == "\t" { return column >= width ? 1 : Swift.min(8 - column % 8, width - column) }
    return CharacterWidth.columns(scalar)
  }
}
