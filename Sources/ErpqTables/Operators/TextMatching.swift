import ErpqBase

extension Operators {
  /// `a like pattern`: `%` any characters, `_` one character, `\` takes the next as it is; case does not
  /// matter.
  public static let like = textTest("like") { pattern in
    let pattern = LikePattern(pattern)
    return { pattern.matches($0) }
  }

  /// `a matches pattern`: a regular expression found anywhere in the text (`^…$` for the whole of it).
  public static let matches = textTest("matches") { pattern in
    let regex = try TextPattern(pattern)
    return { regex.isFound(in: $0) }
  }

  /// `a contains b`: a text holds another, whatever the case; a list holds a value.
  public static let contains = ScalarKernel.rowwise("contains") { operands, rows, type in
    let (a, b) = (operands[0], operands[1])
    if a.type.physical == .values {
      return membership(rows: rows, a, b) { left, right in
        guard case .list(let items) = left else { return nil }
        return isMember(right, of: items)
      }
    }
    return try containsText.apply(operands, rows, type).column(rows: rows)
  }

  private static let containsText = textTest("contains") { needle in
    let needle = CaseFolding.fold(needle)
    return { CaseFolding.fold($0).contains(needle) }
  }

  /// A test of texts that is prepared once per pattern and run once per dictionary entry.
  private static func textTest(
    _ name: String, _ prepare: @escaping @Sendable (String) throws -> (String) throws -> Bool
  ) -> ScalarKernel {
    .rowwise(name) { operands, rows, _ in
      guard let (x, left) = operands[0].texts(), let (y, right) = operands[1].texts() else {
        return .nulls(.bool, count: rows)
      }
      if y.isConstant {
        let test = try prepare(right[0])
        return try mapEntries(x, left, rows: rows, type: .bool) { text in
          try text.map { .bool(try test($0)) } ?? .null
        }
      }
      var tests: [Int32: (String) throws -> Bool] = [:]
      let valid = Bitmap.both(x.validity, y.validity)
      var values = [Bool](repeating: false, count: rows)
      let cancel = Cancellation.current
      for row in 0..<rows where valid?[row] ?? true {
        if row & 0xFFF == 0 { try cancel.check() }
        let test = try tests[y[row]] ?? prepare(right[y[row]])
        tests[y[row]] = test
        values[row] = try test(left[x[row]])
      }
      return Column(.bool, .bools(values), validity: valid)
    }
  }
}

/// A compiled pattern of SQL's LIKE.
struct LikePattern: Sendable {
  private enum Piece: Equatable {
    case any, one
    case scalar(Unicode.Scalar)
  }
  private let pieces: [Piece]

  /// Compiles; every text is a pattern.
  init(_ pattern: String) {
    var pieces: [Piece] = []
    var quoted = false
    for scalar in CaseFolding.fold(pattern).unicodeScalars {
      if quoted {
        pieces.append(.scalar(scalar))
        quoted = false
      } else if scalar == "\\" {
        quoted = true
      } else if scalar == "%" {
        if pieces.last != .any { pieces.append(.any) }
      } else {
        pieces.append(scalar == "_" ? .one : .scalar(scalar))
      }
    }
    if quoted { pieces.append(.scalar("\\")) }
    self.pieces = pieces
  }

  /// Whether the whole text fits.
  func matches(_ text: String) -> Bool {
    // Greedy with one point to go back to: the last `%` takes one more character at each failure.
    let s = Array(CaseFolding.fold(text).unicodeScalars)
    var (i, p) = (0, 0)
    var back: (i: Int, p: Int)?
    while i < s.count {
      if p < pieces.count, pieces[p] == .any {
        back = (i, p)
        p += 1
      } else if p < pieces.count, pieces[p] == .one || pieces[p] == .scalar(s[i]) {
        (i, p) = (i + 1, p + 1)
      } else if let (from, star) = back {
        (i, p) = (from + 1, star + 1)
        back = (from + 1, star)
      } else {
        return false
      }
    }
    while p < pieces.count, pieces[p] == .any { p += 1 }
    return p == pieces.count
  }
}

/// A compiled regular expression (Swift's syntax, close to PCRE).
struct TextPattern {
  private let regex: Regex<AnyRegexOutput>

  /// Compiles a pattern; a `KernelError` says what is wrong with it.
  init(_ pattern: String) throws {
    do {
      regex = try Regex(pattern)
    } catch {
      throw KernelError("the regular expression '\(pattern)' cannot be read: \(error)")
    }
  }

  /// Whether it fits somewhere.
  func isFound(in text: String) -> Bool { ((try? regex.firstMatch(in: text)) ?? nil) != nil }

  /// The first fit: the whole of it (0) or a group.
  func first(in text: String, group: Int) -> String? {
    guard let match = (try? regex.firstMatch(in: text)) ?? nil, group >= 0, group < match.output.count else {
      return nil
    }
    return match.output[group].substring.map(String.init)
  }

  /// Every fit replaced; `$1` … `$9` and `$0` stand for groups, `$$` for a dollar sign.
  func replacingAll(in text: String, with template: String) -> String {
    text.replacing(regex) { match in
      var out = ""
      var dollar = false
      for c in template {
        if dollar {
          dollar = false
          if let group = c.wholeNumberValue, c.isASCII {
            if group < match.output.count { out += match.output[group].substring ?? "" }
          } else {
            out += c == "$" ? "$" : "$\(c)"
          }
        } else if c == "$" {
          dollar = true
        } else {
          out.append(c)
        }
      }
      return dollar ? out + "$" : out
    }
  }
}

/// Simple case folding: one scalar for one (Unicode Standard, section 3.13 and CaseFolding.txt, C + S).
enum CaseFolding {
  /// The text with every scalar folded.
  static func fold(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) {
      return String(
        unsafeUninitializedCapacity: text.utf8.count,
        initializingUTF8With: { out in
          var n = 0
          for byte in text.utf8 {
            out[n] = byte >= 65 && byte <= 90 ? byte + 32 : byte
            n += 1
          }
          return n
        })
    }
    var folded = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { folded.append(fold(scalar)) }
    return String(folded)
  }

  /// A scalar folded: the small letter of its capital, where both are single scalars.
  static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    // The dotless i folds to itself; by way of its capital it would meet the dotted one.
    if scalar.value < 0x41 || scalar.value == 0x131 { return scalar }
    let upper = single(scalar.properties.uppercaseMapping) ?? scalar
    return single(upper.properties.lowercaseMapping) ?? single(scalar.properties.lowercaseMapping) ?? scalar
  }

  private static func single(_ mapping: String) -> Unicode.Scalar? {
    let scalars = mapping.unicodeScalars
    return scalars.count == 1 ? scalars.first : nil
  }
}
