import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqSemantics
import ErpqTables

/// Policies by segment out of a file: each line says for which products (class, category, supplier, product;
/// what is empty holds for all) and what (policy, service_level, fill_rate, safety_days, lead_time, review,
/// lot). Where several lines hold, the larger priority wins, then the line that says more, then the later
/// one.
struct SegmentPolicies: Sendable {
  /// A line of the file.
  struct Line: Sendable {
    var row: Int
    var priority = 0.0
    var classes: String?
    var category: String?
    var supplier: String?
    var product: Int64?
    var kind: PolicyKind?
    var serviceLevel: Double?
    var fillRate: Double?
    var safetyDays: Double?
    var leadDays: Double?
    var reviewDays: Double?
    var lot: Double?

    var weight: Int {
      (product == nil ? 0 : 8) + (supplier == nil ? 0 : 4) + (category == nil ? 0 : 2)
        + (classes == nil ? 0 : 1)
    }

    func apply(to s: inout PolicySettings, lead: inout Double?) {
      if let kind {
        s.kind = kind
        s.fillRate = nil
      }
      if let serviceLevel { s.serviceLevel = serviceLevel }
      if let fillRate { s.fillRate = fillRate }
      if let safetyDays { s.rule.safetyDays = safetyDays }
      if let reviewDays { s.reviewDays = reviewDays }
      if let lot { s.lot = lot }
      if let leadDays { lead = leadDays }
    }
  }

  /// The line of each product; nil where none holds.
  var lines: [Line?]

  static func read(_ a: Arguments, _ facts: ReplenishFacts, _ context: RunContext) throws -> SegmentPolicies?
  {
    guard let path = a.text("policies") else { return nil }
    let table = try context.files.read(path, ReadOptions()).table
    let lines = try parse(table, path, a.span("policies"))
    let classes = try context.cache.value("segments;\(facts.demand.ids.count);\(context.changes.name ?? "")")
    {
      try Segmentation(
        values: facts.demand.revenue, demand: facts.demand.quantity, ids: facts.demand.ids,
        rule: context.settings.segmentation
      ).segments.map(\.description)
    }
    var chosen: [Line?] = []
    for i in facts.demand.ids.indices {
      func text(_ name: String) -> String {
        if case .text(let t)? = facts.demand.products[name]?[i] { t } else { "" }
      }
      let (category, supplier) = (text("category"), text("supplier"))
      let held = lines.filter { line in
        (line.product.map { $0 == facts.demand.ids[i] } ?? true)
          && (line.category.map { $0 == category } ?? true) && (line.supplier.map { $0 == supplier } ?? true)
          && (line.classes.map { classes[i].hasPrefix($0) || ($0.count == 1 && classes[i].hasSuffix($0)) }
            ?? true)
      }
      chosen.append(
        held.max { ($0.priority, $0.weight, $0.row) < ($1.priority, $1.weight, $1.row) })
    }
    return SegmentPolicies(lines: chosen)
  }

  private static func parse(_ table: Table, _ path: String, _ span: SourceSpan) throws -> [Line] {
    let known = [
      "segment", "class", "category", "supplier", "product", "priority", "policy", "service_level",
      "fill_rate",
      "safety_days", "lead_time", "review", "lot", "note",
    ]
    func fail(_ message: String, _ label: String) -> Diagnostic {
      Diagnostic(.badFile, message, at: span, label: label)
    }
    for name in table.schema.names where !known.contains(name) {
      let near = nearest(to: name, among: known, count: 1).first
      throw fail(
        "\(path) has a column `\(name)` that no policy knows",
        near.map { "did you mean `\($0)`?" } ?? "columns are " + known.joined(separator: " "))
    }
    guard table["policy"] != nil else {
      throw fail("\(path) has no column `policy`", "it names one of days, csl, fill …")
    }
    var lines: [Line] = []
    for row in 0..<table.rowCount {
      var line = Line(row: row)
      func value(_ name: String) -> Value { table[name]?[row] ?? .null }
      func text(_ name: String) -> String? {
        let s = value(name).description
        return s.isEmpty ? nil : s
      }
      func wrong(_ name: String, _ expected: String) -> Diagnostic {
        fail("\(path), row \(row + 1): \(name) is \"\(text(name) ?? "")\"", expected)
      }
      func number(_ name: String) throws -> Double? {
        guard let written = text(name) else { return nil }
        if let d = value(name).asDouble { return d }
        let bare = written.hasSuffix("%") ? String(written.dropLast()) : written
        guard let d = Double(bare) else { throw wrong(name, "a number is expected") }
        return written.hasSuffix("%") ? d / 100 : d
      }
      func share(_ name: String) throws -> Double? {
        guard let d = try number(name) else { return nil }
        guard d > 0, d < 1 else { throw wrong(name, "a share between 0% and 100% is expected: 0.95 or 95%") }
        return d
      }
      func days(_ name: String) throws -> Double? {
        if case .duration(let d) = value(name) { return d.inDays }
        if let written = text(name), written.hasSuffix("d"), let d = Double(written.dropLast()) { return d }
        guard let d = try number(name) else { return nil }
        guard d >= 0, d <= 3660 else { throw wrong(name, "0 to 3660 days are expected") }
        return d
      }
      line.priority = try number("priority") ?? 0
      if let segment = text("segment") ?? text("class") {
        let cells = ["A", "B", "C", "X", "Y", "Z"] + Segment.matrix.map(\.description)
        guard cells.contains(segment) else {
          throw fail(
            "\(path), row \(row + 1): there is no segment \"\(segment)\"",
            "segments are A, B, C, X, Y, Z and AX … CZ")
        }
        line.classes = segment
      }
      line.category = text("category")
      line.supplier = text("supplier")
      if text("product") != nil {
        guard let id = try number("product"), let whole = Int64(exactly: id) else {
          throw wrong("product", "the product's id is expected")
        }
        line.product = whole
      }
      if let name = text("policy") {
        guard let kind = PolicyKind(rawValue: name) else {
          throw wrong("policy", "policies are " + PolicyKind.allCases.map(\.rawValue).joined(separator: " "))
        }
        line.kind = kind
      }
      line.serviceLevel = try share("service_level")
      line.fillRate = try share("fill_rate")
      if line.kind == .csl, line.fillRate != nil { throw wrong("fill_rate", "`csl` takes a service_level") }
      if line.kind == .fill, line.serviceLevel != nil {
        throw wrong("service_level", "`fill` takes a fill_rate")
      }
      line.safetyDays = try days("safety_days")
      line.leadDays = try days("lead_time")
      line.reviewDays = try days("review")
      if let lot = try number("lot") {
        guard lot > 0 else { throw wrong("lot", "a lot is above 0") }
        line.lot = lot
      }
      lines.append(line)
    }
    return lines
  }
}
