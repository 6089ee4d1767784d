import ErpqBase
import ErpqWarehouse

/// Something to group by: a field, a path, or a date in stretches.
struct GroupKey {
  /// As asked for: `product_id`, `order_id.date_order:day`.
  let text: String
  let path: [Accessor]
  let buckets: DateBuckets?
  var field: FieldDeclaration { path[path.count - 1].field }
}

/// Something to sum up: `product_uom_qty:sum`, `n:count_distinct(product_id)`, `__count`.
struct Aggregate {
  /// Its name in the answer.
  let name: String
  /// nil for the count of records.
  let accessor: Accessor?
  let function: String

  static let functions: Set<String> = [
    "sum", "avg", "min", "max", "count", "count_distinct", "array_agg", "array_agg_distinct", "bool_and",
    "bool_or", "recordset",
  ]
}

/// One group: what it has in common, and its records.
struct Group {
  /// Of each key the value (of a date the beginning of its stretch).
  let values: [OdooValue]
  let buckets: [DateBuckets.Bucket?]
  var places: [Int]
}

extension Query {
  /// Groups the records of a domain. Groups come in the order of `order`, or of their keys.
  func groups(
    _ model: String, _ domain: Wire, _ keys: [GroupKey]
  ) throws(OdooFault) -> [Group] {
    let places = try search(model, domain, order: "id")
    if keys.isEmpty { return [Group(values: [], buckets: [], places: places)] }
    struct Signature: Hashable { let values: [OdooValue] }
    var index: [Signature: Int] = [:]
    var groups: [Group] = []
    for place in places {
      var values: [OdooValue] = []
      var buckets: [DateBuckets.Bucket?] = []
      for key in keys {
        let value = groupValue(key, place)
        let bucket: DateBuckets.Bucket? =
          switch (key.buckets, value) {
          case (let b?, .moment(let moment)): b.bucket(moment)
          case (let b?, .day(let day)): b.bucket(day)
          default: nil
          }
        buckets.append(bucket)
        values.append(bucket?.from ?? (key.field.kind == .boolean ? .bool(value == .bool(true)) : value))
      }
      let signature = Signature(values: values)
      if let at = index[signature] {
        groups[at].places.append(place)
      } else {
        index[signature] = groups.count
        groups.append(Group(values: values, buckets: buckets, places: [place]))
      }
    }
    return groups
  }

  private func groupValue(_ key: GroupKey, _ place: Int) -> OdooValue {
    var place = place
    for (i, accessor) in key.path.enumerated() {
      let value = accessor.value(at: place)
      if i == key.path.count - 1 { return value }
      guard let id = value.int, let next = key.path[i + 1].table.place(of: id) else { return .empty }
      place = next
    }
    return .empty
  }

  /// Reads `date_order:month`. A dotted path is only taken by `formatted_read_group`.
  func groupKey(_ text: String, on model: String, takesPaths: Bool) throws(OdooFault) -> GroupKey {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let steps = (text.hasPrefix(":") ? "" : parts.first ?? "").split(separator: ".").map(String.init)
    if steps.count > 1, !takesPaths {
      guard version == .v19 else { throw invalidField(parts[0], model) }
      throw OdooFault(.value, "Property name '\(steps[1])' has to be used on a property field.")
    }
    var path: [Accessor] = []
    var current = model
    for (i, step) in steps.enumerated() {
      guard let accessor = accessor(current, step) else { throw invalidField(parts[0], model) }
      path.append(accessor)
      if i < steps.count - 1 {
        guard accessor.field.kind == .many2one, let relation = accessor.field.relation else {
          throw invalidField(parts[0], model)
        }
        current = relation
      }
    }
    guard let field = path.last?.field else { throw invalidField(text, model) }
    if !field.isGroupable && version == .v19 || !field.isSortable && version == .v16 {
      throw notInSQL(path[path.count - 1].table.model.name, field.name, "group by")
    }
    var buckets: DateBuckets?
    if field.kind == .date || field.kind == .datetime {
      guard let granularity = Granularity(rawValue: parts.count > 1 ? parts[1] : "month") else {
        throw OdooFault(.value, "\(pythonText(.text(parts[1]))) is not a granularity of dates")
      }
      buckets = DateBuckets(granularity: granularity, zone: try zone())
    }
    return GroupKey(text: text, path: path, buckets: buckets)
  }

  private func zone() throws(OdooFault) -> ZoneRules {
    guard let name = context.timeZone, name != "UTC" else { return .utc }
    // A zone that nobody knows counts as universal time, as in Odoo.
    return (try? ZoneRules(named: name)) ?? .utc
  }

  private func notInSQL(_ model: String, _ field: String, _ verb: String) -> OdooFault {
    version == .v16
      ? OdooFault(.user, "Cannot \(verb) field '\(field)'.")
      : OdooFault(.value, "Cannot convert \(model).\(field) to SQL because it is not stored")
  }

  /// Reads `x:sum`, `n:sum(x)`, `x`, `__count`.
  func aggregate(_ text: String, on model: String) throws(OdooFault) -> Aggregate? {
    if text == "__count" { return Aggregate(name: text, accessor: nil, function: "count") }
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    var name = parts.first ?? ""
    var field = name
    var function = parts.count > 1 ? parts[1] : ""
    if let open = function.firstIndex(of: "("), function.last == ")" {
      field = String(function[function.index(after: open)...].dropLast())
      function = String(function[..<open])
    } else if parts.count == 1 {
      guard let accessor = accessor(model, field) else { throw invalidField(field, model) }
      // A bare field without a way to sum it up is left out.
      guard let usual = accessor.field.aggregator, accessor.field.isStored else { return nil }
      function = usual
    }
    guard let accessor = accessor(model, field) else { throw invalidField(field, model) }
    guard Aggregate.functions.contains(function) else {
      throw OdooFault(.value, "Invalid aggregation function \(pythonText(.text(function))).")
    }
    guard accessor.field.isStored else { throw notInSQL(model, field, "aggregate") }
    if name.isEmpty { name = field }
    return Aggregate(name: name, accessor: accessor, function: function)
  }

  func result(_ aggregate: Aggregate, _ places: [Int]) -> Wire {
    guard let accessor = aggregate.accessor else { return .int(places.count) }
    let all = places.map { accessor.value(at: $0) }
    let set = all.filter { !$0.isEmpty }
    switch aggregate.function {
    case "count": return .int(set.count)
    case "count_distinct": return .int(Set(set).count)
    case "array_agg": return .list(all.map { bare($0, accessor.field) })
    case "array_agg_distinct":
      return .list(
        set.sorted { isLess($0, $1) ?? false }.reduce(into: [OdooValue]()) {
          if $0.last != $1 { $0.append($1) }
        }.map { bare($0, accessor.field) })
    case "recordset": return .list(set.compactMap(\.int).map { .int($0) })
    case "bool_and": return set.isEmpty ? .bool(false) : .bool(set.allSatisfy { $0 == .bool(true) })
    case "bool_or": return .bool(set.contains(.bool(true)))
    case "min", "max":
      guard var best = set.first else { return .bool(false) }
      for value in set.dropFirst() {
        let less = aggregate.function == "min" ? isLess(value, best) : isLess(best, value)
        if less == true { best = value }
      }
      return wire(best, accessor.field, load: .ids)
    default:
      let isWhole = accessor.field.kind == .integer && aggregate.function == "sum"
      guard !set.isEmpty else { return .bool(false) }
      if isWhole { return .int(set.reduce(0) { $0 &+ ($1.int ?? 0) }) }
      let sum = decimalSum(set.map { $0.number ?? 0 })
      return .double(aggregate.function == "avg" ? sum / Double(set.count) : sum)
    }
  }

  /// An element of `array_agg`: null for nothing.
  private func bare(_ value: OdooValue, _ field: FieldDeclaration) -> Wire {
    value.isEmpty
      ? field.kind == .boolean ? .bool(false) : .none : wire(value, field, load: .ids)
  }
}

/// The sum of numbers that the database holds as decimals: without the dust of binary fractions.
private func decimalSum(_ values: [Double]) -> Double {
  var sum = 0.0
  var lost = 0.0
  for value in values {
    let term = value - lost
    let next = sum + term
    lost = (next - sum) - term
    sum = next
  }
  guard abs(sum) < 1e9 else { return sum }
  let rounded = (sum * 1e6).rounded() / 1e6
  return abs(rounded - sum) < 1e-8 ? rounded : sum
}
