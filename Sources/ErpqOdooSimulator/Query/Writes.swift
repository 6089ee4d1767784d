import ErpqBase

/// What a client may change over the wire: enough to try a client that is told not to.
enum Writes {
  static func create(_ call: Call) throws(OdooFault) -> Wire {
    let given = call.given("vals_list") ?? .record(WireRecord())
    let records = given.list ?? [given]
    var ids: [Wire] = []
    for record in records {
      let values = try self.values(record.record ?? WireRecord(), call)
      ids.append(.int(call.world.create(call.model, values)))
    }
    return given.list == nil ? ids.first ?? .bool(false) : .list(ids)
  }

  static func write(_ call: Call) throws(OdooFault) -> Wire {
    try checkWritable(call, verb: "modify")
    try checkExist(call)
    let values = try values(call.given("vals")?.record ?? WireRecord(), call)
    for id in call.ids { call.world.update(call.model, id: id, values) }
    return .bool(true)
  }

  static func unlink(_ call: Call) throws(OdooFault) -> Wire {
    try checkWritable(call, verb: "delete")
    let table = try call.query.table(call.model)
    if call.model == "sale.order", let state = table.slots["state"] {
      for id in call.ids {
        guard let place = table.place(of: id) else { continue }
        guard ["draft", "cancel", .empty].contains(table.rows[place][state]) else {
          throw OdooFault(
            .user,
            "You can not delete a sent quotation or a confirmed sales order. You must first cancel it.")
        }
      }
    }
    for id in call.ids { call.world.delete(call.model, id: id) }
    return .bool(true)
  }

  /// Archives, brings back, or (nil) turns around. The answer is Python's None.
  static func setActive(_ call: Call, _ flag: Bool?) throws(OdooFault) -> Wire {
    try checkWritable(call, verb: "modify")
    let table = try call.query.table(call.model)
    for id in call.ids {
      guard let place = table.place(of: id), let slot = table.slots["active"] else { continue }
      let isActive = table.rows[place][slot] != .bool(false)
      call.world.update(call.model, id: id, ["active": .bool(flag ?? !isActive)])
    }
    return .none
  }

  static func cancel(_ call: Call) throws(OdooFault) -> Wire {
    try checkWritable(call, verb: "modify")
    for id in call.ids { call.world.update(call.model, id: id, ["state": "cancel"]) }
    return .bool(true)
  }

  private static func checkWritable(_ call: Call, verb: String) throws(OdooFault) {
    _ = try call.query.table(call.model)
    if !call.query.user.isAdministrator { throw call.query.accessFault(call.model, verb: verb) }
  }

  private static func checkExist(_ call: Call) throws(OdooFault) {
    let table = try call.query.table(call.model)
    let missing = call.ids.filter { table.place(of: $0) == nil }
    guard let first = missing.first else { return }
    let ids = missing.count == 1 ? "\(first)," : missing.map { String($0) }.joined(separator: ", ")
    throw OdooFault(
      .missing,
      "Record does not exist or has been deleted.\n(Record: \(call.model)(\(ids)), User: \(call.query.user.id))"
    )
  }

  private static func values(_ record: WireRecord, _ call: Call) throws(OdooFault) -> [String: OdooValue] {
    let table = try call.query.table(call.model)
    var out: [String: OdooValue] = [:]
    for (name, wire) in zip(record.keys, record.values) {
      guard let field = table.model[name] else {
        throw OdooFault(.value, "Invalid field '\(name)' on model '\(call.model)'")
      }
      if field.kind == .integer, let n = wire.int, n > Int(Int32.max) || n < Int(Int32.min) {
        throw OdooFault(.outOfRange, "integer out of range\n")
      }
      guard let value = OdooValue(wire, kind: field.kind) else {
        throw OdooFault(.value, "Wrong value for \(call.model).\(name): \(pythonText(wire))")
      }
      out[name] = value
    }
    return out
  }
}
