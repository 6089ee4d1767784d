import ErpqBase
import Foundation
import Testing

@testable import ErpqOdooSimulator

/// The records that the recorded exchanges show, with what their counts and sums imply besides.
enum RecordedWorld {
  /// The recorded exchanges, by names such as `19/so_cancel.request`; unpacked once, with the system's `tar`.
  static let recordings: [String: [UInt8]] = {
    let archive = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("OdooRecordings/exchanges.tar.gz")
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("erpq-recordings-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "xzf", archive.path, "-C", folder.path]
    try? tar.run()
    tar.waitUntilExit()
    var files: [String: [UInt8]] = [:]
    for version in OdooVersion.allCases {
      let part = folder.appendingPathComponent("\(version.rawValue)")
      for name in (try? FileManager.default.contentsOfDirectory(atPath: part.path)) ?? [] {
        files["\(version.rawValue)/\(name)"] = (try? Data(contentsOf: part.appendingPathComponent(name))).map(
          Array.init)
      }
    }
    return files
  }()

  static func fixture(_ name: String) throws -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Fixtures")
    return Array(try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  /// The records of a version, with the fields that its recorded `fields_get` answers declare.
  static func database(_ version: OdooVersion) throws -> (database: Database, name: String) {
    let file = try JSONText.parse(try fixture("world-\(version.rawValue).json"))
    var models = Declarations.models(version)
    for (name, fields) in try recordedFields(version) {
      let known = models[name]
      var model = known ?? ModelDeclaration(name, label: name, order: "id", naming: "{name}")
      model.fields = fields.map { field in
        var field = field
        field.inverse = nil
        return field
      }
      models[name] = model
    }
    var database = Database(version: version, models: models)
    for (name, records) in pairs(file["models"]) {
      for (id, values) in pairs(records) {
        let table = try #require(database.tables[name], "no model \(name)")
        var row: [String: OdooValue] = [:]
        for (field, wire) in pairs(values) {
          let kind = try #require(table.model[field]?.kind, "no field \(name).\(field)")
          row[field] = try value(wire, kind, stamp: field == "write_date" || field == "create_date")
        }
        database.tables[name]?.insert(try #require(Int(id)), table.row(row))
      }
    }
    for user in file["users"]?.list ?? [] { database.users.append(try self.user(user)) }
    for (model, groups) in pairs(file["accessGroups"]) {
      database.accessGroups[model] = groups.list?.compactMap(\.text) ?? []
    }
    return (database, try #require(file["database"]?.text))
  }

  static func pairs(_ wire: Wire?) -> [(String, Wire)] {
    wire?.record.map { Array(zip($0.keys, $0.values)) } ?? []
  }

  private static func value(_ wire: Wire, _ kind: FieldKind, stamp: Bool) throws -> OdooValue {
    if let companies = wire["companies"] {
      var values: [Int: OdooValue] = [:]
      for (id, wire) in pairs(companies) {
        values[try #require(Int(id))] = try value(wire, kind, stamp: false)
      }
      return .perCompany(values)
    }
    if wire == "NaN!" { return .double(.nan) }
    let value = try #require(OdooValue(wire, kind: kind))
    // Databases keep microseconds that the wire does not show.
    if stamp, case .moment(let moment) = value {
      return .moment(Instant(microseconds: moment.microseconds + 123_456))
    }
    return value
  }

  private static func user(_ wire: Wire) throws -> OdooUser {
    let login = try #require(wire["login"]?.text)
    var user = OdooUser(
      id: try #require(wire["id"]?.int), login: login, name: wire["name"]?.text ?? login, password: login,
      apiKeys: wire["keys"]?.list?.compactMap(\.text) ?? [], companies: wire["companies"]?.ids ?? [1],
      isAdministrator: wire["admin"]?.isTrue ?? false)
    user.ownRecordsOnly = Set(wire["own"]?.list?.compactMap(\.text) ?? [])
    user.hiddenModels = Set(wire["hidden"]?.list?.compactMap(\.text) ?? [])
    return user
  }

  /// Fields by model as recorded, with captions where a recording has them.
  static func recordedFields(_ version: OdooVersion) throws -> [(String, [FieldDeclaration])] {
    var out: [(String, [FieldDeclaration])] = []
    for exchange in try Exchange.all(version) where exchange.name.hasPrefix("fields_get_") {
      guard exchange.name != "fields_get_sol" else { continue }
      guard let result = try JSONText.parse(exchange.response)["result"]?.record,
        let arguments = try JSONText.parse(exchange.request)["params"]?["args"]
      else { continue }
      let model = try #require(arguments[3]?.text)
      out.append(
        (
          model,
          zip(result.keys, result.values).compactMap { name, wire in
            wire.record.flatMap { FieldDeclaration(name, fieldsGet: $0) }
          }
        ))
    }
    // One recording has captions and aggregators as well.
    if let more = try Exchange.all(version).first(where: { $0.name == "fields_get_sol" }),
      let fields = try Comparison.xml(more.response)["params"]?[0]?.record,
      let i = out.firstIndex(where: { $0.0 == "sale.order.line" })
    {
      out[i].1 = out[i].1.map { field in
        guard let wire = fields[field.name] else { return field }
        var field = field
        field.label = wire["string"]?.text ?? field.label
        field.aggregator = (wire["aggregator"] ?? wire["group_operator"])?.text
        return field
      }
    }
    return out
  }
}

/// One recorded exchange.
struct Exchange {
  let version: OdooVersion
  let name: String
  /// The request's line and headers.
  let requestHead: [String]
  /// The response's line and headers.
  let responseHead: [String]
  let request: [UInt8]
  let response: [UInt8]

  static func all(_ version: OdooVersion) throws -> [Exchange] {
    let prefix = "\(version.rawValue)/"
    let names = RecordedWorld.recordings.keys.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".headers") }
      .map { String($0.dropFirst(prefix.count).dropLast(".headers".count)) }.sorted()
    try #require(!names.isEmpty)
    return try names.map { name in
      func bytes(_ suffix: String) throws -> [UInt8] {
        try #require(RecordedWorld.recordings[prefix + name + suffix])
      }
      let heads = String(decoding: try bytes(".headers"), as: UTF8.self)
        .replacing("\r\n", with: "\n").components(separatedBy: "--- response ---\n")
      func lines(_ text: String) -> [String] { text.components(separatedBy: "\n").filter { !$0.isEmpty } }
      try #require(heads.count == 2, "\(name)")
      return Exchange(
        version: version, name: name, requestHead: lines(heads[0]), responseHead: lines(heads[1]),
        request: try bytes(".request"), response: try bytes(".response"))
    }
  }

  var status: Int { Int(responseHead[0].split(separator: " ")[1]) ?? 0 }

  func header(_ name: String) -> String? {
    responseHead.dropFirst().first { $0.lowercased().hasPrefix(name + ":") }
      .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
  }
}

/// Whether two bodies say the same.
enum Comparison {
  /// The response of an XML-RPC call, `params` or `fault`.
  static func xml(_ bytes: [UInt8]) throws -> Wire {
    var text = String(decoding: bytes, as: UTF8.self)
    let isFault = text.contains("<fault>")
    text = text.replacing("<methodResponse>", with: "<methodCall><methodName>r</methodName>")
      .replacing("</methodResponse>", with: "</methodCall>")
      .replacing("<fault>", with: "<params><param>").replacing("</fault>", with: "</param></params>")
    let call = try XMLRPCCall(Array(text.utf8))
    return [isFault ? "fault" : "params": .list(call.arguments)]
  }

  static func body(_ bytes: [UInt8], type: String) throws -> Wire {
    if type.contains("xml") { return try xml(bytes) }
    if type.contains("json") { return try JSONText.parse(bytes) }
    return .text(String(decoding: bytes, as: UTF8.self))
  }

  /// Where the values differ first; nil when they say the same. Order in records does not matter, and of
  /// tracebacks only the last line is compared.
  static func difference(_ a: Wire, _ b: Wire, path: String = "") -> String? {
    switch (a, b) {
    case (.record(let x), .record(let y)):
      let missing = Set(x.keys).symmetricDifference(y.keys).sorted()
      if !missing.isEmpty { return "\(path): only one side has \(missing.prefix(8))" }
      for (key, value) in zip(x.keys, x.values) {
        if let found = difference(value, y[key] ?? .none, path: path + "." + key) { return found }
      }
      return nil
    case (.list(let x), .list(let y)):
      if x.count != y.count { return "\(path): \(x.count) and \(y.count) elements" }
      for (i, pair) in zip(x, y).enumerated() {
        if let found = difference(pair.0, pair.1, path: path + "[\(i)]") { return found }
      }
      return nil
    // Someone wrote 1 for true in the declaration of a field of 16.
    case (.bool(let x), .int(let y)) where path.hasSuffix(".readonly"): return x == (y == 1) ? nil : path
    case (.double(let x), .double(let y)) where x.isNaN && y.isNaN: return nil
    case (.text(let x), .text(let y)) where x.hasPrefix("Traceback") && y.hasPrefix("Traceback"):
      let last = { (text: String) in text.split(separator: "\n").last.map(String.init) ?? "" }
      return last(x) == last(y) ? nil : "\(path): \(last(x)) ≠ \(last(y))"
    default:
      return a == b ? nil : "\(path): \(pythonText(a).prefix(300)) ≠ \(pythonText(b).prefix(300))"
    }
  }
}
