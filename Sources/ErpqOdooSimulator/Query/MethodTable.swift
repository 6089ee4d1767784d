import ErpqBase

/// A method that may be called from outside.
struct Method {
  /// Names of the arguments behind the ids, in their order; those without a default first.
  let parameters: [String]
  /// How many of them must be given.
  let required: Int
  /// Whether it is called on records, whose ids are the first argument.
  let takesIDs: Bool
  /// The versions that have it.
  let versions: [OdooVersion]
  /// Names of the arguments in 19, where they differ.
  let newer: [String]?
  let run: @Sendable (Call) throws(OdooFault) -> Wire

  init(
    _ parameters: [String], required: Int = 0, takesIDs: Bool = false,
    versions: [OdooVersion] = [.v16, .v19], newer: [String]? = nil,
    _ run: @escaping @Sendable (Call) throws(OdooFault) -> Wire
  ) {
    self.parameters = parameters
    self.required = required
    self.takesIDs = takesIDs
    self.versions = versions
    self.newer = newer
    self.run = run
  }

  func parameters(_ version: OdooVersion) -> [String] { version == .v19 ? newer ?? parameters : parameters }
}

/// A call on a model with its arguments paired with their names.
struct Call {
  let model: String
  let method: String
  let ids: [Int]
  let arguments: [String: Wire]
  let query: Query
  let world: OdooWorld

  func given(_ name: String) -> Wire? {
    guard let value = arguments[name], value != .none else { return nil }
    return value
  }

  func int(_ name: String) -> Int? { given(name)?.int }
  func text(_ name: String) -> String? { given(name)?.text }
  func texts(_ name: String) -> [String]? { given(name)?.list?.compactMap(\.text) }
  var domain: Wire { given("domain") ?? .list([]) }

  /// What `load` asks for; anything but the usual word means plain ids.
  var load: Load {
    guard let load = arguments["load"] else { return .names }
    return load == "_classic_read" ? .names : .ids
  }

  func search() throws(OdooFault) -> [Int] {
    try query.search(
      model, domain, order: text("order"), offset: int("offset") ?? 0, limit: int("limit"))
  }
}

enum Methods {
  /// The method of that name that a version has.
  static func method(_ name: String, version: OdooVersion) -> Method? {
    guard let method = all[name], method.versions.contains(version) else { return nil }
    return method
  }

  /// Names that a version does not let in although they have no leading underscore.
  static func isPrivate(_ name: String, version: OdooVersion) -> Bool {
    name.hasPrefix("_")
      || version == .v19 && ["search_fetch", "exists", "browse", "sudo", "env"].contains(name)
  }

  private static let all: [String: Method] = [
    "search": Method(["domain", "offset", "limit", "order"], required: 1) { call throws(OdooFault) in
      let table = try call.query.table(call.model)
      return .list(try call.search().map { .int(table.ids[$0]) })
    },
    "search_count": Method(["domain", "limit"], required: 1) { call throws(OdooFault) in
      .int(try call.query.search(call.model, call.domain, order: "id", limit: call.int("limit")).count)
    },
    "search_read": Method(
      ["domain", "fields", "offset", "limit", "order", "load"]
    ) { call throws(OdooFault) in
      let places = try call.search()
      return .list(try call.query.read(call.model, places, fields: call.texts("fields"), load: call.load))
    },
    "read": Method(["fields", "load"], takesIDs: true) { call throws(OdooFault) in
      let places = try call.query.places(call.model, call.ids)
      return .list(try call.query.read(call.model, places, fields: call.texts("fields"), load: call.load))
    },
    "fields_get": Method(["allfields", "attributes"]) { call throws(OdooFault) in
      try fieldsGet(call)
    },
    "read_group": Method(
      ["domain", "fields", "groupby", "offset", "limit", "orderby", "lazy"], required: 3
    ) { call throws(OdooFault) in
      .list(try call.query.readGroup(groupRequest(call, aggregates: "fields", order: "orderby")))
    },
    "formatted_read_group": Method(
      ["domain", "groupby", "aggregates", "having", "offset", "limit", "order"], required: 1, versions: [.v19]
    ) { call throws(OdooFault) in
      .list(try call.query.formattedReadGroup(groupRequest(call, aggregates: "aggregates", order: "order")))
    },
    "web_search_read": Method(
      ["domain", "fields", "offset", "limit", "order", "count_limit"],
      newer: ["domain", "specification", "offset", "limit", "order", "count_limit"]
    ) { call throws(OdooFault) in
      let places = try call.search()
      let all = try call.query.search(call.model, call.domain, order: "id").count
      let records: [Wire]
      if let specification = call.given("specification")?.record {
        records = try call.query.read(call.model, places, specification: specification)
      } else {
        records = try call.query.read(call.model, places, fields: call.texts("fields"), load: .names)
      }
      return ["length": .int(all), "records": .list(records)]
    },
    "check_access_rights": Method(["operation", "raise_exception"], required: 1) { call throws(OdooFault) in
      .bool(!call.query.user.hiddenModels.contains(call.model))
    },
    "has_access": Method(["operation"], required: 1, takesIDs: true, versions: [.v19]) { call in
      .bool(!call.query.user.hiddenModels.contains(call.model))
    },
    "context_get": Method([]) { call in
      let user = call.query.user
      return [
        "lang": .text(user.language), "tz": user.timeZone.map { .text($0) } ?? .bool(false),
        "uid": .int(user.id),
      ]
    },
    "name_search": Method(["name", "domain", "operator", "limit"]) { call throws(OdooFault) in
      let pattern = LikePattern("%" + (call.text("name") ?? "") + "%", ignoresCase: true)
      let table = try call.query.table(call.model)
      let found = try call.query.search(call.model, call.domain).compactMap { place -> Wire? in
        let id = table.ids[place]
        guard let name = call.query.name(of: id, in: call.model), pattern.matches(name) else { return nil }
        return .list([.int(id), .text(name)])
      }
      return .list(Array(found.prefix(call.int("limit") ?? 100)))
    },
    "name_get": Method([], takesIDs: true, versions: [.v16]) { call throws(OdooFault) in
      .list(
        call.ids.compactMap { id in call.query.name(of: id, in: call.model).map { [.int(id), .text($0)] } })
    },
    "exists": Method([], takesIDs: true, versions: [.v16]) { call throws(OdooFault) in
      let table = try call.query.table(call.model)
      return .list(call.ids.filter { table.place(of: $0) != nil }.map { .int($0) })
    },
    "export_data": Method(["fields_to_export"], required: 1, takesIDs: true) { call throws(OdooFault) in
      try exportData(call)
    },
    "web_read_group": Method(
      ["domain", "fields", "groupby", "limit", "offset", "orderby", "lazy"], required: 3,
      newer: ["domain", "groupby", "aggregates", "limit", "offset", "order"]
    ) { call throws(OdooFault) in
      try webReadGroup(call)
    },
    "create": Method(["vals_list"], required: 1) { call throws(OdooFault) in try Writes.create(call) },
    "write": Method(["vals"], required: 1, takesIDs: true) { call throws(OdooFault) in try Writes.write(call)
    },
    "unlink": Method([], takesIDs: true) { call throws(OdooFault) in try Writes.unlink(call) },
    "toggle_active": Method([], takesIDs: true, versions: [.v16]) { call throws(OdooFault) in
      try Writes.setActive(call, nil)
    },
    "action_archive": Method([], takesIDs: true) { call throws(OdooFault) in
      try Writes.setActive(call, false)
    },
    "action_unarchive": Method([], takesIDs: true) { call throws(OdooFault) in
      try Writes.setActive(call, true)
    },
    "action_cancel": Method([], takesIDs: true) { call throws(OdooFault) in try Writes.cancel(call) },
  ]

  private static func groupRequest(_ call: Call, aggregates: String, order: String) -> GroupRequest {
    let keys =
      call.texts("groupby")
      ?? call.text("groupby").map { $0.split(separator: ",").map(String.init) } ?? []
    return GroupRequest(
      model: call.model, domain: call.domain, aggregates: call.texts(aggregates) ?? [], keys: keys,
      order: call.text(order), offset: call.int("offset") ?? 0, limit: call.int("limit"),
      isLazy: order == "orderby" && call.given("lazy")?.isTrue ?? true)
  }

  /// 16 takes `domain, fields, groupby`, 19 `domain, groupby, aggregates`.
  private static func webReadGroup(_ call: Call) throws(OdooFault) -> Wire {
    if call.query.version == .v19 {
      let request = groupRequest(call, aggregates: "aggregates", order: "order")
      var counted = request
      if !counted.aggregates.contains("__count") { counted.aggregates.append("__count") }
      let groups = try call.query.formattedGroups(counted)
      return ["groups": .list(groups.page), "length": .int(groups.count)]
    }
    var request = groupRequest(call, aggregates: "fields", order: "orderby")
    let page = try call.query.readGroup(request)
    request.offset = 0
    request.limit = nil
    request.aggregates = []
    return ["groups": .list(page), "length": .int(try call.query.readGroup(request).count)]
  }

  private static func fieldsGet(_ call: Call) throws(OdooFault) -> Wire {
    let table = try call.query.table(call.model)
    let wanted = call.texts("allfields").flatMap { $0.isEmpty ? nil : Set($0) }
    let attributes =
      call.texts("attributes").flatMap { $0.isEmpty ? nil : $0 } ?? FieldDeclaration.attributes
    var out = WireRecord()
    for field in table.model.fields where wanted?.contains(field.name) ?? true {
      var description = WireRecord()
      for attribute in attributes {
        if let value = field.attribute(attribute, version: call.query.version) {
          description[attribute] = value
        }
      }
      out.append(field.name, .record(description))
    }
    return .record(out)
  }

  private static func exportData(_ call: Call) throws(OdooFault) -> Wire {
    let query = call.query
    let paths = (call.texts("fields_to_export") ?? []).map { $0.split(separator: "/").map(String.init) }
    let table = try query.table(call.model)
    let places = try query.places(call.model, call.ids)
    var rows: [Wire] = []
    for place in places {
      var row: [Wire] = []
      for path in paths {
        row.append(exported(query, call.model, table.ids[place], path))
      }
      rows.append(.list(row))
    }
    return ["datas": .list(rows)]
  }

  private static func exported(_ query: Query, _ model: String, _ id: Int, _ path: [String]) -> Wire {
    guard let step = path.first, let table = query.database.tables[model], let place = table.place(of: id)
    else { return "" }
    if step == ".id" { return .text(String(id)) }
    if step == "id" {
      let name = "\(model.replacing(".", with: "_"))_\(id)"
      return .text("\(model.split(separator: ".")[0]).\(name)")
    }
    guard let accessor = query.accessor(model, step) else { return "" }
    let value = accessor.value(at: place)
    if let next = value.int, let relation = accessor.field.relation {
      return path.count == 1
        ? .text(query.name(of: next, in: relation) ?? "")
        : exported(query, relation, next, Array(path.dropFirst()))
    }
    return value.isEmpty && !accessor.field.kind.isNumber ? "" : query.wire(value, accessor.field, load: .ids)
  }
}
