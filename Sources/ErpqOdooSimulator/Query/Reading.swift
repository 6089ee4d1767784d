import ErpqBase

/// How many2one values are read.
enum Load {
  /// `[id, name]`.
  case names
  /// The id alone.
  case ids
}

extension Query {
  /// The records as `read` shows them.
  ///
  /// - Parameter fields: names; nil or empty for all.
  func read(
    _ model: String, _ places: [Int], fields: [String]?, load: Load
  ) throws(OdooFault) -> [Wire] {
    let table = try table(model)
    let accessors = try accessors(model, fields)
    return places.map { place in
      var record = WireRecord()
      record.append("id", .int(table.ids[place]))
      for accessor in accessors where accessor.field.name != "id" {
        record.append(accessor.field.name, wire(accessor.value(at: place), accessor.field, load: load))
      }
      return .record(record)
    }
  }

  /// - Throws: the fault for a name that the model does not know.
  func accessors(_ model: String, _ fields: [String]?) throws(OdooFault) -> [Accessor] {
    let table = try table(model)
    let names = fields.flatMap { $0.isEmpty ? nil : $0 } ?? table.model.fields.map(\.name)
    var seen: Set<String> = []
    var out: [Accessor] = []
    for name in names where seen.insert(name).inserted {
      guard let accessor = accessor(model, name) else { throw invalidField(name, model) }
      out.append(accessor)
    }
    return out
  }

  func invalidField(_ name: String, _ model: String) -> OdooFault {
    OdooFault(.value, "Invalid field '\(name)' on \(version == .v16 ? "model " : "")'\(model)'")
  }

  /// A value as it goes over the wire: false for nothing, except for numbers and lists.
  func wire(_ value: OdooValue, _ field: FieldDeclaration, load: Load) -> Wire {
    switch value {
    case .empty:
      switch field.kind {
      case .integer, .many2one_reference: return .int(0)
      case .float, .monetary: return .double(0)
      case .one2many, .many2many: return .list([])
      default: return .bool(false)
      }
    case .bool(let flag): return .bool(flag)
    case .int(let n):
      guard field.kind == .many2one else {
        return field.kind == .float || field.kind == .monetary ? .double(Double(n)) : .int(n)
      }
      guard load == .names, let relation = field.relation else { return .int(n) }
      return name(of: n, in: relation).map { .list([.int(n), .text($0)]) } ?? .bool(false)
    case .double(let d): return .double(d)
    case .text(let text):
      if field.kind == .binary, context.showsSizesOfFiles { return .text(Query.size(ofBase64: text)) }
      return .text(text)
    case .moment(let moment): return .text(MomentText.text(moment))
    case .day(let day): return .text(day.description)
    case .ids(let ids): return .list(ids.map { .int($0) })
    case .json(let wire): return wire
    case .perCompany: return .bool(false)
    }
  }

  /// `70.00 bytes`, `1.46 Kb`.
  static func size(ofBase64 text: String) -> String {
    let padding = text.utf8.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    var size = Double(text.utf8.count / 4 * 3 - padding)
    var unit = 0
    while size >= 1024, unit < 4 {
      size /= 1024
      unit += 1
    }
    let hundredths = Int((size * 100).rounded())
    return "\(hundredths / 100).\(padded(hundredths % 100, 2)) \(["bytes", "Kb", "Mb", "Gb", "Tb"][unit])"
  }

  /// The places of existing records in the order of the ids asked for.
  ///
  /// - Throws: the fault for records that rules hide from the user.
  func places(_ model: String, _ ids: [Int]) throws(OdooFault) -> [Int] {
    try checkReadable(model)
    let table = try table(model)
    let visible = try visibility(model)
    var places: [Int] = []
    for id in ids {
      guard let place = table.place(of: id) else { continue }
      guard visible.holds(place) else { throw hidden(model, id) }
      places.append(place)
    }
    return places
  }

  private func hidden(_ model: String, _ id: Int) -> OdooFault {
    let label = database.tables[model]?.model.label ?? model
    guard version == .v16 else {
      return OdooFault(
        .access,
        "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
          + "Sorry, \(user.name) (id=\(user.id)) doesn't have 'read' access to:\n- \(label) (\(model))\n\n"
          + "If you really, really need access, perhaps you can win over your friendly administrator with a "
          + "batch of freshly baked cookies.")
    }
    return OdooFault(
      .access,
      "Due to security restrictions, you are not allowed to access '\(label)' (\(model)) records.\n\n"
        + "Records: \(name(of: id, in: model) ?? "") (id=\(id))\nUser: \(user.name) (id=\(user.id))\n\n"
        + "This restriction is due to the following rules:\n- Personal Orders\n\n"
        + "Contact your administrator to request access if necessary.")
  }

  /// The answer of `web_search_read` with a specification: nested reads.
  func read(_ model: String, _ places: [Int], specification: WireRecord) throws(OdooFault) -> [Wire] {
    let accessors = try accessors(model, specification.keys.isEmpty ? ["id"] : specification.keys)
    let table = try table(model)
    var out: [Wire] = []
    for place in places {
      var record = WireRecord([("id", .int(table.ids[place]))])
      for accessor in accessors where accessor.field.name != "id" {
        let value = accessor.value(at: place)
        let inner = specification[accessor.field.name]?["fields"]?.record
        if let inner, let relation = accessor.field.relation {
          let found = try self.places(relation, value.ids)
          let records = try read(relation, found, specification: inner)
          record[accessor.field.name] =
            accessor.field.kind == .many2one ? records.first ?? .bool(false) : .list(records)
        } else {
          record[accessor.field.name] = wire(value, accessor.field, load: .ids)
        }
      }
      out.append(.record(record))
    }
    return out
  }
}
