import ErpqTables

extension Warehouse {
  /// Every relation of a company file, in the order of `help`.
  public static let relations: [RelationSpec] = [
    products, sales, orders, quotations, customers, suppliers, supplierPrices, purchases, moves, stock,
    categories,
    currencies, rates, warehouses, orderpoints, invoices, payments, leads, forecastLog, overrides, syncs,
    syncProblems,
  ]

  /// The relation of that name.
  public static func relation(_ name: String) -> RelationSpec? { relations.first { $0.name == name } }

  private static let dayScale = 86_400_000.0

  private static let product = StoredColumn("product", .int, "the product's id", to: "products")
  private static let productColumns = [
    product,
    StoredColumn("sku", .text, "the product's code", sql: "\"product\"", text: .productSku),
    StoredColumn("name", .text, "the product's name", sql: "\"product\"", text: .productName),
    StoredColumn(
      "category", .text, "the product's category", sql: "\"product\"", text: .productCategory,
      to: "categories"),
  ]
  private static let supplier = StoredColumn(
    "supplier", .text, "the supplier's name", text: .supplier, to: "suppliers")
  private static let customer = StoredColumn("customer", .int, "the customer's id", to: "customers")
  private static let warehouse = StoredColumn(
    "warehouse", .text, "the warehouse's name", text: .warehouse, to: "warehouses")
  private static let currency = StoredColumn(
    "currency", .text, "ISO code of the document's currency", text: .word, to: "currencies")

  private static func leadTime(_ doc: String) -> StoredColumn {
    StoredColumn("lead_time", .duration(.time), doc, scale: dayScale)
  }

  private static let products = RelationSpec(
    "products", "What the company sells and stocks, archived products included.", keys: ["product"],
    order: "product",
    [
      StoredColumn("product", .int, "id"),
      StoredColumn("sku", .text, "code (internal reference)"),
      StoredColumn("name", .text, "name"),
      StoredColumn(
        "category", .text, "category, with its parents where it has any", text: .category, to: "categories"),
      StoredColumn("type", .text, "product (stocked), consu (not stocked) or service", text: .word),
      StoredColumn("active", .bool, "false for archived products"),
      StoredColumn(
        "price", .money(nil), "list price of one unit; where no one gave one, the price of the last sale"),
      StoredColumn(
        "cost", .money(nil), "standard cost of one unit; where no one gave one, that of the last sale"),
      StoredColumn("supplier", .text, "main supplier", text: .supplier, to: "suppliers"),
      leadTime("days the main supplier promises; null when no one said"),
      StoredColumn("on_hand", .quantity(nil), "in stock now, all warehouses"),
      StoredColumn("reserved", .quantity(nil), "promised to deliveries that have not left yet"),
      StoredColumn("incoming", .quantity(nil), "ordered from suppliers and not received yet"),
      StoredColumn("first_sale", .date, "day of the first confirmed sale"),
      StoredColumn("last_sale", .date, "day of the last confirmed sale"),
      StoredColumn("created", .date, "day the product was entered"),
      StoredColumn(
        "assumed_demand", .number, "units a day that someone entered for a product without history"),
    ])

  // Who and when first, the figures that matter last: a terminal that is too narrow keeps both ends.
  private static let saleColumns =
    [
      StoredColumn("date", .date, "day of the order, in the company's time zone"),
      StoredColumn("order", .int, "the order's id", to: "orders"),
      StoredColumn("line", .int, "the line's id"),
    ] + productColumns + [
      StoredColumn(
        "supplier", .text, "the product's main supplier", sql: "\"product\"", text: .productSupplier,
        to: "suppliers"),
      customer,
      warehouse,
      StoredColumn("state", .text, "sale or done; draft, sent or cancel in quotations", text: .word),
      StoredColumn("date_utc", .date, "day of the order in universal time"),
      currency,
      StoredColumn("amount_doc", .number, "the same revenue in the document's currency"),
      StoredColumn("delivered", .quantity(nil), "delivered so far"),
      StoredColumn("cost", .money(nil), "cost of what was sold: qty times standard cost"),
      StoredColumn("discount", .percent, "discount on the line"),
      StoredColumn("price", .money(nil), "unit price before discount"),
      StoredColumn("qty", .quantity(nil), "ordered; negative for returns"),
      StoredColumn(
        "amount", .money(nil), "revenue: qty times price less discount, in company currency, net of tax"),
    ]

  private static let sales = RelationSpec(
    "sales", "Lines of confirmed sale orders; returns are negative.", indexed: ["product"], keys: ["line"],
    order: "date, line",
    saleColumns)

  private static let quotations = RelationSpec(
    "quotations", "Lines of orders that are not confirmed: drafts, sent offers and cancelled ones.",
    indexed: [], keys: ["line"],
    order: "date, line", saleColumns)

  private static let orders = RelationSpec(
    "orders", "Sale orders in every state.", indexed: ["order", "name"], keys: ["order"], order: "\"order\"",
    [
      StoredColumn("order", .int, "id"),
      StoredColumn("name", .text, "number as printed"),
      customer,
      StoredColumn("date", .date, "day of the order, in the company's time zone"),
      StoredColumn("ordered_at", .datetime, "moment of the order, UTC"),
      StoredColumn("promised_date", .date, "day the delivery was promised for"),
      StoredColumn("delivered_date", .date, "day of the delivery"),
      StoredColumn("state", .text, "draft, sent, sale, done or cancel", text: .word),
      StoredColumn("lines", .int, "number of lines"),
      StoredColumn("amount", .money(nil), "sum of the lines, in company currency, net of tax"),
      currency,
      StoredColumn("rate", .number, "units of the document's currency for one of the company's"),
      warehouse,
      StoredColumn("date_utc", .date, "day of the order in universal time"),
      StoredColumn("promised_at", .datetime, "moment of the promise, UTC; null where only the day is known"),
      StoredColumn(
        "delivered_at", .datetime, "moment of the delivery, UTC; null where only the day is known"),
    ])

  private static let customers = RelationSpec(
    "customers", "Who buys.", keys: ["customer"], order: "customer",
    [
      StoredColumn("customer", .int, "id"),
      StoredColumn("name", .text, "name"),
      StoredColumn("is_company", .bool, "false for persons"),
      StoredColumn(
        "currency", .text, "currency agreed with the customer", text: .word, to: "currencies"),
      StoredColumn("email", .text, "e-mail address"),
      StoredColumn("phone", .text, "telephone number"),
      StoredColumn("vat", .text, "tax number"),
      StoredColumn("country", .text, "country"),
      StoredColumn("created", .date, "day the customer was entered"),
      StoredColumn("first_sale", .date, "day of the first confirmed order"),
      StoredColumn("last_sale", .date, "day of the last confirmed order"),
      StoredColumn("orders", .int, "number of confirmed orders"),
      StoredColumn("amount", .money(nil), "revenue of all time"),
    ])

  private static let suppliers = RelationSpec(
    "suppliers", "Who delivers.", keys: ["supplier"], order: "id",
    [
      StoredColumn("supplier", .text, "name", sql: "name"),
      StoredColumn("supplier_id", .int, "id", sql: "id"),
      StoredColumn(
        "currency", .text, "currency agreed with the supplier", text: .word, to: "currencies"),
      leadTime("days that deliveries usually take by contract"),
    ])

  private static let supplierPrices = RelationSpec(
    "supplier_prices", "What suppliers ask for a product, and how long they take.", keys: [],
    order: "product, supplier, min_qty",
    productColumns + [
      supplier,
      StoredColumn("min_qty", .quantity(nil), "the price holds from this quantity on"),
      StoredColumn("price", .number, "unit price, in the currency beside it"),
      currency,
      leadTime("days from order to receipt by contract"),
    ])

  private static let purchases = RelationSpec(
    "purchases", "Lines of purchase orders with what was received.", indexed: ["purchase_line", "product"],
    keys: ["purchase_line"],
    order: "line",
    [
      StoredColumn("order_date", .date, "day of the order"),
      StoredColumn("purchase", .int, "id of the purchase order"),
      StoredColumn("purchase_name", .text, "number as printed", sql: "purchases.name"),
      StoredColumn("purchase_line", .int, "the line's id", sql: "line"),
      supplier,
    ] + productColumns + [
      StoredColumn("qty", .quantity(nil), "ordered"),
      StoredColumn("qty_received", .quantity(nil), "received so far"),
      StoredColumn("planned_date", .date, "day the supplier promised"),
      StoredColumn("received_date", .date, "day of the receipt; null while it is open"),
      StoredColumn("price", .money(nil), "unit price in company currency"),
      StoredColumn("amount", .money(nil), "qty times price"),
      currency,
      StoredColumn("state", .text, "draft, purchase, done or cancel", text: .word),
      warehouse,
      StoredColumn("ordered_at", .datetime, "moment of the order, UTC; null where only the day is known"),
      StoredColumn(
        "received_at", .datetime, "moment of the order's receipt, UTC; null where only the day is known"),
    ])

  private static let moves = RelationSpec(
    "moves", "Movements of stock: in is positive, out negative. The done ones add up to the stock on hand.",
    indexed: ["move"], keys: ["move"], order: "move",
    [
      StoredColumn("date", .date, "day, in the company's time zone"),
      StoredColumn("move", .int, "id"),
    ] + productColumns + [
      StoredColumn("qty", .quantity(nil), "in positive, out negative"),
      StoredColumn(
        "kind", .text, "incoming, incoming_return, outgoing, inventory_in or inventory_out", text: .word),
      StoredColumn("state", .text, "done, or confirmed, assigned, cancel", text: .word),
      StoredColumn("reference", .text, "the document behind it"),
      warehouse,
      StoredColumn("date_utc", .date, "day in universal time"),
    ])

  private static let stock = RelationSpec(
    "stock", "What lies in each warehouse now.", keys: ["product", "warehouse"], order: "product, warehouse",
    productColumns + [
      warehouse,
      StoredColumn("on_hand", .quantity(nil), "in stock"),
      StoredColumn("reserved", .quantity(nil), "promised to deliveries that have not left yet"),
      StoredColumn("incoming", .quantity(nil), "ordered from suppliers and not received yet"),
    ])

  private static let categories = RelationSpec(
    "categories", "Groups of products.", keys: ["category"], order: "id",
    [
      StoredColumn("category", .text, "name, with its parents where it has any", sql: "name"),
      StoredColumn("category_id", .int, "id", sql: "id"),
    ])

  private static let currencies = RelationSpec(
    "currencies", "The currencies in use, with the latest rate of each.",
    table: """
      (SELECT currency, date, rate FROM rates AS r \
      WHERE date = (SELECT max(date) FROM rates WHERE currency = r.currency))
      """,
    keys: ["currency"], order: "currency",
    [
      StoredColumn("currency", .text, "ISO code", text: .word),
      StoredColumn("rate", .number, "units of it for one of the company's currency"),
      StoredColumn("date", .date, "day the rate holds from"),
    ])

  private static let rates = RelationSpec(
    "rates", "Exchange rates: each holds from its day to the next one's.", keys: ["currency", "date"],
    order: "currency, date",
    [
      StoredColumn("currency", .text, "ISO code", text: .word, to: "currencies"),
      StoredColumn("date", .date, "first day"),
      StoredColumn("rate", .number, "units of it for one of the company's currency"),
    ])

  private static let warehouses = RelationSpec(
    "warehouses", "Where stock lies.", keys: ["warehouse"], order: "id",
    [
      StoredColumn("warehouse", .text, "name", sql: "name"),
      StoredColumn("warehouse_id", .int, "id", sql: "id"),
    ])

  private static let orderpoints = RelationSpec(
    "orderpoints", "Reordering rules that someone set.", keys: ["product", "warehouse"],
    order: "product, warehouse",
    productColumns + [
      warehouse,
      StoredColumn("min_qty", .quantity(nil), "order when the forecast stock falls below"),
      StoredColumn("max_qty", .quantity(nil), "order up to"),
      StoredColumn("multiple", .quantity(nil), "order in multiples of"),
    ])

  private static let invoices = RelationSpec(
    "invoices", "Invoices and bills, refunds included.", indexed: ["invoice"], keys: ["invoice"],
    order: "invoice",
    [
      StoredColumn("date", .date, "day of the invoice"),
      StoredColumn("invoice", .int, "id"),
      StoredColumn("name", .text, "number as printed"),
      StoredColumn("kind", .text, "out_invoice, out_refund, in_invoice or in_refund", text: .word),
      customer, supplier,
      StoredColumn("order", .int, "the sale order behind it", to: "orders"),
      StoredColumn("due_date", .date, "day it is due"),
      StoredColumn("state", .text, "draft, posted or cancel", text: .word),
      StoredColumn("amount", .money(nil), "total in company currency"),
      StoredColumn("residual", .money(nil), "not paid yet, in company currency"),
      StoredColumn("amount_doc", .number, "total in the document's currency"),
      currency,
    ])

  private static let payments = RelationSpec(
    "payments", "Money received and paid.", indexed: ["payment"], keys: ["payment"], order: "payment",
    [
      StoredColumn("date", .date, "day"),
      StoredColumn("payment", .int, "id"),
      StoredColumn("name", .text, "number as printed"),
      StoredColumn("kind", .text, "inbound or outbound", text: .word),
      StoredColumn("invoice", .int, "the invoice it settles", to: "invoices"),
      customer, supplier,
      StoredColumn("amount", .money(nil), "in company currency"),
      StoredColumn("amount_doc", .number, "in the document's currency"),
      currency,
    ])

  private static let leads = RelationSpec(
    "leads", "Sales opportunities.", keys: ["lead"], order: "lead",
    [
      StoredColumn("lead", .int, "id"),
      StoredColumn("name", .text, "title"),
      customer,
      StoredColumn("stage", .text, "stage of the pipeline", text: .word),
      StoredColumn("state", .text, "open, won or lost", text: .word),
      StoredColumn("created", .date, "day it was entered"),
      StoredColumn("closed", .date, "day it was won or lost"),
      StoredColumn("deadline", .date, "day the deal is expected"),
      StoredColumn("expected", .money(nil), "expected revenue"),
      StoredColumn("probability", .percent, "chance of winning"),
    ])

  private static let forecastLog = RelationSpec(
    "forecast_log", "Forecasts that were kept, to be held against what came.", keys: [],
    order: "made, product, date",
    [StoredColumn("made", .date, "the day at which the forecast was made")] + productColumns + [
      StoredColumn("date", .date, "the day forecast"), StoredColumn("method", .text, "the method"),
      StoredColumn("mean", .quantity(nil), "expected quantity"),
      StoredColumn("lo95", .quantity(nil), "2.5 % of the outcomes lie below"),
      StoredColumn("hi95", .quantity(nil), "97.5 % of the outcomes lie below"),
      StoredColumn("model", .int, "the stored model it was made with; null without one"),
    ])

  private static let overrides = RelationSpec(
    "overrides", "Quantities that a planner set for a product and a period; `override` sets them.",
    keys: [],
    order: "product, first",
    productColumns + [
      StoredColumn("first", .date, "first day of the period"), StoredColumn("last", .date, "its last day"),
      StoredColumn("qty", .quantity(nil), "units expected over the period"),
      StoredColumn("note", .text, "why"), StoredColumn("made", .date, "the day at which it was set"),
    ])

  private static let syncs = RelationSpec(
    "syncs", "Runs of `erpq sync`, the latest last.", keys: ["sync"], order: "sync",
    [
      StoredColumn("sync", .int, "number"),
      StoredColumn("started", .datetime, "when it began, UTC"),
      StoredColumn("finished", .datetime, "when it ended, UTC; null for a run that was killed"),
      StoredColumn("status", .text, "ok, partial, failed, interrupted or running"),
      StoredColumn("read", .int, "records that the server sent"),
      StoredColumn("changed", .int, "of these, new or different ones"),
      StoredColumn("removed", .int, "records that are gone from the server"),
      StoredColumn("problems", .int, "records that could not be used; see `sync_problems`"),
      StoredColumn("version", .text, "the server's version"),
      StoredColumn("transport", .text, "the protocol: json2, jsonrpc, session or xmlrpc"),
      StoredColumn("user", .text, "the login"),
      StoredColumn("message", .text, "what went wrong or is missing"),
    ])

  private static let syncProblems = RelationSpec(
    "sync_problems", "Records of the server that could not be used, and why.", keys: [],
    order: "model, record",
    [
      StoredColumn("model", .text, "the server's model"),
      StoredColumn("record", .int, "the record's id"),
      StoredColumn("problem", .text, "what is wrong with it"),
    ])
}
