import ErpqWarehouse

/// What is read of one of Odoo's models into a table of the mirror.
struct ModelSpec: Sendable {
  /// How the table is kept up to date.
  enum Upkeep: Sendable {
    /// Records that changed since the last time, then checksums to find deletions.
    case changes
    /// All records each time: they are few, or their values are computed and have no date of their own.
    case snapshot
  }

  /// A column and the fields that may fill it, the one wanted most first.
  struct Wish: Sendable {
    var column: String
    var fields: [String]
    /// Without any of the fields the model cannot be used.
    var isRequired: Bool
  }

  /// The model.
  let model: String
  /// The table.
  let table: String
  /// Wishes.
  let wishes: [Wish]
  /// Which records, beside those that `exclusions` leave out.
  let domain: OdooValue
  /// Fields that must be false where the model has them: lines that are only headings.
  let exclusions: [String]
  /// How it is kept up to date.
  let upkeep: Upkeep
  /// Whether all of its fields lie plainly in the database, so that whole columns can be asked for.
  let isPlain: Bool
  /// What a user calls it.
  let title: String

  init(
    _ model: String, _ table: String, _ title: String, _ upkeep: Upkeep, isPlain: Bool = false,
    domain: OdooValue = [], exclusions: [String] = [], required: Set<String> = [],
    _ wishes: KeyValuePairs<String, String>
  ) {
    self.model = model
    self.table = table
    self.title = title
    self.upkeep = upkeep
    self.isPlain = isPlain
    self.domain = domain
    self.exclusions = exclusions
    var all = wishes.map { pair in
      Wish(
        column: pair.key, fields: pair.value.split(separator: " ").map(String.init),
        isRequired: required.contains(pair.key))
    }
    if upkeep == .changes {
      all.append(Wish(column: "created", fields: ["create_date"], isRequired: true))
      all.append(Wish(column: "written", fields: ["write_date"], isRequired: true))
    }
    self.wishes = all
  }

  /// All models, in the order in which they are read: what others refer to first.
  static let all: [ModelSpec] = [
    ModelSpec("res.currency", "currency", "currencies", .snapshot, required: ["name"], ["name": "name"]),
    ModelSpec(
      "res.currency.rate", "currency_rate", "currency rates", .snapshot,
      required: ["currency", "day", "rate"],
      ["currency": "currency_id", "day": "name", "rate": "rate", "company": "company_id"]),
    ModelSpec("res.country", "country", "countries", .snapshot, ["name": "name"]),
    ModelSpec(
      "uom.uom", "uom", "units of measure", .snapshot, required: ["factor"],
      [
        "name": "name", "factor": "factor", "relative": "relative_factor", "base": "relative_uom_id",
        "category": "category_id",
      ]),
    ModelSpec(
      "product.category", "category", "product categories", .snapshot, required: ["name"],
      ["name": "complete_name name"]),
    ModelSpec(
      "product.product", "product", "products", .changes, required: ["name"],
      [
        "template": "product_tmpl_id", "sku": "default_code", "name": "name", "label": "display_name",
        "category": "categ_id", "type": "type", "detailed_type": "detailed_type", "storable": "is_storable",
        "active": "active", "price": "lst_price list_price", "cost": "standard_price", "uom": "uom_id",
      ]),
    ModelSpec(
      "res.partner", "partner", "partners", .changes, required: ["name"],
      [
        "name": "name", "is_company": "is_company", "customer_rank": "customer_rank",
        "supplier_rank": "supplier_rank", "email": "email", "phone": "phone", "vat": "vat",
        "country": "country_id", "currency": "property_purchase_currency_id",
      ]),
    ModelSpec(
      "stock.warehouse", "warehouse", "warehouses", .snapshot, ["name": "name", "company": "company_id"]),
    ModelSpec(
      "stock.location", "location", "locations", .snapshot, required: ["usage"],
      ["name": "complete_name name", "usage": "usage", "warehouse": "warehouse_id", "company": "company_id"]),
    ModelSpec(
      "stock.picking.type", "picking_type", "operation types", .snapshot, ["warehouse": "warehouse_id"]),
    ModelSpec(
      "sale.order", "sale_order", "sale orders", .changes, isPlain: true, required: ["state", "ordered"],
      [
        "name": "name", "partner": "partner_id", "state": "state", "ordered": "date_order",
        "promised": "commitment_date", "delivered": "effective_date", "currency": "currency_id",
        "rate": "currency_rate", "warehouse": "warehouse_id", "company": "company_id",
      ]),
    ModelSpec(
      "sale.order.line", "sale_line", "sale order lines", .changes, isPlain: true,
      exclusions: ["display_type"], required: ["order", "product", "qty", "subtotal"],
      [
        "order": "order_id", "product": "product_id", "qty": "product_uom_qty", "delivered": "qty_delivered",
        "price": "price_unit", "discount": "discount", "subtotal": "price_subtotal", "cost": "purchase_price",
        "uom": "product_uom_id product_uom",
      ]),
    ModelSpec(
      "purchase.order", "purchase_order", "purchase orders", .changes, required: ["state", "ordered"],
      [
        "name": "name", "partner": "partner_id", "state": "state", "ordered": "date_order",
        "approved": "date_approve", "planned": "date_planned", "received": "effective_date",
        "currency": "currency_id", "rate": "currency_rate", "picking_type": "picking_type_id",
        "company": "company_id",
      ]),
    ModelSpec(
      "purchase.order.line", "purchase_line", "purchase order lines", .changes, isPlain: true,
      exclusions: ["display_type"], required: ["order", "product", "qty"],
      [
        "order": "order_id", "product": "product_id", "qty": "product_qty", "received": "qty_received",
        "price": "price_unit", "subtotal": "price_subtotal", "planned": "date_planned",
        "uom": "product_uom_id product_uom",
      ]),
    ModelSpec(
      "product.supplierinfo", "supplier_price", "supplier prices", .changes, required: ["partner"],
      [
        "partner": "partner_id name", "template": "product_tmpl_id", "product": "product_id",
        "min_qty": "min_qty",
        "price": "price", "discount": "discount", "currency": "currency_id", "delay": "delay",
        "first_day": "date_start", "last_day": "date_end", "sequence": "sequence",
        "uom": "product_uom_id product_uom", "company": "company_id",
      ]),
    ModelSpec(
      "stock.move", "move", "stock movements", .changes, isPlain: true,
      required: ["product", "date", "demand"],
      [
        "product": "product_id", "date": "date", "state": "state", "demand": "product_qty",
        "done": "quantity",
        "uom": "product_uom", "source": "location_id", "target": "location_dest_id", "reference": "origin",
        "purchase_line": "purchase_line_id", "company": "company_id",
      ]),
    ModelSpec(
      "stock.quant", "quant", "stock on hand", .snapshot, required: ["product", "location", "quantity"],
      [
        "product": "product_id", "location": "location_id", "quantity": "quantity",
        "reserved": "reserved_quantity", "company": "company_id",
      ]),
    ModelSpec(
      "stock.warehouse.orderpoint", "orderpoint", "reordering rules", .snapshot, required: ["product"],
      [
        "product": "product_id", "warehouse": "warehouse_id", "min_qty": "product_min_qty",
        "max_qty": "product_max_qty", "multiple": "qty_multiple", "active": "active", "company": "company_id",
      ]),
    ModelSpec(
      "account.move", "invoice", "invoices", .changes, isPlain: true,
      domain: [["move_type", "in", ["out_invoice", "out_refund", "in_invoice", "in_refund"]]],
      required: ["kind", "total_signed"],
      [
        "name": "name", "kind": "move_type", "state": "state", "day": "invoice_date", "entry_day": "date",
        "due": "invoice_date_due", "partner": "partner_id", "currency": "currency_id",
        "total": "amount_total",
        "total_signed": "amount_total_signed", "residual_signed": "amount_residual_signed",
        "origin": "invoice_origin", "company": "company_id",
      ]),
    ModelSpec(
      "account.payment", "payment", "payments", .changes, required: ["kind", "amount"],
      [
        "name": "name", "kind": "payment_type", "partner_kind": "partner_type", "day": "date payment_date",
        "partner": "partner_id", "currency": "currency_id", "amount": "amount",
        "amount_signed": "amount_company_currency_signed", "state": "state", "company": "company_id",
        "invoice": "reconciled_invoice_ids", "bill": "reconciled_bill_ids",
      ]),
    ModelSpec("crm.stage", "lead_stage", "pipeline stages", .snapshot, ["name": "name", "is_won": "is_won"]),
    ModelSpec(
      "crm.lead", "lead", "opportunities", .changes,
      [
        "name": "name", "kind": "type", "partner": "partner_id", "stage": "stage_id", "active": "active",
        "probability": "probability", "expected": "expected_revenue planned_revenue", "opened": "create_date",
        "closed": "date_closed", "deadline": "date_deadline", "company": "company_id",
      ]),
    ModelSpec(
      "pos.order", "pos_order", "point of sale orders", .changes, required: ["state", "ordered"],
      [
        "name": "name", "partner": "partner_id", "state": "state", "ordered": "date_order",
        "rate": "currency_rate", "currency": "currency_id", "company": "company_id",
      ]),
    ModelSpec(
      "pos.order.line", "pos_line", "point of sale lines", .changes, isPlain: true,
      required: ["order", "product", "qty", "subtotal"],
      [
        "order": "order_id", "product": "product_id", "qty": "qty", "price": "price_unit",
        "discount": "discount", "subtotal": "price_subtotal",
      ]),
  ]
}

extension MirrorType {
  /// How a field is read that fills such a column.
  var wireKind: WireKind {
    switch self {
    case .int: .id
    case .real: .number
    case .text: .text
    case .bool: .bool
    case .day: .date
    case .moment: .datetime
    }
  }
}
