import ErpqBase

/// A domain that can be asked of records of one model.
indirect enum Condition {
  case all
  case none
  case and([Condition])
  case or([Condition])
  case not(Condition)
  case test(Accessor, (OdooValue) -> Bool)

  func holds(_ place: Int) -> Bool {
    switch self {
    case .all: true
    case .none: false
    case .and(let parts): parts.allSatisfy { $0.holds(place) }
    case .or(let parts): parts.contains { $0.holds(place) }
    case .not(let part): !part.holds(place)
    case .test(let accessor, let test): test(accessor.value(at: place))
    }
  }
}

extension Query {
  /// Reads a domain in prefix notation.
  ///
  /// - Throws: the fault that the version answers for unknown fields, bad operators and bad values.
  func condition(_ domain: Wire, on model: String) throws(OdooFault) -> Condition {
    guard case .list(let terms) = domain else {
      if !domain.isTrue { return .all }
      throw version == .v16
        ? OdooFault(
          .assertion, "Domains to normalize must have a 'domain' form: a list or tuple of domain components")
        : OdooFault(.type, "Domain() invalid argument type for domain: \(pythonText(domain))")
    }
    var stack: [(condition: Condition, leaf: [Wire]?)] = []
    // From the right, so that every operator finds its operands on the stack.
    for term in terms.reversed() {
      if case .text(let sign) = term {
        switch sign {
        case "!":
          guard let part = stack.popLast() else { throw malformed(domain) }
          if let leaf = part.leaf, let opposite = try negated(leaf, on: model) {
            stack.append((opposite, nil))
          } else {
            stack.append((.not(part.condition), nil))
          }
        case "&", "|":
          guard let left = stack.popLast(), let right = stack.popLast() else { throw malformed(domain) }
          let parts = [left.condition, right.condition]
          stack.append((sign == "&" ? .and(parts) : .or(parts), nil))
        default: throw malformed(domain)
        }
      } else if case .list(let leaf) = term, leaf.count == 3 {
        stack.append((try self.leaf(leaf, on: model), leaf))
      } else if case .bool(let flag) = term, version == .v19 {
        stack.append((flag ? .all : .none, nil))
      } else {
        throw malformed(domain)
      }
    }
    switch stack.count {
    case 0: return .all
    case 1: return stack[0].condition
    default: return .and(stack.reversed().map(\.condition))
    }
  }

  private func malformed(_ domain: Wire) -> OdooFault {
    version == .v16
      ? OdooFault(.value, "Domain \(pythonText(domain)) is malformed")
      : OdooFault(.value, "Domain() invalid domain: \(pythonText(domain))")
  }

  /// `!` in front of a comparison turns its sign around, which keeps empty fields out on both sides.
  private func negated(_ leaf: [Wire], on model: String) throws(OdooFault) -> Condition? {
    let opposites = ["<": ">=", ">": "<=", "<=": ">", ">=": "<"]
    guard let sign = leaf[1].text, let opposite = opposites[sign] else { return nil }
    return try self.leaf([leaf[0], .text(opposite), leaf[2]], on: model)
  }

  private func leaf(_ leaf: [Wire], on model: String) throws(OdooFault) -> Condition {
    if leaf[0] == .int(1), leaf[1] == "=", leaf[2] == .int(1) { return .all }
    if leaf[0] == .int(0), leaf[1] == "=", leaf[2] == .int(1) { return .none }
    guard let path = leaf[0].text, let sign = leaf[1].text?.lowercased() else {
      throw OdooFault(.value, "Invalid leaf \(pythonText(.list(leaf)))")
    }
    let names = path.split(separator: ".", maxSplits: 1).map(String.init)
    guard let accessor = accessor(model, names[0]) else { throw unknownField(model, names[0], leaf) }
    if names.count > 1 {
      guard let relation = accessor.field.relation else { throw unknownField(model, path, leaf) }
      let found = try matches(.list([.list([.text(names[1]), leaf[1], leaf[2]])]), in: relation)
      return .test(accessor) { isAny($0, of: found) }
    }
    guard Query.operators.contains(sign) else {
      throw OdooFault(.value, "Invalid operator in \(pythonText(.list(leaf)))")
    }
    if sign == "any" || sign == "not any" {
      guard version == .v19, let relation = accessor.field.relation else {
        throw OdooFault(.value, "Invalid operator in \(pythonText(.list(leaf)))")
      }
      let found = try matches(leaf[2], in: relation)
      return sign == "any"
        ? .test(accessor) { isAny($0, of: found) } : .test(accessor) { !isAny($0, of: found) }
    }
    if !accessor.field.isSearchable {
      if version == .v16 { return .all }
      throw OdooFault(.value, "Cannot convert \(model).\(names[0]) to SQL because it is not stored")
    }
    return try Comparison(self, accessor, sign, leaf[2]).condition()
  }

  static let operators: Set<String> = [
    "=", "!=", "<>", "==", "<", ">", "<=", ">=", "=?", "in", "not in", "like", "not like", "ilike",
    "not ilike",
    "=like", "=ilike", "not =like", "not =ilike", "child_of", "parent_of", "any", "not any",
  ]

  private func unknownField(_ model: String, _ name: String, _ leaf: [Wire]) -> OdooFault {
    let shown = "(" + leaf.map { pythonText($0) }.joined(separator: ", ") + ")"
    return OdooFault(
      .value, "Invalid field \(model).\(name) in \(version == .v16 ? "leaf" : "condition") \(shown)")
  }

  /// Ids of the records of a model that fulfil a domain, archived ones included.
  func matches(_ domain: Wire, in model: String) throws(OdooFault) -> Set<Int> {
    let table = try table(model)
    let condition = try condition(domain, on: model)
    return Set(table.ids.indices.lazy.filter { condition.holds($0) }.map { table.ids[$0] })
  }
}

/// Whether a relational value leads to one of these records.
func isAny(_ value: OdooValue, of ids: Set<Int>) -> Bool {
  switch value {
  case .int(let id): ids.contains(id)
  case .ids(let all): all.contains(where: ids.contains)
  default: false
  }
}

/// One comparison of a field with a value.
private struct Comparison {
  let query: Query
  let accessor: Accessor
  let sign: String
  let wanted: Wire
  var kind: FieldKind { accessor.field.kind }

  init(_ query: Query, _ accessor: Accessor, _ sign: String, _ wanted: Wire) {
    self.query = query
    self.accessor = accessor
    self.sign = sign == "<>" ? "!=" : sign == "==" ? "=" : sign
    self.wanted = wanted
  }

  func condition() throws(OdooFault) -> Condition {
    switch sign {
    case "child_of", "parent_of": return try hierarchy()
    case "like", "ilike", "=like", "=ilike": return try pattern(sign)
    case "not like", "not ilike", "not =like", "not =ilike":
      return .not(try pattern(String(sign.dropFirst(4))))
    case "in": return try member()
    case "not in": return .not(try member())
    case "=?": return wanted.isTrue ? try equal(wanted) : .all
    case "=": return try equalOrMember()
    case "!=": return .not(try equalOrMember())
    default: return try order()
    }
  }

  /// A list behind `=` is taken as `in`.
  private func equalOrMember() throws(OdooFault) -> Condition {
    if case .list = wanted { return try member() }
    return try equal(wanted)
  }

  private func member() throws(OdooFault) -> Condition {
    guard case .list(let list) = wanted else { return try equal(wanted) }
    if list.isEmpty { return .none }
    // Long lists of ids are the common case and worth a set.
    if accessor.field.name == "id" || accessor.field.relation != nil, let ids = wanted.ids {
      let set = Set(ids)
      return .test(accessor) { isAny($0, of: set) }
    }
    var parts: [Condition] = []
    for element in list { parts.append(try equal(element)) }
    return .or(parts)
  }

  private func equal(_ value: Wire) throws(OdooFault) -> Condition {
    if !value.isTrue, value == .none || value == .bool(false) {
      return .test(accessor) { isNothing($0) }
    }
    switch kind {
    case .boolean:
      let flag = value.isTrue
      return .test(accessor) { ($0 == .bool(true)) == flag }
    case .many2one, .one2many, .many2many:
      if let id = value.int { return .test(accessor) { isAny($0, of: [id]) } }
      guard let text = value.text else { throw mismatch(value) }
      return named { $0 == text }
    case .datetime:
      let moment = try moment(value)
      let compares = self.comparable
      return .test(accessor) {
        if case .moment(let m) = $0 { compares(m) == compares(moment) } else { false }
      }
    default:
      guard let stored = OdooValue(value, kind: kind) else { throw mismatch(value) }
      if let number = stored.number {
        return .test(accessor) { ($0.number ?? 0) == number }
      }
      return .test(accessor) { $0 == stored }
    }
  }

  /// 16 compares microseconds with the whole seconds that it printed; 19 compares seconds.
  private var comparable: (Instant) -> Int64 {
    query.version == .v16 ? { $0.microseconds } : { $0.startOfSecond.microseconds }
  }

  private func order() throws(OdooFault) -> Condition {
    let sign = sign
    func holds<T: Comparable>(_ a: T, _ b: T) -> Bool {
      switch sign {
      case "<": a < b
      case ">": a > b
      case "<=": a <= b
      default: a >= b
      }
    }
    switch kind {
    case .datetime:
      let limit = try moment(wanted)
      let compares = comparable
      return .test(accessor) {
        if case .moment(let m) = $0 { holds(compares(m), compares(limit)) } else { false }
      }
    case .date:
      guard case .text(let text) = wanted, let day = CivilDate(iso: text.prefix(10)) else {
        throw badDate(wanted)
      }
      return .test(accessor) { if case .day(let d) = $0 { holds(d, day) } else { false } }
    case .integer, .float, .monetary, .boolean, .many2one:
      guard let number = wanted.number else {
        if !wanted.isTrue { return .none }
        throw mismatch(wanted)
      }
      return .test(accessor) { $0.number.map { holds($0, number) } ?? false }
    default:
      guard let text = wanted.text else { return .none }
      return .test(accessor) { if case .text(let t) = $0 { holds(t, text) } else { false } }
    }
  }

  /// A moment to compare with. A bare day stands for its end behind `>` and `<=`, for its beginning otherwise.
  private func moment(_ value: Wire) throws(OdooFault) -> Instant {
    guard let text = value.text else { throw mismatch(value) }
    if query.version == .v19, text.hasSuffix("Z") || text.contains("+") {
      throw OdooFault(.value, "expecting only datetimes with no timezone: \(pythonText(value))")
    }
    guard var moment = MomentText.parse(text) else { throw badDate(value) }
    if text.utf8.count == 10, sign == ">" || sign == "<=" { moment.microseconds += 86_399_000_000 }
    return moment
  }

  private func badDate(_ value: Wire) -> OdooFault {
    if query.version == .v19 {
      let parts = (value.text ?? "").split(separator: "-")
      if parts.count >= 3, let month = Int(parts[1]), !(1...12).contains(month) {
        return OdooFault(.value, "month must be in 1..12")
      }
      if parts.count >= 3, Int(parts[0]) != nil { return OdooFault(.value, "day is out of range for month") }
      return OdooFault(.value, "Invalid isoformat string: \(pythonText(value))")
    }
    return OdooFault(
      .badDate,
      "date/time field value out of range: \"\(value.text ?? pythonText(value))\"\nHINT:  Perhaps you need a "
        + "different \"datestyle\" setting.\n")
  }

  private func mismatch(_ value: Wire) -> OdooFault {
    OdooFault(
      .value,
      "Invalid value \(pythonText(value)) for the \(kind.rawValue) field "
        + "\(accessor.table.model.name).\(accessor.field.name)")
  }

  private func pattern(_ sign: String) throws(OdooFault) -> Condition {
    guard let text = wanted.text else { return wanted.isTrue ? .none : .all }
    let isLoose = !sign.hasPrefix("=")
    let pattern = LikePattern(isLoose ? "%" + text + "%" : text, ignoresCase: sign.hasSuffix("ilike"))
    if accessor.field.relation != nil { return named(pattern.matches) }
    return .test(accessor) { if case .text(let t) = $0 { pattern.matches(t) } else { false } }
  }

  /// Records that lead to a record whose name fulfils a test.
  private func named(_ test: @escaping (String) -> Bool) -> Condition {
    guard let relation = accessor.field.relation, let table = query.database.tables[relation] else {
      return .none
    }
    let found = Set(table.ids.filter { query.name(of: $0, in: relation).map(test) ?? false })
    return .test(accessor) { isAny($0, of: found) }
  }

  private func hierarchy() throws(OdooFault) -> Condition {
    let model = accessor.field.relation ?? accessor.table.model.name
    guard let table = query.database.tables[model] else { return .none }
    var roots = Set(wanted.ids ?? [])
    if let text = wanted.text {
      roots = Set(table.ids.filter { (query.name(of: $0, in: model) ?? "").contains(text) })
    }
    guard let parent = query.accessor(model, "parent_id") else {
      return .test(accessor) { isAny($0, of: roots) }
    }
    var found = roots
    if sign == "parent_of" {
      for root in roots {
        var at = root
        while let place = table.place(of: at), let up = parent.value(at: place).int, found.insert(up).inserted
        {
          at = up
        }
      }
    } else {
      let children = query.inverse(model, "parent_id")
      var open = Array(roots)
      while let id = open.popLast() {
        for child in children[id] ?? [] where found.insert(child).inserted { open.append(child) }
      }
    }
    let all = found
    return .test(accessor) { isAny($0, of: all) }
  }
}

/// Whether a field counts as not set.
private func isNothing(_ value: OdooValue) -> Bool {
  switch value {
  case .empty, .bool(false), .int(0), .double(0), .text(""), .ids([]): true
  default: false
  }
}

/// SQL's `LIKE`: `%` for any text, `_` for one character.
struct LikePattern {
  private let pattern: [Character]
  private let ignoresCase: Bool

  init(_ pattern: String, ignoresCase: Bool) {
    self.pattern = Array(ignoresCase ? pattern.lowercased() : pattern)
    self.ignoresCase = ignoresCase
  }

  func matches(_ text: String) -> Bool {
    let text = Array(ignoresCase ? text.lowercased() : text)
    var p = 0
    var t = 0
    var star: (p: Int, t: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == "%" {
        star = (p, t)
        p += 1
      } else if p < pattern.count, pattern[p] == "_" || pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let back = star {
        p = back.p + 1
        t = back.t + 1
        star = (back.p, t)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "%" }
  }
}
