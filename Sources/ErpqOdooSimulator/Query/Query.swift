import ErpqBase

/// What a call's `context` asks for.
struct CallContext {
  /// Companies whose records are seen; the first is the current one.
  var companies: [Int]
  var timeZone: String?
  var hidesArchived = true
  var showsSizesOfFiles = false

  /// - Throws: a fault for companies that the user may not see, and in 19 for an unknown language.
  init(_ context: WireRecord?, user: OdooUser, database: Database) throws(OdooFault) {
    companies = [user.company] + user.companies.filter { $0 != user.company }
    timeZone = user.timeZone
    guard let context else { return }
    if let allowed = context["allowed_company_ids"]?.ids, !allowed.isEmpty {
      guard allowed.allSatisfy(user.companies.contains) else {
        throw OdooFault(.access, "Access to unauthorized or invalid companies.")
      }
      companies = allowed
    }
    if let zone = context["tz"] { timeZone = zone.text }
    if let flag = context["active_test"] { hidesArchived = flag.isTrue }
    if let flag = context["bin_size"] { showsSizesOfFiles = flag.isTrue }
    if let language = context["lang"]?.text, !database.languages.contains(language),
      database.version == .v19
    {
      throw OdooFault(.user, "Invalid language code: \(language)")
    }
  }
}

/// One call's view of the records: a picture of the database, the user and the context.
final class Query {
  let database: Database
  let user: OdooUser
  let context: CallContext
  var version: OdooVersion { database.version }
  private var accessors: [String: Accessor] = [:]
  private var inverses: [String: [Int: [Int]]] = [:]
  private var names: [String: [Int: String]] = [:]

  init(_ database: Database, user: OdooUser, context: CallContext) {
    self.database = database
    self.user = user
    self.context = context
  }

  func table(_ model: String) throws(OdooFault) -> ModelTable {
    guard let table = database.tables[model] else {
      throw OdooFault(.user, "Object \(model) doesn't exist")
    }
    return table
  }

  /// Reads a field of a model; nil when there is none of that name.
  func accessor(_ model: String, _ field: String) -> Accessor? {
    let key = model + "/" + field
    if let known = accessors[key] { return known }
    guard let table = database.tables[model], let declaration = table.model[field] else { return nil }
    let accessor = Accessor(table, declaration, self)
    accessors[key] = accessor
    return accessor
  }

  /// The records of `model` whose many2one `field` leads to a record, by that record.
  func inverse(_ model: String, _ field: String) -> [Int: [Int]] {
    let key = model + "/" + field
    if let known = inverses[key] { return known }
    var index: [Int: [Int]] = [:]
    if let accessor = accessor(model, field) {
      for place in accessor.table.ids.indices {
        if let id = accessor.value(at: place).int { index[id, default: []].append(accessor.table.ids[place]) }
      }
    }
    inverses[key] = index
    return index
  }

  /// A record's name as many2one fields show it; nil when there is no such record.
  func name(of id: Int, in model: String) -> String? {
    if let known = names[model]?[id] { return known }
    guard let table = database.tables[model], let place = table.place(of: id),
      let accessor = accessor(model, "display_name")
    else { return nil }
    // Whoever is their own parent has no name to begin with.
    names[model, default: [:]][id] = ""
    let name: String
    if case .text(let text) = accessor.value(at: place) { name = text } else { name = "\(model),\(id)" }
    names[model, default: [:]][id] = name
    return name
  }

  /// A record's name put together as its model declares it.
  func composedName(_ table: ModelTable, _ place: Int) -> String? {
    var out = ""
    var rest = Substring(table.model.naming)
    while let open = rest.firstIndex(of: "{") {
      out += rest[..<open]
      guard let close = rest[open...].firstIndex(of: "}") else { break }
      var part = rest[rest.index(after: open)..<close]
      rest = rest[rest.index(after: close)...]
      var frame: Substring = "%"
      if part.first == "?" {
        part = part.dropFirst()
        if let colon = part.firstIndex(of: ":") {
          frame = part[part.index(after: colon)...]
          part = part[..<colon]
        }
      }
      guard let accessor = accessor(table.model.name, String(part)) else { continue }
      let text: String? =
        switch accessor.value(at: place) {
        case .text(let text): text
        case .int(let id):
          if let relation = accessor.field.relation { name(of: id, in: relation) } else { String(id) }
        case .day(let day): day.description
        default: nil
        }
      if let text, !text.isEmpty { out += frame.replacing("%", with: text) }
    }
    out += rest
    return out.isEmpty ? nil : out
  }
}

/// Reads one field of one model's records: what lies in the record, or what is found along a path.
final class Accessor {
  let table: ModelTable
  let field: FieldDeclaration
  private let slot: Int?
  private let path: [Substring]
  private unowned let query: Query

  init(_ table: ModelTable, _ field: FieldDeclaration, _ query: Query) {
    self.table = table
    self.field = field
    self.query = query
    slot = table.slots[field.name]
    path = field.related?.split(separator: ".") ?? []
  }

  func value(at place: Int) -> OdooValue {
    guard let slot else { return .int(table.ids[place]) }
    switch table.rows[place][slot] {
    case .empty: return computed(place)
    case .perCompany(let values): return values[query.context.companies.first ?? 0] ?? .empty
    case let value: return value
    }
  }

  private func computed(_ place: Int) -> OdooValue {
    if !path.isEmpty { return along(place) }
    if let inverse = field.inverse, let relation = field.relation {
      let ids = query.inverse(relation, inverse)[table.ids[place]] ?? []
      return ids.isEmpty ? .empty : .ids(ids)
    }
    if field.name == "display_name" {
      return query.composedName(table, place).map { .text($0) } ?? .empty
    }
    return .empty
  }

  /// The value at the end of `related`; nothing where the path breaks off.
  private func along(_ place: Int) -> OdooValue {
    var model = table.model.name
    var place = place
    for (i, step) in path.enumerated() {
      guard let accessor = query.accessor(model, String(step)) else { return .empty }
      // A field that is related to itself by way of others would go round for ever.
      if accessor === self { return .empty }
      let value = accessor.value(at: place)
      if i == path.count - 1 { return value }
      guard let id = value.int, let relation = accessor.field.relation,
        let next = query.database.tables[relation]?.place(of: id)
      else { return .empty }
      model = relation
      place = next
    }
    return .empty
  }
}
