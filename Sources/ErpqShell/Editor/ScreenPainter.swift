import CEditline
import Glibc

/// A piece of a line below the text: some words in one look.
struct LineSegment: Equatable {
  var text: String
  var style: TextStyle = .plain
}

/// Draws the prompt, the text and the lines below it, and draws them again at the same place.
///
/// It writes relative to the row where it began, so the screen above is never touched, and lets the terminal
/// wrap long lines itself, so that they can be copied whole and follow a change of the window's width.
struct ScreenPainter {
  /// The terminal.
  let output: Int32
  /// Whether styles are written.
  let colour: Bool
  /// Columns of the terminal as last asked for.
  private(set) var columns = 80
  /// Rows of the terminal as last asked for.
  private(set) var rows = 24
  /// What is on the screen, to find its beginning again.
  private var shown: ScreenContent?
  private var firstShownRow = 0
  private var rowsBelowTop = 0

  init(output: Int32, colour: Bool) {
    self.output = output
    self.colour = colour
    _ = updateSize()
  }

  /// Asks for the size of the terminal; whether it is another one than before.
  ///
  /// After a change of the width, the terminal has wrapped the shown lines anew, and the distance to the first
  /// row is the one that the same content has at the new width.
  mutating func updateSize() -> Bool {
    guard let size = terminalSize(output), size != (columns, rows) else { return false }
    if size.columns != columns, let shown {
      rowsBelowTop = ScreenLayout(shown, width: size.columns).cursorRow
      if firstShownRow > 0 { rowsBelowTop = Swift.min(rowsBelowTop, size.rows - 1) }
    }
    (columns, rows) = size
    return true
  }

  /// Forgets what is on the screen: the next drawing begins on the row of the cursor.
  mutating func startHere() {
    shown = nil
    rowsBelowTop = 0
    firstShownRow = 0
  }

  /// Empties the screen; the next drawing begins at its top.
  mutating func clearScreen() {
    write("\u{1B}[H\u{1B}[2J")
    startHere()
  }

  /// Draws content, with lines below it, and puts the cursor in its place.
  mutating func draw(_ content: ScreenContent, below: [[LineSegment]] = []) {
    var out = "\u{1B}[?25l" + toTop()
    let layout = ScreenLayout(content, width: columns)
    let below = below.prefix(Swift.max(0, rows - 1))
    let height = Swift.max(1, rows - below.count)
    // A text higher than the screen is shown around its cursor.
    var first = Swift.min(firstShownRow, Swift.max(0, layout.rows.count - height))
    if layout.cursorRow < first { first = layout.cursorRow }
    if layout.cursorRow >= first + height { first = layout.cursorRow - height + 1 }
    let last = Swift.min(layout.rows.count, first + height)
    var style = 0
    for index in first..<last {
      let row = layout.rows[index]
      var column = 0
      for cell in content.cells[row.cells] {
        if colour, cell.style != style {
          style = cell.style
          out += "\u{1B}[0m"
          if style != 0 { out += "\u{1B}[\(content.styles[style].rawValue)m" }
        }
        let width = ScreenLayout.columns(cell.scalar, at: column, width: columns)
        if cell.scalar == "\t" {
          out += String(repeating: " ", count: width)
        } else {
          out.unicodeScalars.append(cell.scalar)
        }
        column += width
      }
      let isLast = index == last - 1
      if row.wraps, !isLast, !layout.rows[index + 1].cells.isEmpty {
        // A wide character that did not fit leaves a column, which must be filled for the row to wrap.
        if column < columns { out += String(repeating: " ", count: columns - column) }
      } else {
        if style != 0 {
          out += "\u{1B}[0m"
          style = 0
        }
        if column < columns { out += "\u{1B}[K" }
        if !isLast { out += "\r\n" }
      }
    }
    for line in below {
      out += "\r\n"
      var free = columns - 1
      for segment in line where free > 0 {
        let text = CharacterWidth.truncated(segment.text, to: free)
        free -= CharacterWidth.columns(text)
        if colour, segment.style != .plain {
          out += "\u{1B}[\(segment.style.rawValue)m" + text + "\u{1B}[0m"
        } else {
          out += text
        }
      }
      out += "\u{1B}[K"
    }
    // Behind a full row, "clear below" would take its last character; that row is the screen's last.
    if !below.isEmpty || layout.rows[last - 1].columns < columns { out += "\u{1B}[J" }
    out += up(last - 1 - layout.cursorRow + below.count) + "\r" + right(layout.cursorColumn) + "\u{1B}[?25h"
    shown = content
    firstShownRow = first
    rowsBelowTop = layout.cursorRow - first
    write(out)
  }

  /// Draws the content for the last time, with `mark` behind it, and goes to the row below.
  mutating func finish(_ content: ScreenContent, mark: String = "") {
    var content = content
    content.cursor = content.textEnd
    content.cells.removeLast(content.cells.count - content.textEnd)
    for scalar in mark.unicodeScalars { content.cells.append(ScreenCell(scalar: scalar, style: 0)) }
    content.textEnd = content.cells.count
    content.cursor = content.textEnd
    draw(content)
    // Behind a line that fills its last row, the cursor is on a new row already.
    let layout = ScreenLayout(content, width: columns)
    let onEmptyRow = layout.rows.count > 1 && layout.rows.last?.cells.isEmpty == true
    write(onEmptyRow ? "\r" : "\r\n")
    startHere()
  }

  private func toTop() -> String { up(rowsBelowTop) + "\r" }

  private func up(_ count: Int) -> String { count > 0 ? "\u{1B}[\(count)A" : "" }

  private func right(_ count: Int) -> String { count > 0 ? "\u{1B}[\(count)C" : "" }

  /// Writes all of a text, waiting where the terminal is slow; a closed terminal is not reported here,
  /// since reading from it tells.
  func write(_ text: String) {
    writeAll(Array(text.utf8), to: output)
  }
}

/// Columns and rows of a terminal; nil when they cannot be known.
func terminalSize(_ descriptor: Int32) -> (columns: Int, rows: Int)? {
  var columns: Int32 = 0
  var rows: Int32 = 0
  guard erpq_window_size(descriptor, &columns, &rows) == 0 else { return nil }
  return (Int(columns), Int(rows))
}

/// Writes all bytes, going on after signals and waiting for a descriptor that does not block.
/// Returns 0, or the error number of the write that failed.
@discardableResult
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
  bytes.withUnsafeBytes { buffer in
    guard let base = buffer.baseAddress else { return 0 }
    var done = 0
    while done < buffer.count {
      let count = Glibc.write(descriptor, base + done, buffer.count - done)
      if count > 0 {
        done += count
      } else if count < 0, errno == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wait, 1, 1000)
      } else if count < 0, errno != EINTR {
        return errno
      }
    }
    return 0
  }
}
