/// Guesses the sign between cells from the first lines of a delimited text.
struct DelimiterGuess {
  /// The candidates, the likelier first where two fit equally.
  static let candidates: [UInt8] = [0x2C, 0x3B, 0x09, 0x7C]

  /// The delimiter under which the first twenty lines have most alike numbers of cells; a comma when the text
  /// has one column only. A decimal comma is no delimiter.
  static func guess(
    _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, decimal: DecimalMark
  ) -> UInt8 {
    var best: (score: Double, delimiter: UInt8)?
    // Lines beyond the first megabyte tell nothing more.
    let stop = Swift.min(end, start + (1 << 20))
    for delimiter in candidates where decimal == .point || delimiter != 0x2C {
      guard let counts = cellCounts(bytes, start, stop, delimiter), let header = counts.first, header > 1
      else { continue }
      let alike = counts.filter { $0 == header }.count
      let share = Double(alike) / Double(counts.count)
      // Lines that agree count first, then the number of cells: text cells may hold the other candidates.
      let score = share * 1000 + Double(Swift.min(header, 500))
      if score > best?.score ?? 0 { best = (score, delimiter) }
    }
    return best?.delimiter ?? (decimal == .comma ? 0x3B : 0x2C)
  }

  private static func cellCounts(
    _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ delimiter: UInt8
  ) -> [Int]? {
    var counts: [Int] = []
    var position = start
    while counts.count < 20, position < end {
      let line: CSVLine?
      do {
        line = try CSVLine(bytes, from: position, to: end, line: 1, delimiter: delimiter)
      } catch {
        // A quote that does not close under this delimiter; what was counted before it stands.
        return counts.isEmpty ? nil : counts
      }
      guard let line else { break }
      counts.append(line.cells.count)
      position = line.next
    }
    return counts
  }
}

/// Makes the names of a header usable as the names of columns.
struct ColumnNames {
  /// The names: trimmed, none empty, none twice.
  private(set) var names: [String] = []
  /// What had to be changed.
  private(set) var notes: [String] = []

  /// Trims the names of a header, numbers empty ones (`column_3`) and repeated ones (`name_2`).
  init(_ header: [String]) {
    let trimmed = header.map { ColumnNames.trim($0) }
    var taken = Set(trimmed.filter { !$0.isEmpty })
    var seen = Set<String>()
    for (i, name) in trimmed.enumerated() {
      if !name.isEmpty, seen.insert(name).inserted {
        names.append(name)
        continue
      }
      let stem = name.isEmpty ? "column" : name
      var number = name.isEmpty ? i + 1 : 2
      var made = "\(stem)_\(number)"
      while taken.contains(made) {
        number += 1
        made = "\(stem)_\(number)"
      }
      taken.insert(made)
      seen.insert(made)
      names.append(made)
      notes.append(
        name.isEmpty
          ? "column \(i + 1) has no name and is called \(made)"
          : "the name \(name) stands in the header again at column \(i + 1), which is called \(made)")
    }
  }

  private static func trim(_ name: String) -> String {
    var scalars = Substring(name).unicodeScalars
    while let first = scalars.first, first.properties.isWhitespace || first == "\u{FEFF}" {
      scalars.removeFirst()
    }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars)
  }
}
