import CLibXML2
import ErpqBase

/// An answer in XML-RPC: a result or a fault.
enum XMLAnswer {
  case result(OdooValue)
  case fault(code: Int64, text: String)
}

/// Reads XML-RPC answers with libxml2's event parser: no tree, no network, no entities beyond XML's own five, a
/// bounded depth. Records go straight into columns.
///
/// Odoo 16 writes control characters raw, which no XML parser takes; they are left out before parsing, as Odoo 19
/// does when it writes.
final class XMLAnswerReader {
  /// Deepest nesting of values; Odoo's own answers stay below ten.
  static let maximumDepth = 64

  private enum Element {
    case methodResponse, params, param, fault, value, array, data, structure, member, name, scalar(Scalar),
      other
  }
  private enum Scalar { case int, double, boolean, string, base64, dateTime, null }

  /// A list or an object that is being read as values.
  private struct Frame {
    var isObject: Bool
    var items: [OdooValue] = []
    var members: [OdooMember] = []
    var name = ""
  }

  private let builder: RowBuilder?
  private var text: [UInt8] = []
  private var isText = false
  /// The text of a `value` without a type is a string, unless an element comes.
  private var isBare = false
  private var depth = 0
  private var frames: [Frame] = []
  private var isFault = false
  private var result: OdooValue?
  private var failure: String?
  private var parser: xmlParserCtxtPtr?
  private var rowField = -1
  /// Nesting of arrays and structs around the place of reading.
  private var level = 0
  private var hasRows = false
  private let cancel = Cancellation.current

  private init(_ builder: RowBuilder?) { self.builder = builder }

  /// Reads an answer whole.
  static func read(_ body: ResponseBody) throws -> XMLAnswer { try read(body, into: nil) }

  /// Reads an answer; when it is a list of records they go into the builder, and the result is an empty list.
  static func read(_ body: ResponseBody, into builder: RowBuilder?) throws -> XMLAnswer {
    let reader = XMLAnswerReader(builder)
    try reader.parse(body)
    guard let result = reader.result else {
      throw WireFailure(offset: body.count, message: "the answer holds neither a result nor a fault")
    }
    if reader.isFault {
      return .fault(code: result["faultCode"]?.int ?? 0, text: result["faultString"]?.text ?? "")
    }
    return .result(result)
  }

  private func parse(_ body: ResponseBody) throws {
    xmlInitParser()
    var listener = erpq_xml_listener(
      context: Unmanaged.passUnretained(self).toOpaque(), opened: xmlOpened, closed: xmlClosed, text: xmlText,
      doctype: xmlDoctype)
    try withUnsafeMutablePointer(to: &listener) { listener in
      guard let parser = erpq_xml_parser(listener) else {
        throw WireFailure(offset: 0, message: "there is not enough memory to read the answer")
      }
      self.parser = parser
      defer {
        self.parser = nil
        erpq_xml_free(parser)
      }
      var clean = ControlCharacterFilter()
      var at = 0
      let chunk = 64 << 10
      repeat {
        try cancel.check()
        let count = Swift.min(chunk, body.count - at)
        let isLast = at + count == body.count
        let code = clean.filtered(UnsafeBufferPointer(start: body.base + at, count: count)) { bytes in
          erpq_xml_feed(
            parser, UnsafeRawPointer(bytes.baseAddress ?? body.base).assumingMemoryBound(to: CChar.self),
            Int32(bytes.count), isLast ? 1 : 0)
        }
        if let failure { throw WireFailure(offset: at, message: failure) }
        if code != 0 {
          let line = erpq_xml_error_line(parser)
          let said = erpq_xml_error_text(parser).map { String(cString: $0) } ?? "error \(code)"
          throw WireFailure(
            offset: at,
            message: "line \(line): " + said.prefix { !$0.isNewline }.prefix(200))
        }
        at += count
      } while at < body.count
    }
  }

  private func stop(_ why: String) {
    if failure == nil { failure = why }
    if let parser { erpq_xml_stop(parser) }
  }

  fileprivate func doctype() { stop("it holds a document type, which no answer of Odoo does") }

  private static func element(_ name: UnsafePointer<CChar>) -> Element {
    func named(_ wanted: StaticString) -> Bool {
      wanted.utf8Start.withMemoryRebound(to: CChar.self, capacity: wanted.utf8CodeUnitCount + 1) {
        strcmp(name, $0) == 0
      }
    }
    switch UInt8(bitPattern: name[0]) {
    case UInt8(ascii: "v"): return named("value") ? .value : .other
    case UInt8(ascii: "n"): return named("name") ? .name : named("nil") ? .scalar(.null) : .other
    case UInt8(ascii: "m"):
      return named("member") ? .member : named("methodResponse") ? .methodResponse : .other
    case UInt8(ascii: "i"):
      return named("int") || named("i4") || named("i8") ? .scalar(.int) : .other
    case UInt8(ascii: "d"):
      return named("double")
        ? .scalar(.double) : named("data") ? .data : named("dateTime.iso8601") ? .scalar(.dateTime) : .other
    case UInt8(ascii: "b"):
      return named("boolean") ? .scalar(.boolean) : named("base64") ? .scalar(.base64) : .other
    case UInt8(ascii: "s"): return named("string") ? .scalar(.string) : named("struct") ? .structure : .other
    case UInt8(ascii: "a"): return named("array") ? .array : .other
    case UInt8(ascii: "p"): return named("param") ? .param : named("params") ? .params : .other
    case UInt8(ascii: "f"): return named("fault") ? .fault : .other
    default: return .other
    }
  }

  fileprivate func opened(_ name: UnsafePointer<CChar>) {
    guard failure == nil else { return }
    depth += 1
    // A value, its array and its data are three elements a level.
    if depth > XMLAnswerReader.maximumDepth * 3 {
      return stop("lists and objects are nested deeper than \(XMLAnswerReader.maximumDepth) levels")
    }
    switch XMLAnswerReader.element(name) {
    case .value:
      text.removeAll(keepingCapacity: true)
      isText = true
      isBare = true
    case .name:
      text.removeAll(keepingCapacity: true)
      isText = true
    case .scalar:
      text.removeAll(keepingCapacity: true)
      isText = true
      isBare = false
    case .array: openList()
    case .structure: openObject()
    case .fault: isFault = true
    case .methodResponse: if depth != 1 { stop("it is no XML-RPC answer") }
    case .params, .param, .data, .member: isText = false
    case .other: stop("it holds the element \(String(cString: name)), so it is no XML-RPC answer")
    }
  }

  fileprivate func characters(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    if isText { text.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count)) }
  }

  fileprivate func closed(_ name: UnsafePointer<CChar>) {
    guard failure == nil else { return }
    depth -= 1
    switch XMLAnswerReader.element(name) {
    case .scalar(let kind):
      isText = false
      scalar(kind)
    case .value:
      if isBare {
        isBare = false
        scalar(.string)
      }
      isText = false
    case .name:
      isText = false
      if inRow {
        rowField = text.withUnsafeBufferPointer { bytes in
          bytes.baseAddress.flatMap { builder?.field($0, bytes.count) } ?? -1
        }
      } else if let last = frames.indices.last {
        frames[last].name = String(decoding: text, as: UTF8.self)
      }
    case .array: closeList()
    case .structure: closeObject()
    default: break
    }
  }

  // Level 0 outside of any value, 1 in the list of records, 2 in a record; values inside a record are frames.
  private var inRow: Bool { hasRows && level == 2 && frames.isEmpty }

  private func openList() {
    isBare = false
    isText = false
    level += 1
    if level == 1, builder != nil, !isFault {
      hasRows = true
    } else {
      frames.append(Frame(isObject: false))
    }
  }

  private func openObject() {
    isBare = false
    isText = false
    level += 1
    if hasRows, level == 2, frames.isEmpty {
      builder?.beginRow()
    } else {
      frames.append(Frame(isObject: true))
    }
  }

  private func closeList() {
    level -= 1
    if hasRows, level == 0, frames.isEmpty {
      result = .list([])
      return
    }
    guard let frame = frames.popLast() else { return }
    take(.list(frame.items))
  }

  private func closeObject() {
    level -= 1
    if hasRows, level == 1, frames.isEmpty { return }
    guard let frame = frames.popLast() else { return }
    take(.object(frame.members))
  }

  private func scalar(_ kind: Scalar) {
    if inRow { return cell(kind) }
    switch kind {
    case .int:
      guard let value = Int64(String(decoding: text, as: UTF8.self).filter { !$0.isWhitespace }) else {
        return stop("\"\(String(decoding: text.prefix(24), as: UTF8.self))\" is no whole number")
      }
      take(.int(value))
    case .double:
      guard let value = double() else {
        return stop("\"\(String(decoding: text.prefix(24), as: UTF8.self))\" is no number")
      }
      take(.number(value))
    case .boolean: take(.bool(text.first == UInt8(ascii: "1")))
    case .string, .base64, .dateTime: take(.text(String(decoding: text, as: UTF8.self)))
    case .null: take(.null)
    }
  }

  private func double() -> Double? {
    let words = String(decoding: text, as: UTF8.self).filter { !$0.isWhitespace }
    return Double(words)
  }

  /// A value that is not a cell: part of a list or an object, or the result itself.
  private func take(_ value: OdooValue) {
    if let last = frames.indices.last {
      if frames[last].isObject {
        frames[last].members.append(OdooMember(frames[last].name, value))
      } else {
        frames[last].items.append(value)
      }
    } else if hasRows, level == 2 {
      composite(value)
    } else if hasRows, level == 1 {
      stop("a record is no object")
    } else {
      result = value
    }
  }

  /// A list as a record's cell: `[id, name]`, or the ids of a one2many.
  private func composite(_ value: OdooValue) {
    guard rowField >= 0, let builder, case .list(let items) = value else { return }
    switch builder.fields[rowField].kind {
    case .id:
      guard let id = items.first?.int else { return items.isEmpty ? () : misfit() }
      _ = builder.set(rowField, .int(id))
    case .ids: builder.set(rowField, ids: items.compactMap(\.int))
    case .text where items.count == 2 && items[0].int != nil:
      text = Array((items[1].text ?? "").utf8)
      cell(.string)
    default: misfit()
    }
  }

  private func cell(_ kind: Scalar) {
    guard rowField >= 0, let builder else { return }
    let field = rowField
    let isTaken: Bool
    switch kind {
    case .boolean: isTaken = builder.set(field, text.first == UInt8(ascii: "1"))
    case .null: isTaken = true
    case .int, .double:
      // The zeros behind end the number, whatever it is.
      let count = text.count
      text.append(contentsOf: [0, 0])
      isTaken = text.withUnsafeBufferPointer { bytes in
        guard let p = bytes.baseAddress else { return false }
        var i = 0
        while i < count, p[i] <= 0x20 { i += 1 }
        if let number = scanNumber(p, &i, count), i == count { return builder.set(field, number) }
        // Python writes nan, inf and -inf.
        return double(UnsafeBufferPointer(start: p, count: count)).map { builder.set(field, .double($0)) }
          ?? false
      }
    case .string, .base64, .dateTime:
      isTaken = text.withUnsafeBufferPointer { bytes in
        guard let p = bytes.baseAddress else { return builder.set(field, text: xmlNothing, 0) }
        return builder.set(field, text: p, bytes.count)
      }
    }
    if !isTaken { misfit() }
  }

  private func double(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    Double(String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace })
  }

  private func misfit() {
    guard let builder, rowField >= 0 else { return }
    let field = builder.fields[rowField]
    let shown = String(decoding: text.prefix(24).filter { $0 != 0 }, as: UTF8.self)
    stop("record \(builder.rowCount), field \(field.name): \"\(shown)\" is no \(field.kind.words)")
  }
}

/// What an empty text points at.
private nonisolated(unsafe) let xmlNothing: UnsafePointer<UInt8> = {
  let byte = UnsafeMutablePointer<UInt8>.allocate(capacity: 8)
  byte.initialize(repeating: 0, count: 8)
  return UnsafePointer(byte)
}()

/// Leaves out the characters that XML 1.0 does not allow. Bytes without any are passed on as they lie.
private struct ControlCharacterFilter {
  private var kept: [UInt8] = []

  mutating func filtered<R>(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> R
  ) -> R {
    guard ControlCharacterFilter.hasAny(bytes) else { return body(bytes) }
    kept.removeAll(keepingCapacity: true)
    for byte in bytes where byte >= 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { kept.append(byte) }
    return kept.withUnsafeBufferPointer(body)
  }

  private static func hasAny(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var found: UInt8 = 0
    for byte in bytes {
      found |= byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D ? 1 : 0
    }
    return found != 0
  }
}

private func reader(_ context: UnsafeMutableRawPointer?) -> XMLAnswerReader? {
  context.map { Unmanaged<XMLAnswerReader>.fromOpaque($0).takeUnretainedValue() }
}

private func xmlOpened(_ context: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?) {
  if let name { reader(context)?.opened(name) }
}

private func xmlClosed(_ context: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?) {
  if let name { reader(context)?.closed(name) }
}

private func xmlText(_ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<CChar>?, _ count: Int32) {
  guard let bytes, count > 0 else { return }
  bytes.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
    reader(context)?.characters($0, Int(count))
  }
}

private func xmlDoctype(_ context: UnsafeMutableRawPointer?) { reader(context)?.doctype() }
