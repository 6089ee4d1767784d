import ErpqBase
import Foundation

@testable import ErpqOdoo

/// A few tables that answer as Odoo does, over JSON-RPC and JSON-2: what a sync needs, with faults on demand.
final class SmallOdoo: HTTPExchanger, @unchecked Sendable {
  struct Model {
    var fields: [(name: String, type: String)]
    var rows: [Int64: [String: OdooValue]] = [:]
  }

  let address = "http://127.0.0.1:8069"
  var version = "16.0"
  var models: [String: Model] = [:]
  var now = Instant(microseconds: 0)
  var requests: [(model: String, method: String)] = []
  /// Called before an answer; may throw or change the tables.
  var onRequest: ((String, String) throws -> Void)?
  var denied: Set<String> = []
  var hasColumns = true

  func define(_ model: String, _ fields: String) {
    let all = fields.split(separator: " ").map { $0.split(separator: ":").map(String.init) }
    models[model] = Model(
      fields: [("id", "integer"), ("create_date", "datetime"), ("write_date", "datetime")]
        + all.map { ($0[0], $0[1]) })
  }

  /// Inserts or changes a record; its dates are the clock's.
  func put(_ model: String, _ id: Int64, _ values: KeyValuePairs<String, OdooValue>) {
    var row = models[model]?.rows[id] ?? ["id": .int(id), "create_date": .text(now.description)]
    for pair in values { row[pair.key] = pair.value }
    row["write_date"] = .text(now.description)
    models[model]?.rows[id] = row
  }

  func exchange(_ request: HTTPRequest) throws -> HTTPResponse {
    let header = HTTPHeader("Date", SmallOdoo.date(now))
    if request.path == "/web/version" {
      return version.hasPrefix("19")
        ? json(#"{"version_info": [19], "version": "19.0"}"#, headers: [header])
        : HTTPResponse(
          status: 404, headers: [HTTPHeader("Content-Type", "text/html")], body: ResponseBody([]))
    }
    if request.path == "/web/webclient/version_info" {
      return json(
        #"{"jsonrpc": "2.0", "id": null, "result": {"server_version": "\#(version)"}}"#, headers: [header])
    }
    var reader = JSONBytes(ResponseBody(request.body))
    let body = try reader.value()
    if request.path.hasPrefix("/json/2/") {
      let parts = request.path.split(separator: "/").map(String.init)
      do {
        let result = try call(parts[2], parts[3], [], body)
        return json(result.json, headers: [header])
      } catch let fault as Fault {
        let text = OdooValue.members(["name": .text(fault.name), "message": .text(fault.message)]).json
        return json(text, status: fault.status, headers: [header])
      }
    }
    let params = body["params"] ?? .null
    let args = params["args"]?.items ?? []
    if params["service"]?.text == "common" {
      return json(#"{"jsonrpc": "2.0", "id": 1, "result": 2}"#, headers: [header])
    }
    do {
      let result = try call(args[3].text ?? "", args[4].text ?? "", args[5].items ?? [], args[6])
      return json(OdooValue.members(["jsonrpc": "2.0", "id": 1, "result": result]).json, headers: [header])
    } catch let fault as Fault {
      let error = OdooValue.members([
        "code": 200, "message": "Odoo Server Error",
        "data": .members(["name": .text(fault.name), "message": .text(fault.message), "debug": ""]),
      ])
      return json(OdooValue.members(["jsonrpc": "2.0", "id": 1, "error": error]).json, headers: [header])
    }
  }

  private static func date(_ instant: Instant) -> String {
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let day = instant.utcDate
    let (y, m, d) = day.components
    return
      "\(names[day.weekday - 1]), \(padded(d, 2)) \(months[m - 1]) \(y) \(instant.description.suffix(8)) GMT"
  }

  private func call(_ name: String, _ method: String, _ args: [OdooValue], _ kwargs: OdooValue) throws
    -> OdooValue
  {
    requests.append((name, method))
    try onRequest?(name, method)
    if name == "res.users", method == "context_get" { return .members(["uid": 2]) }
    guard let model = models[name] else {
      throw Fault(name: "odoo.exceptions.UserError", message: "Object \(name) doesn't exist")
    }
    if method == "fields_get" {
      return .object(
        model.fields.map {
          OdooMember($0.name, .members(["type": .text($0.type), "string": .text($0.name), "store": true]))
        })
    }
    if denied.contains(name) {
      throw Fault(
        name: "odoo.exceptions.AccessError", message: "You are not allowed to access '\(name)' records.")
    }
    let domain = (args.first ?? kwargs["domain"] ?? []).items ?? []
    let found = try model.rows.keys.sorted().filter { try matches(model, model.rows[$0] ?? [:], domain) }
    switch method {
    case "search_count": return .int(Int64(found.count))
    case "search": return .list(found.map { .int($0) })
    case "search_read":
      let fields = kwargs["fields"]?.items?.compactMap(\.text) ?? []
      for field in fields where !model.fields.contains(where: { $0.name == field }) {
        throw Fault(name: "builtins.ValueError", message: "Invalid field '\(field)' on model '\(name)'")
      }
      var ids = found
      if kwargs["order"]?.text == "id desc" { ids.reverse() }
      return .list(
        ids.prefix(Int(kwargs["limit"]?.int ?? .max)).map { id in
          .object(fields.map { OdooMember($0, model.rows[id]?[$0] ?? .bool(false)) })
        })
    case "read_group", "formatted_read_group":
      guard (method == "formatted_read_group") == version.hasPrefix("19") else {
        throw Fault(name: "AttributeError", message: "type object '\(name)' has no attribute '\(method)'")
      }
      let aggregates = (args.count > 1 ? args[1] : kwargs["aggregates"] ?? []).items?.compactMap(\.text) ?? []
      let groupby = (args.count > 2 ? args[2] : kwargs["groupby"] ?? []).items ?? []
      if groupby.isEmpty { return try columns(model, found, aggregates) }
      return months(model, found, method)
    default: throw Fault(name: "AttributeError", message: "The method '\(name).\(method)' does not exist")
    }
  }

  private func columns(_ model: Model, _ ids: [Int64], _ aggregates: [String]) throws -> OdooValue {
    guard hasColumns else { throw Fault(name: "builtins.ValueError", message: "Invalid aggregate") }
    var members = [OdooMember("__count", .int(Int64(ids.count)))]
    for text in aggregates where text != "__count" {
      let isNamed = text.contains("(")
      let field =
        isNamed ? String(text.split(separator: "(")[1].dropLast()) : String(text.prefix { $0 != ":" })
      let key = isNamed ? String(text.prefix { $0 != ":" }) : text
      let values = ids.map { id -> OdooValue in
        let value = model.rows[id]?[field] ?? .null
        // The database has nulls where records have false.
        return value == .bool(false) ? .null : value
      }
      members.append(OdooMember(key, .list(values)))
    }
    return [.object(members)]
  }

  private func months(_ model: Model, _ ids: [Int64], _ method: String) -> OdooValue {
    let groups = Dictionary(grouping: ids) { String((model.rows[$0]?["create_date"]?.text ?? "").prefix(7)) }
    return .list(
      groups.keys.sorted().map { month in
        let ids = groups[month] ?? []
        let start = "\(month)-01 00:00:00"
        let last = ids.compactMap { model.rows[$0]?["write_date"]?.text }.max() ?? ""
        if method == "read_group" {
          return .members([
            "__count": .int(Int64(ids.count)), "id_sum": .int(ids.reduce(0, +)), "wd": .text(last),
            "create_date:month": "November 2026",
            "__range": .members(["create_date:month": .members(["from": .text(start)])]),
          ])
        }
        return .members([
          "create_date:month": [.text(start), "November 2026"], "__count": .int(Int64(ids.count)),
          "id:sum": .int(ids.reduce(0, +)), "write_date:max": .text(last),
        ])
      })
  }

  private func matches(_ model: Model, _ row: [String: OdooValue], _ domain: [OdooValue]) throws -> Bool {
    var at = domain.count - 1
    var stack: [Bool] = []
    while at >= 0 {
      if domain[at].text == "|" {
        let (a, b) = (stack.removeLast(), stack.removeLast())
        stack.append(a || b)
      } else {
        stack.append(try test(model, row, domain[at].items ?? []))
      }
      at -= 1
    }
    return stack.allSatisfy { $0 }
  }

  private func test(_ model: Model, _ row: [String: OdooValue], _ leaf: [OdooValue]) throws -> Bool {
    let path = (leaf[0].text ?? "").split(separator: ".").map(String.init)
    var value = row[path[0]] ?? .bool(false)
    if path.count == 2 { value = models["product.template"]?.rows[value.int ?? 0]?[path[1]] ?? .bool(false) }
    let wanted = leaf[2]
    switch leaf[1].text {
    case "=": return value == wanted
    case "in": return wanted.items?.contains(value) ?? false
    case ">": return (value.int ?? 0) > (wanted.int ?? 0)
    case ">=": return value.text.map { $0 >= wanted.text ?? "" } ?? false
    case "<": return value.text.map { $0 < wanted.text ?? "" } ?? false
    case "<=": return (value.int ?? 0) <= (wanted.int ?? 0)
    default: throw Fault(name: "builtins.ValueError", message: "Invalid leaf \(leaf)")
    }
  }
}

extension Fault: Error {}
