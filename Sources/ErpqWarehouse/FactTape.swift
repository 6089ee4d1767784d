import ErpqBase
import ErpqTables
import Synchronization

/// What a run asked of the company and what it was told: noted while a session is recorded, and answered from when
/// the recording is replayed, where no company file is needed.
public final class FactTape: Sendable, Hashable {
  /// Whether it takes answers down, or gives them.
  public enum Mode: Sendable {
    case noting, answering
  }

  /// Which of both.
  public let mode: Mode
  private let notes: Mutex<[String: [UInt8]]>

  /// An empty tape that notes.
  public init() {
    mode = .noting
    notes = Mutex([:])
  }

  /// A tape that answers from what `bytes` of another one held.
  public init(bytes: [UInt8]) throws(ByteReader.Damaged) {
    mode = .answering
    var reader = ByteReader(bytes)
    var entries: [String: [UInt8]] = [:]
    while !reader.isAtEnd {
      let key = try reader.text()
      entries[key] = try reader.data()
    }
    notes = Mutex(entries)
  }

  /// Everything on it, in an order that depends on nothing else.
  public var bytes: [UInt8] {
    notes.withLock { notes in
      var writer = ByteWriter()
      for key in notes.keys.sorted() {
        writer.text(key)
        writer.data(notes[key] ?? [])
      }
      return writer.bytes
    }
  }

  /// Whether nothing is on it.
  public var isEmpty: Bool { notes.withLock { $0.isEmpty } }

  /// Whether it is the same tape.
  public static func == (a: FactTape, b: FactTape) -> Bool { a === b }

  /// By its identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

  /// What the tape says under a key, or what the company says, which is noted.
  func answer<T>(
    _ key: String, _ ask: () throws -> T, write: (T, inout ByteWriter) -> Void,
    read: (inout ByteReader) throws(ByteReader.Damaged) -> T
  ) throws -> T {
    switch mode {
    case .noting:
      let told = try ask()
      var writer = ByteWriter()
      write(told, &writer)
      notes.withLock { if $0[key] == nil { $0[key] = writer.bytes } }
      return told
    case .answering:
      guard let bytes = notes.withLock({ $0[key] }) else {
        throw WarehouseError(
          .missing, "The recording does not hold \(key).",
          advice: "The statement asks for more than it did then; record the session anew.")
      }
      var reader = ByteReader(bytes)
      do { return try read(&reader) } catch {
        throw WarehouseError(.corrupt, "The recording is damaged where it holds \(key).")
      }
    }
  }
}

extension Warehouse {
  func taped(_ scan: Scan, _ ask: () throws -> Table) throws -> Table {
    guard let tape else { return try ask() }
    return try tape.answer(
      try description(of: scan), ask, write: { $1.table($0) },
      read: { reader throws(ByteReader.Damaged) in try reader.table() })
  }

  func taped(_ kind: NameKind, _ text: String, _ ask: () throws -> NameLookup) throws -> NameLookup {
    guard let tape else { return try ask() }
    return try tape.answer(
      "the \(kind.rawValue) \"\(text)\"", ask,
      write: { lookup, writer in
        for matches in [lookup.exact, lookup.candidates] {
          writer.int(matches.count)
          for m in matches {
            writer.int(Int(m.id))
            writer.optional(m.code)
            writer.text(m.name)
            writer.byte(m.isActive ? 1 : 0)
            writer.text(m.rule.rawValue)
          }
        }
      },
      read: { reader throws(ByteReader.Damaged) in
        var lists: [[NameMatch]] = []
        for _ in 0..<2 {
          let count = try reader.int()
          guard (0...100_000).contains(count) else { throw ByteReader.Damaged() }
          var matches: [NameMatch] = []
          for _ in 0..<count {
            let id = Int64(try reader.int())
            let code = try reader.optional()
            let name = try reader.text()
            let isActive = try reader.byte() != 0
            guard let rule = NameMatch.Rule(rawValue: try reader.text()) else { throw ByteReader.Damaged() }
            matches.append(NameMatch(id: id, code: code, name: name, isActive: isActive, rule: rule))
          }
          lists.append(matches)
        }
        return NameLookup(exact: lists[0], candidates: lists[1])
      })
  }

  func taped(
    _ kind: String, products: Set<Int64>?, isLatest: Bool, _ ask: () throws -> [StoredModel]
  ) throws -> [StoredModel] {
    guard let tape else { return try ask() }
    let whose = products.map { $0.sorted().map { String($0) }.joined(separator: ", ") } ?? "all products"
    return try tape.answer(
      "the \(isLatest ? "last " : "")\(kind) models of \(whose)", ask,
      write: { models, writer in
        writer.int(models.count)
        for m in models {
          writer.int(Int(m.id))
          writer.text(m.kind)
          writer.int(Int(m.product))
          writer.int(m.version)
          writer.text(m.method)
          writer.text(m.parameters)
          writer.int(Int(m.data))
          writer.int(Int(m.trained.day))
          writer.int(Int(m.lastDay.day))
          writer.text(m.body)
          writer.byte(m.isIntact ? 1 : 0)
        }
      },
      read: { reader throws(ByteReader.Damaged) in
        var models: [StoredModel] = []
        for _ in 0..<max(0, try reader.int()) {
          let id = Int64(try reader.int())
          let kind = try reader.text()
          let product = Int64(try reader.int())
          let version = try reader.int()
          let (method, parameters) = (try reader.text(), try reader.text())
          let data = Int64(try reader.int())
          let trained = CivilDate(day: Int32(clamping: try reader.int()))
          let lastDay = CivilDate(day: Int32(clamping: try reader.int()))
          var model = StoredModel(
            kind: kind, product: product, method: method, parameters: parameters, data: data,
            trained: trained,
            lastDay: lastDay, body: try reader.text())
          model.id = id
          model.version = version
          model.isIntact = try reader.byte() != 0
          models.append(model)
        }
        return models
      })
  }

  func taped(_ ask: () throws -> CompanyInfo) throws -> CompanyInfo {
    guard let tape else { return try ask() }
    return try tape.answer(
      "the company", ask,
      write: { info, writer in
        writer.text(info.name)
        writer.text(info.currency)
        writer.text(info.timeZone)
        writer.optional(info.firstDay?.description)
        writer.optional(info.lastFactDay?.description)
        writer.int(info.counts.count)
        for name in info.counts.keys.sorted() {
          writer.text(name)
          writer.int(info.counts[name] ?? 0)
        }
      },
      read: { reader throws(ByteReader.Damaged) in
        let (name, currency, zone) = (try reader.text(), try reader.text(), try reader.text())
        let first = try reader.optional().flatMap { CivilDate(iso: $0) }
        let last = try reader.optional().flatMap { CivilDate(iso: $0) }
        var counts: [String: Int] = [:]
        for _ in 0..<max(0, try reader.int()) {
          let relation = try reader.text()
          counts[relation] = try reader.int()
        }
        return CompanyInfo(
          name: name, currency: currency, timeZone: zone, firstDay: first, lastFactDay: last, counts: counts)
      })
  }
}
