/// A drawing area of character cells, each of 2 × 4 dots (Unicode braille) or of one mark (ASCII).
struct DotCanvas {
  let columns: Int
  let rows: Int
  let unicode: Bool
  /// Dots across and down a cell.
  let dotsX: Int
  let dotsY: Int
  private var dots: [UInt8]
  private var owner: [Role]
  private var shades: [(mark: Character, role: Role)?]
  private var overlay: [(mark: Character, role: Role)?]
  private var asciiMarks: [Character]

  init(columns: Int, rows: Int, unicode: Bool) {
    self.columns = columns
    self.rows = rows
    self.unicode = unicode
    dotsX = unicode ? 2 : 1
    dotsY = unicode ? 4 : 1
    let count = columns * rows
    dots = [UInt8](repeating: 0, count: count)
    owner = [Role](repeating: .plain, count: count)
    shades = Array(repeating: nil, count: count)
    overlay = Array(repeating: nil, count: count)
    asciiMarks = [Character](repeating: "*", count: count)
  }

  /// Number of dots across and down.
  var width: Int { columns * dotsX }
  var height: Int { rows * dotsY }

  private static let bits: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]

  /// Sets the dot at `x`, `y` (from the top); dots outside are ignored.
  mutating func dot(_ x: Int, _ y: Int, _ role: Role, mark: Character) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    let cell = y / dotsY * columns + x / dotsX
    dots[cell] |= unicode ? DotCanvas.bits[x % 2][y % 4] : 1
    owner[cell] = role
    asciiMarks[cell] = mark
  }

  /// A straight line of dots (Bresenham 1965) between two places of the canvas.
  mutating func line(_ from: (x: Int, y: Int), _ to: (x: Int, y: Int), _ role: Role, mark: Character) {
    var (x, y) = from
    let dx = abs(to.x - x)
    let dy = -abs(to.y - y)
    let sx = x < to.x ? 1 : -1
    let sy = y < to.y ? 1 : -1
    var error = dx + dy
    while true {
      dot(x, y, role, mark: mark)
      if x == to.x, y == to.y { return }
      let twice = 2 * error
      if twice >= dy {
        error += dy
        x += sx
      }
      if twice <= dx {
        error += dx
        y += sy
      }
    }
  }

  /// Shades a cell behind the dots.
  mutating func shade(column: Int, row: Int, _ mark: Character, _ role: Role) {
    guard column >= 0, row >= 0, column < columns, row < rows else { return }
    shades[row * columns + column] = (mark, role)
  }

  /// Puts a character above the dots.
  mutating func put(column: Int, row: Int, _ mark: Character, _ role: Role) {
    guard column >= 0, row >= 0, column < columns, row < rows else { return }
    overlay[row * columns + column] = (mark, role)
  }

  /// Whether a cell has neither dots nor characters.
  func isFree(column: Int, row: Int) -> Bool {
    let cell = row * columns + column
    return dots[cell] == 0 && overlay[cell] == nil && shades[cell] == nil
  }

  /// A row as text, without spaces at its end.
  func text(row: Int, ink: Ink) -> String {
    var out = ""
    var run = ""
    var runRole = Role.plain
    var pending = 0
    for cell in (row * columns)..<((row + 1) * columns) {
      let (mark, role): (Character, Role)
      if let over = overlay[cell] {
        (mark, role) = over
      } else if dots[cell] != 0 {
        let braille = Unicode.Scalar(0x2800 + UInt32(dots[cell])).map { Character($0) } ?? " "
        (mark, role) = (unicode ? braille : asciiMarks[cell], owner[cell])
      } else if let shade = shades[cell] {
        (mark, role) = shade
      } else {
        pending += 1
        continue
      }
      if role != runRole || pending > 0 {
        out += ink(run, runRole) + spaces(pending)
        run = ""
        runRole = role
        pending = 0
      }
      run.append(mark)
    }
    return out + ink(run, runRole)
  }
}
