import ErpqBase

/// A text with places where it may be broken into lines (after Wadler, "A prettier printer", 2003).
indirect enum Layout {
  /// Bytes of the source, which hold no newline.
  case text(SourceSpan)
  /// A blank, unless a line begins here.
  case space
  /// Where a broken group begins a new line; in an unbroken one a blank, or nothing.
  case line(blank: Bool)
  /// A blank, or a new line when what follows, up to the next such place, does not fit.
  case soft(blank: Bool)
  /// A new line, with a blank one before it if `blank`.
  case hard(blank: Bool)
  /// A comment behind what is on the line; a new line follows.
  case trailingComment(SourceSpan)
  /// A comment on a line of its own.
  case ownComment(SourceSpan)
  /// Lines that begin inside are indented further.
  case nest(Int, [Layout])
  /// Lines of the group are broken together: when it does not fit, or `broken` says so.
  case group([Layout], broken: Bool)

  /// Whether a group that holds this cannot stay on one line.
  var breaksGroup: Bool {
    switch self {
    case .hard, .trailingComment, .ownComment: true
    case .nest(_, let parts): parts.contains(where: \.breaksGroup)
    case .group(_, let broken): broken
    case .text, .space, .line, .soft: false
    }
  }

  /// A group that is broken when something in it has to be, or `broken` is set.
  static func group(_ parts: [Layout], orBroken broken: Bool = false) -> Layout {
    .group(parts, broken: broken || parts.contains(where: \.breaksGroup))
  }
}

/// Writes layouts as lines of at most `width` characters where that is possible.
struct LayoutPrinter {
  private let source: SourceText
  private let width: Int
  private(set) var bytes: [UInt8] = []
  private var column = 0
  private var newlines = 0
  private var wantsSpace = false

  init(_ source: SourceText, width: Int) {
    self.source = source
    self.width = width
    bytes.reserveCapacity(source.bytes.count)
  }

  private struct Item {
    var indent: Int
    var isBroken: Bool
    var layout: Layout
  }

  /// Asks for a new line before what comes next, and for a blank one if `blank` is set.
  mutating func newline(blank: Bool = false) {
    wantsSpace = false
    if !bytes.isEmpty { newlines = max(newlines, blank ? 2 : 1) }
  }

  /// Writes bytes as they stand, on the line at hand or, when one was asked for, on a new one.
  mutating func write(_ span: SourceSpan, indent: Int) {
    if newlines > 0 {
      bytes.append(contentsOf: repeatElement(10, count: newlines))
      bytes.append(contentsOf: repeatElement(32, count: indent))
      column = indent
      newlines = 0
    } else if wantsSpace {
      bytes.append(32)
      column += 1
    }
    wantsSpace = false
    bytes.append(contentsOf: source.bytes[span.start..<span.end])
    column += displayWidth(span)
  }

  /// Writes a comment behind what stands on the last line.
  mutating func writeTrailing(_ span: SourceSpan, indent: Int) {
    if bytes.isEmpty {
      write(span, indent: indent)
    } else {
      bytes.append(contentsOf: [32, 32])
      bytes.append(contentsOf: source.bytes[span.start..<span.end])
    }
    newline()
  }

  /// Ends the text with one newline.
  mutating func finish() {
    if !bytes.isEmpty { bytes.append(10) }
  }

  /// Writes a layout whose lines are indented by `indent`.
  mutating func print(_ layout: Layout, indent: Int) {
    var stack = [Item(indent: indent, isBroken: true, layout: layout)]
    while let item = stack.popLast() {
      switch item.layout {
      case .text(let span): write(span, indent: item.indent)
      case .space: wantsSpace = true
      case .hard(let blank): newline(blank: blank)
      case .trailingComment(let span): writeTrailing(span, indent: item.indent)
      case .ownComment(let span):
        newline()
        write(span, indent: item.indent)
        newline()
      case .line(let blank):
        if item.isBroken { newline() } else if blank { wantsSpace = true }
      case .soft(let blank):
        let used = column + (blank ? 1 : 0)
        if item.isBroken, newlines == 0, !fits(width - used, then: stack) {
          newline()
        } else if blank {
          wantsSpace = true
        }
      case .nest(let depth, let parts):
        for part in parts.reversed() {
          stack.append(Item(indent: item.indent + depth, isBroken: item.isBroken, layout: part))
        }
      case .group(let parts, let broken):
        let start = newlines > 0 ? item.indent : column + (wantsSpace ? 1 : 0)
        let isBroken = broken || !fits(width - start, parts, then: stack)
        for part in parts.reversed() {
          stack.append(Item(indent: item.indent, isBroken: isBroken, layout: part))
        }
      }
    }
  }

  /// Whether `parts` unbroken, and what follows up to the next place for a new line, take at most `room` characters.
  private func fits(_ room: Int, _ parts: [Layout] = [], then rest: [Item]) -> Bool {
    var room = room
    var next = rest.count
    var pending = parts.reversed().map { Item(indent: 0, isBroken: false, layout: $0) }
    var blank = false
    while room >= 0 {
      let item: Item
      if let inner = pending.popLast() {
        item = inner
      } else {
        guard next > 0 else { return true }
        next -= 1
        item = rest[next]
      }
      switch item.layout {
      case .text(let span):
        room -= displayWidth(span) + (blank ? 1 : 0)
        blank = false
      case .space: blank = true
      case .hard, .trailingComment, .ownComment: return true
      case .line(let wide):
        if item.isBroken { return true }
        blank = blank || wide
      case .soft(let wide):
        if item.isBroken { return true }
        blank = blank || wide
      case .nest(_, let parts):
        pending += parts.reversed().map { Item(indent: 0, isBroken: item.isBroken, layout: $0) }
      case .group(let parts, let broken):
        // What follows the group may still be broken at its own first place.
        let isBroken = broken || item.isBroken
        pending += parts.reversed().map { Item(indent: 0, isBroken: isBroken, layout: $0) }
      }
    }
    return false
  }

  private func displayWidth(_ span: SourceSpan) -> Int {
    var count = 0
    for byte in source.bytes[span.start..<span.end] where byte & 0xC0 != 0x80 { count += 1 }
    return count
  }
}
