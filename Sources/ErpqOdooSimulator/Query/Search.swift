import ErpqBase

extension Query {
  /// The places of the records that a domain, the user's rights and the context let through, sorted.
  func search(
    _ model: String, _ domain: Wire, order: String? = nil, offset: Int = 0, limit: Int? = nil
  ) throws(OdooFault) -> [Int] {
    try checkReadable(model)
    let table = try table(model)
    var parts = [try condition(domain, on: model)]
    if context.hidesArchived, let active = accessor(model, "active"), !Query.names("active", in: domain) {
      parts.append(.test(active) { $0 != .bool(false) })
    }
    parts.append(try visibility(model))
    let condition = Condition.and(parts)
    let keys = try sortKeys(order ?? table.model.order, on: model)
    let isByID = keys.first?.accessor.field.name == "id"
    // A page behind an id costs what it holds, not what the table holds.
    let range = Query.range(of: domain, in: table)
    if isByID, offset <= 0, let limit, limit > 0 {
      var page: [Int] = []
      let isDescending = keys[0].isDescending
      for step in range.indices {
        let place = isDescending ? range.upperBound - 1 - (step - range.lowerBound) : step
        guard condition.holds(place) else { continue }
        page.append(place)
        if page.count == limit { break }
      }
      return page
    }
    var places = range.filter { condition.holds($0) }
    if isByID {
      if keys[0].isDescending { places.reverse() }
    } else if !keys.isEmpty {
      places = sorted(places, by: keys)
    }
    let start = min(max(offset, 0), places.count)
    let end = limit.map { $0 <= 0 ? places.count : min(places.count, start + $0) } ?? places.count
    return Array(places[start..<end])
  }

  /// The places that the bounds on `id` of a domain without operators leave.
  static func range(of domain: Wire, in table: ModelTable) -> Range<Int> {
    var (low, high) = (0, table.ids.count)
    let terms = domain.list ?? []
    guard terms.allSatisfy({ $0.list?.count == 3 }) else { return low..<high }
    for term in terms where term[0]?.text == "id" {
      guard let id = term[2]?.int else { continue }
      switch term[1]?.text {
      case ">": low = max(low, table.lowerBound(id == .max ? id : id + 1))
      case ">=": low = max(low, table.lowerBound(id))
      case "<": high = min(high, table.lowerBound(id))
      case "<=" where id < .max: high = min(high, table.lowerBound(id + 1))
      case "=":
        (low, high) = (max(low, table.lowerBound(id)), min(high, table.lowerBound(id == .max ? id : id + 1)))
      default: continue
      }
    }
    return low < high ? low..<high : 0..<0
  }

  /// Whether a domain speaks of a field, which switches the hiding of archived records off.
  static func names(_ field: String, in domain: Wire) -> Bool {
    (domain.list ?? []).contains { $0[0]?.text == field }
  }

  /// Companies and record rules. Records of other companies are not seen, those of none are.
  func visibility(_ model: String) throws(OdooFault) -> Condition {
    var parts: [Condition] = []
    if let company = accessor(model, "company_id"), model != "res.users", model != "res.partner" {
      let allowed = Set(context.companies)
      parts.append(
        .test(company) { value in
          if case .int(let id) = value { allowed.contains(id) } else { true }
        })
    }
    if user.ownRecordsOnly.contains(model) {
      let own = user.id
      let fields = ["user_id", "salesman_id"].compactMap { accessor(model, $0) }
      if let field = fields.first {
        parts.append(
          .test(field) { value in
            if case .int(let id) = value { id == own } else { true }
          })
      }
    }
    return parts.isEmpty ? .all : .and(parts)
  }

  /// - Throws: the fault of a user without rights on the model.
  func checkReadable(_ model: String) throws(OdooFault) {
    guard user.hiddenModels.contains(model) else { return }
    throw accessFault(model, verb: "access")
  }

  func accessFault(_ model: String, verb: String) -> OdooFault {
    let label = database.tables[model]?.model.label ?? model
    let groups = (database.accessGroups[model] ?? []).map { "\t- \($0)\n" }.joined()
    let who =
      groups.isEmpty
      ? "No group currently allows this operation.\n"
      : "This operation is allowed for the following groups:\n"
    return OdooFault(
      .access,
      "You are not allowed to \(verb) '\(label)' (\(model)) records.\n\n\(who)\(groups)\n"
        + "Contact your administrator to request access if necessary.")
  }

  /// One key of an order.
  struct SortKey {
    let accessor: Accessor
    let isDescending: Bool
    /// Where empty values go; nil as the database does it: last, or first when descending.
    let putsEmptyFirst: Bool
    /// Of a many2one, the rank of each record of the other model in that model's own order.
    let ranks: [Int: Int]?
  }

  /// Reads an order such as `date_order desc, id`.
  ///
  /// - Throws: the fault that the version answers for unknown and unsortable fields.
  func sortKeys(_ order: String, on model: String, depth: Int = 0) throws(OdooFault) -> [SortKey] {
    var keys: [SortKey] = []
    for part in order.split(separator: ",") {
      let words = part.split(separator: " ").map(String.init)
      guard let name = words.first else { continue }
      let tail = words.dropFirst().map { $0.lowercased() }
      if name.contains("."), let root = name.split(separator: ".").first {
        throw version == .v16
          ? OdooFault(
            .user,
            "Invalid \"order\" specified (\(order)). A valid \"order\" specification is a comma-separated list "
              + "of valid field names (optionally followed by asc/desc for the direction)")
          : OdooFault(
            .value,
            "Invalid field property \(pythonText(.text(String(name.dropFirst(root.count + 1))))) on "
              + "\(model).\(root)")
      }
      guard let accessor = accessor(model, name) else {
        throw OdooFault(.value, "Invalid field '\(name)' on model '\(model)'")
      }
      guard accessor.field.isSortable else {
        if version == .v16 || depth > 0 { continue }
        throw OdooFault(.value, "Cannot convert \(model).\(name) to SQL because it is not stored")
      }
      let isDescending = tail.first == "desc"
      let putsEmptyFirst =
        tail.contains("nulls") ? tail.last == "first" : isDescending && accessor.field.kind != .boolean
      keys.append(
        SortKey(
          accessor: accessor, isDescending: isDescending, putsEmptyFirst: putsEmptyFirst,
          ranks: try ranks(accessor, depth: depth)))
    }
    return keys
  }

  /// The place of each record that a many2one can lead to, in the order of its model.
  private func ranks(_ accessor: Accessor, depth: Int) throws(OdooFault) -> [Int: Int]? {
    guard accessor.field.kind == .many2one, depth < 3, let relation = accessor.field.relation,
      let table = database.tables[relation]
    else { return nil }
    let keys = try sortKeys(table.model.order, on: relation, depth: depth + 1)
    var ranks: [Int: Int] = [:]
    for (rank, place) in sorted(Array(table.ids.indices), by: keys).enumerated() {
      ranks[table.ids[place]] = rank
    }
    return ranks
  }

  func sorted(_ places: [Int], by keys: [SortKey]) -> [Int] {
    let values = keys.map { key in
      places.map { place -> OdooValue in
        let value = key.accessor.value(at: place)
        guard let ranks = key.ranks, case .int(let id) = value else { return value }
        return .int(ranks[id] ?? Int.max)
      }
    }
    let order = places.indices.sorted { a, b in
      for (key, values) in zip(keys, values) {
        switch precedes(values[a], values[b], key) {
        case .some(let result): return result
        case .none: continue
        }
      }
      return a < b
    }
    return order.map { places[$0] }
  }

  /// Whether a value comes before another; nil when they are equal.
  func precedes(_ a: OdooValue, _ b: OdooValue, _ key: SortKey) -> Bool? {
    if key.accessor.field.kind == .boolean {
      let x = a == .bool(true)
      let y = b == .bool(true)
      return x == y ? nil : key.isDescending ? x : y
    }
    switch (a.isEmpty, b.isEmpty) {
    case (true, true): return nil
    case (true, false): return key.putsEmptyFirst
    case (false, true): return !key.putsEmptyFirst
    case (false, false): break
    }
    guard let less = isLess(a, b) else { return nil }
    return less != key.isDescending
  }
}

/// Whether a value is less than another of the same kind; nil when they are equal or have no order.
func isLess(_ a: OdooValue, _ b: OdooValue) -> Bool? {
  func compare<T: Comparable>(_ x: T, _ y: T) -> Bool? { x == y ? nil : x < y }
  switch (a, b) {
  case (.int(let x), .int(let y)): return compare(x, y)
  case (.moment(let x), .moment(let y)): return compare(x, y)
  case (.day(let x), .day(let y)): return compare(x, y)
  case (.bool(let x), .bool(let y)): return x == y ? nil : y
  case (.text(let x), .text(let y)):
    // As databases with a language do it: letters first, case decides between equals.
    return compare(x.lowercased(), y.lowercased()) ?? compare(x, y)
  default:
    guard let x = a.number, let y = b.number else { return nil }
    return compare(x, y)
  }
}
