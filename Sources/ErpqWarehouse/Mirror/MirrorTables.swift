import ErpqTables

/// What a mirrored column holds.
public enum MirrorType: Sendable {
  case int, real, text, bool
  /// A day without a clock.
  case day
  /// A moment, UTC.
  case moment

  /// The type of the column in a page.
  public var valueType: ValueType {
    switch self {
    case .int: .int
    case .real: .number
    case .text: .text
    case .bool: .bool
    case .day: .date
    case .moment: .datetime
    }
  }
}

/// A table that holds the records of one of the ERP's models as the ERP has them, under its ids. What statements
/// see is made of these tables in one step, so that a sync may stop anywhere.
public struct MirrorTable: Sendable {
  /// Its name.
  public let name: String
  /// Columns beside `id`, in order.
  public let columns: [(name: String, type: MirrorType)]

  init(_ name: String, _ columns: [(String, MirrorType)]) {
    self.name = name
    self.columns = columns.map { (name: $0.0, type: $0.1) }
  }

  /// Its name in SQL.
  var sql: String { "mirror_\(name)" }

  /// Whether records tell when they were entered and written, so that changes can be asked for.
  public var hasWriteDates: Bool { columns.contains { $0.name == "written" } }

  /// All of them.
  public static let all: [MirrorTable] = [
    MirrorTable("currency", [("name", .text)]),
    MirrorTable("currency_rate", [("currency", .int), ("day", .day), ("rate", .real), ("company", .int)]),
    MirrorTable("category", [("name", .text)]),
    MirrorTable(
      "uom",
      [
        ("name", .text), ("factor", .real), ("relative", .real), ("base", .int), ("category", .int),
      ]),
    MirrorTable("country", [("name", .text)]),
    MirrorTable(
      "partner",
      [
        ("name", .text), ("is_company", .bool), ("customer_rank", .int), ("supplier_rank", .int),
        ("email", .text), ("phone", .text), ("vat", .text), ("country", .int), ("currency", .int),
        ("created", .moment),
        ("written", .moment),
      ]),
    MirrorTable(
      "product",
      [
        ("template", .int), ("sku", .text), ("name", .text), ("label", .text), ("category", .int),
        ("type", .text), ("detailed_type", .text), ("storable", .bool), ("active", .bool),
        ("price", .real), ("cost", .real), ("uom", .int), ("created", .moment), ("written", .moment),
      ]),
    MirrorTable(
      "sale_order",
      [
        ("name", .text), ("partner", .int), ("state", .text), ("ordered", .moment),
        ("promised", .moment), ("delivered", .moment), ("currency", .int), ("rate", .real),
        ("warehouse", .int), ("company", .int), ("created", .moment), ("written", .moment),
      ]),
    MirrorTable(
      "sale_line",
      [
        ("order", .int), ("product", .int), ("qty", .real), ("delivered", .real), ("price", .real),
        ("discount", .real), ("subtotal", .real), ("cost", .real), ("uom", .int), ("created", .moment),
        ("written", .moment),
      ]),
    MirrorTable(
      "purchase_order",
      [
        ("name", .text), ("partner", .int), ("state", .text), ("ordered", .moment),
        ("approved", .moment), ("planned", .moment), ("received", .moment), ("currency", .int),
        ("rate", .real), ("picking_type", .int), ("company", .int), ("created", .moment),
        ("written", .moment),
      ]),
    MirrorTable(
      "purchase_line",
      [
        ("order", .int), ("product", .int), ("qty", .real), ("received", .real), ("price", .real),
        ("subtotal", .real), ("planned", .moment), ("uom", .int), ("created", .moment),
        ("written", .moment),
      ]),
    MirrorTable(
      "supplier_price",
      [
        ("partner", .int), ("template", .int), ("product", .int), ("min_qty", .real), ("price", .real),
        ("discount", .real), ("currency", .int), ("delay", .real), ("first_day", .day),
        ("last_day", .day), ("sequence", .int), ("uom", .int), ("company", .int), ("created", .moment),
        ("written", .moment),
      ]),
    MirrorTable(
      "move",
      [
        ("product", .int), ("date", .moment), ("state", .text), ("demand", .real), ("done", .real),
        ("uom", .int), ("source", .int), ("target", .int), ("reference", .text), ("origin", .text),
        ("purchase_line", .int), ("company", .int), ("created", .moment), ("written", .moment),
      ]),
    MirrorTable(
      "quant",
      [
        ("product", .int), ("location", .int), ("quantity", .real), ("reserved", .real),
        ("company", .int),
      ]),
    MirrorTable("location", [("name", .text), ("usage", .text), ("warehouse", .int), ("company", .int)]),
    MirrorTable("warehouse", [("name", .text), ("company", .int)]),
    MirrorTable("picking_type", [("warehouse", .int)]),
    MirrorTable(
      "orderpoint",
      [
        ("product", .int), ("warehouse", .int), ("min_qty", .real), ("max_qty", .real),
        ("multiple", .real), ("active", .bool), ("company", .int),
      ]),
    MirrorTable(
      "invoice",
      [
        ("name", .text), ("kind", .text), ("state", .text), ("day", .day), ("entry_day", .day),
        ("due", .day), ("partner", .int), ("currency", .int), ("total", .real), ("total_signed", .real),
        ("residual_signed", .real), ("origin", .text), ("company", .int), ("created", .moment),
        ("written", .moment),
      ]),
    MirrorTable(
      "payment",
      [
        ("name", .text), ("kind", .text), ("partner_kind", .text), ("day", .day), ("partner", .int),
        ("currency", .int), ("amount", .real), ("amount_signed", .real), ("state", .text),
        ("company", .int), ("created", .moment), ("written", .moment), ("invoice", .int), ("bill", .int),
      ]),
    MirrorTable("lead_stage", [("name", .text), ("is_won", .bool)]),
    MirrorTable(
      "lead",
      [
        ("name", .text), ("kind", .text), ("partner", .int), ("stage", .int), ("active", .bool),
        ("probability", .real), ("expected", .real), ("opened", .moment), ("closed", .moment),
        ("deadline", .day), ("company", .int), ("created", .moment), ("written", .moment),
      ]),
    MirrorTable(
      "pos_order",
      [
        ("name", .text), ("partner", .int), ("state", .text), ("ordered", .moment), ("rate", .real),
        ("currency", .int), ("company", .int), ("created", .moment), ("written", .moment),
      ]),
    MirrorTable(
      "pos_line",
      [
        ("order", .int), ("product", .int), ("qty", .real), ("price", .real), ("discount", .real),
        ("subtotal", .real), ("created", .moment), ("written", .moment),
      ]),
  ]

  /// The table of a name.
  public static func named(_ name: String) -> MirrorTable? { all.first { $0.name == name } }
}
