import ErpqBase

/// What a call asks to group.
struct GroupRequest {
  var model: String
  var domain: Wire
  var aggregates: [String]
  var keys: [String]
  var order: String?
  var offset = 0
  var limit: Int?
  var isLazy = false
}

extension Query {
  /// The answer of `read_group`.
  func readGroup(_ request: GroupRequest) throws(OdooFault) -> [Wire] {
    let asked = request.isLazy ? Array(request.keys.prefix(1)) : request.keys
    var keys: [GroupKey] = []
    for text in asked { keys.append(try groupKey(text, on: request.model, takesPaths: false)) }
    var aggregates: [Aggregate] = []
    for text in request.aggregates {
      // A field that is grouped by is not summed up as well.
      guard !keys.contains(where: { $0.path[0].field.name == text }) else { continue }
      if let aggregate = try aggregate(text, on: request.model) { aggregates.append(aggregate) }
    }
    let groups = try page(
      try self.groups(request.model, request.domain, keys), keys, aggregates, request)
    let countName =
      request.isLazy && request.keys.count == 1
      ? "\(request.keys[0].split(separator: ":")[0])_count"
      : request.isLazy && !request.keys.isEmpty
        ? "\(request.keys[0].split(separator: ":")[0])_count" : "__count"
    var out: [Wire] = []
    for group in groups {
      var sums = WireRecord([(countName, .int(group.places.count))])
      for aggregate in aggregates { sums[aggregate.name] = result(aggregate, group.places) }
      var record = WireRecord()
      var ranges = WireRecord()
      var conditions: [[Wire]] = []
      for (i, key) in keys.enumerated() {
        let bucket = group.buckets[i]
        record[key.text] = bucket.map { .text($0.caption) } ?? wire(group.values[i], key.field, load: .names)
        if key.buckets != nil {
          ranges[key.text] = bucket.map { ["from": plain($0.from), "to": plain($0.to)] } ?? .bool(false)
        }
        conditions.append(
          self.conditions(key, group.values[i], bucket, name: String(key.text.prefix { $0 != ":" })))
      }
      if version == .v16 {
        if keys.isEmpty { sums = withSmallestID(sums, group, request.model) }
        for (name, value) in zip(record.keys, record.values) { sums[name] = value }
        record = sums
        if !ranges.keys.isEmpty { record["__range"] = .record(ranges) }
        if !keys.isEmpty { record["__domain"] = domain16(conditions, request.domain) }
        if request.isLazy, request.keys.count > 1 {
          record["__context"] = ["group_by": .list(request.keys.dropFirst().map { .text($0) })]
        }
      } else {
        for (name, value) in zip(sums.keys, sums.values) { record[name] = value }
        record["__domain"] = conjunction(leaves(of: request.domain) + conditions.flatMap { $0 })
        if !ranges.keys.isEmpty { record["__range"] = .record(ranges) }
        if request.isLazy, request.keys.count > 1 {
          record["__context"] = ["group_by": .list(request.keys.dropFirst().map { .text($0) })]
        }
      }
      out.append(.record(record))
    }
    return out
  }

  /// 16 lets the smallest id slip into the answer when nothing is grouped.
  private func withSmallestID(_ sums: WireRecord, _ group: Group, _ model: String) -> WireRecord {
    guard let first = group.places.first, let table = database.tables[model] else { return sums }
    var out = WireRecord([("id", .int(table.ids[first]))])
    for (name, value) in zip(sums.keys, sums.values) { out[name] = value }
    return out
  }

  /// The answer of `formatted_read_group`, of 17.1 and later.
  func formattedReadGroup(_ request: GroupRequest) throws(OdooFault) -> [Wire] {
    try formattedGroups(request).page
  }

  /// The groups asked for, and how many there are in all.
  func formattedGroups(_ request: GroupRequest) throws(OdooFault) -> (page: [Wire], count: Int) {
    var keys: [GroupKey] = []
    for text in request.keys { keys.append(try groupKey(text, on: request.model, takesPaths: true)) }
    var aggregates: [Aggregate] = []
    for text in request.aggregates {
      guard text == "__count" || text.split(separator: ":").count == 2 else {
        throw OdooFault(.value, "Invalid aggregate specification \(pythonText(.text(text))).")
      }
      if let aggregate = try aggregate(text, on: request.model) {
        aggregates.append(Aggregate(name: text, accessor: aggregate.accessor, function: aggregate.function))
      }
    }
    let all = try groups(request.model, request.domain, keys)
    var out: [Wire] = []
    for group in try page(all, keys, aggregates, request) {
      var record = WireRecord()
      var conditions: [Wire] = []
      for (i, key) in keys.enumerated() {
        let bucket = group.buckets[i]
        record[key.text] =
          bucket.map { .list([plain($0.from), .text($0.caption)]) }
          ?? wire(group.values[i], key.field, load: .names)
        let steps = key.text.prefix { $0 != ":" }.split(separator: ".").map(String.init)
        let inner = self.conditions(key, group.values[i], bucket, name: steps[steps.count - 1])
        conditions += steps.count == 1 ? inner : [nested(steps.dropLast(), inner)]
      }
      record["__extra_domain"] = keys.isEmpty ? [[1, "=", 1]] : conjunction(conditions)
      for aggregate in aggregates { record[aggregate.name] = result(aggregate, group.places) }
      out.append(.record(record))
    }
    return (out, all.count)
  }

  private func nested(_ steps: ArraySlice<String>, _ conditions: [Wire]) -> Wire {
    var inner = conjunction(conditions)
    for step in steps.dropFirst().reversed() { inner = .list([.list([.text(step), "any", inner])]) }
    return .list([.text(steps[steps.startIndex]), "any", inner])
  }

  /// Sorts and cuts the groups.
  private func page(
    _ groups: [Group], _ keys: [GroupKey], _ aggregates: [Aggregate], _ request: GroupRequest
  ) throws(OdooFault) -> [Group] {
    struct Term {
      let values: [OdooValue]
      let key: SortKey
    }
    guard !keys.isEmpty else { return groups }
    var terms: [Term] = []
    func add(_ i: Int, _ isDescending: Bool) throws(OdooFault) {
      let accessor = keys[i].path[keys[i].path.count - 1]
      var values = groups.map { $0.values[i] }
      var putsEmptyFirst = isDescending
      // At the end of a path the ids sort, not the records.
      if accessor.field.kind == .many2one, keys[i].path.count == 1, let relation = accessor.field.relation,
        let table = database.tables[relation]
      {
        let order = try sortKeys(table.model.order, on: relation, depth: 1)
        var ranks: [Int: Int] = [:]
        for (rank, place) in sorted(Array(table.ids.indices), by: order).enumerated() {
          ranks[table.ids[place]] = rank
        }
        values = values.map { if case .int(let id) = $0 { .int(ranks[id] ?? Int.max) } else { $0 } }
        // What leads nowhere sorts as an empty first key of the other model does.
        if let first = order.first { putsEmptyFirst = first.putsEmptyFirst != isDescending }
      }
      terms.append(
        Term(
          values: values,
          key: SortKey(
            accessor: accessor, isDescending: isDescending, putsEmptyFirst: putsEmptyFirst, ranks: nil)))
    }
    var isOrdered = Set<Int>()
    for part in (request.order ?? "").split(separator: ",") {
      let words = part.split(separator: " ").map(String.init)
      guard !words.isEmpty else { continue }
      let isDescending = words.count > 1 && words[1].lowercased() == "desc"
      if let i = keys.firstIndex(where: { $0.text == words[0] || $0.text.hasPrefix(words[0] + ":") }) {
        try add(i, isDescending)
        isOrdered.insert(i)
      } else if let aggregate = aggregates.first(where: { $0.name == words[0] }) ?? count(words[0]) {
        let accessor = keys[0].path[0]
        let values = groups.map { group -> OdooValue in
          switch result(aggregate, group.places) {
          case .int(let n): .double(Double(n))
          case .double(let d): .double(d)
          case .text(let t): .text(t)
          default: .empty
          }
        }
        terms.append(
          Term(
            values: values,
            key: SortKey(
              accessor: accessor, isDescending: isDescending, putsEmptyFirst: isDescending, ranks: nil)))
      } else {
        throw OdooFault(
          .value, "Order term \(pythonText(.text(String(part)))) is not a valid aggregate nor valid groupby.")
      }
    }
    for i in keys.indices where !isOrdered.contains(i) && request.order == nil { try add(i, false) }
    let order = groups.indices.sorted { a, b in
      for term in terms {
        if let before = precedes(term.values[a], term.values[b], term.key) { return before }
      }
      return a < b
    }
    let start = min(max(0, request.offset), order.count)
    let end = request.limit.map { $0 <= 0 ? order.count : min(order.count, start + $0) } ?? order.count
    return order[start..<end].map { groups[$0] }
  }

  private func count(_ name: String) -> Aggregate? {
    name == "__count" ? Aggregate(name: name, accessor: nil, function: "count") : nil
  }

  /// The domain of a group's records.
  private func conditions(
    _ key: GroupKey, _ value: OdooValue, _ bucket: DateBuckets.Bucket?, name: String
  ) -> [Wire] {
    guard let bucket else {
      return [.list([.text(name), "=", value.isEmpty ? .bool(false) : wire(value, key.field, load: .ids)])]
    }
    return [
      .list([.text(name), ">=", plain(bucket.from)]), .list([.text(name), "<", plain(bucket.to)]),
    ]
  }

  private func plain(_ value: OdooValue) -> Wire {
    switch value {
    case .moment(let moment): .text(MomentText.text(moment))
    case .day(let day): .text(day.description)
    default: .bool(false)
    }
  }

  /// 16: groups first, then the domain asked for, each a unit of its own.
  private func domain16(_ groups: [[Wire]], _ domain: Wire) -> Wire {
    let asked = leaves(of: domain)
    let units = groups.map { conjunction($0) } + (asked.isEmpty ? [] : [conjunction(asked)])
    let signs = [Wire](repeating: "&", count: max(0, units.count - 1))
    return .list(signs + units.flatMap { $0.list ?? [] })
  }

  private func conjunction(_ leaves: [Wire]) -> Wire {
    .list([Wire](repeating: "&", count: max(0, leaves.count - 1)) + leaves)
  }

  /// The terms of a domain when they all have to hold; a domain with other signs is passed on as it is.
  private func leaves(of domain: Wire) -> [Wire] {
    (domain.list ?? []).filter { $0 != "&" }
  }
}
