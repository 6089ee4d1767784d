import ErpqBase
import Testing

@testable import ErpqOdooSimulator

@Suite("Domains, orders and groups")
struct DomainTests {
  static func world(_ version: OdooVersion) -> OdooWorld {
    OdooWorld.sample(version: version, orders: 120, products: 20)
  }

  static func query(_ world: OdooWorld, _ context: WireRecord? = nil, login: String = "admin") throws -> Query
  {
    let database = world.snapshot
    let user = try #require(database.user(login: login))
    return Query(database, user: user, context: try CallContext(context, user: user, database: database))
  }

  static func ids(
    _ model: String, _ domain: Wire, version: OdooVersion = .v19, context: WireRecord? = nil,
    order: String = "id"
  ) throws -> [Int] {
    let query = try query(world(version), context)
    let table = try query.table(model)
    return try query.search(model, domain, order: order).map { table.ids[$0] }
  }

  @Test func signs() throws {
    let all = try Self.ids("sale.order", [])
    #expect(all == Array(1...120))
    let draft = try Self.ids("sale.order", [["state", "=", "draft"]])
    let cancelled = try Self.ids("sale.order", [["state", "=", "cancel"]])
    #expect(!draft.isEmpty && !cancelled.isEmpty)
    #expect(
      try Self.ids("sale.order", ["|", ["state", "=", "draft"], ["state", "=", "cancel"]])
        == (draft + cancelled).sorted())
    #expect(
      try Self.ids("sale.order", ["!", ["state", "in", ["draft", "cancel"]]])
        == all.filter { !draft.contains($0) && !cancelled.contains($0) })
    #expect(
      try Self.ids("sale.order", ["&", ["id", ">", 5], "!", ["id", ">=", 8], ["id", "!=", 6]]) == [7])
    #expect(try Self.ids("sale.order", [["id", "in", []]]) == [])
    #expect(try Self.ids("sale.order", [["id", "not in", []]]).count == 120)
  }

  @Test func paths() throws {
    let world = Self.world(.v19)
    let truth = world.truth
    let wanted = truth.ids("sale.order.line").filter {
      guard case .int(let order) = truth.value("sale.order.line", id: $0, "order_id") else { return false }
      return truth.value("sale.order", id: order, "currency_id") == .int(2)
    }
    #expect(!wanted.isEmpty)
    #expect(try Self.ids("sale.order.line", [["order_id.currency_id", "=", 2]]) == wanted)
    #expect(try Self.ids("sale.order.line", [["order_id.currency_id.name", "=", "USD"]]) == wanted)
    #expect(try Self.ids("sale.order.line", [["order_id", "any", [["currency_id", "=", 2]]]]) == wanted)
    #expect(
      try Self.ids("sale.order", [["order_line.product_id", "in", [104]]]).allSatisfy { order in
        truth.ids("sale.order.line").contains {
          truth.value("sale.order.line", id: $0, "order_id") == .int(order)
            && truth.value("sale.order.line", id: $0, "product_id") == .int(104)
        }
      })
  }

  @Test func textsAndNames() throws {
    #expect(try Self.ids("product.product", [["name", "ilike", "PRODUCT 10"]]).count == 8)
    #expect(try Self.ids("product.product", [["name", "like", "PRODUCT"]]) == [])
    #expect(try Self.ids("product.product", [["name", "=like", "Product 10_"]]).count == 8)
    #expect(try Self.ids("product.product", [["name", "not ilike", "product"]]) == [103])
    #expect(
      try Self.ids("sale.order", [["partner_id", "=", "Customer 7"]])
        == Self.ids("sale.order", [["partner_id", "=", 56]]))
    #expect(
      try Self.ids("product.product", [["categ_id", "child_of", 1]]).count
        > Self.ids("product.product", [["categ_id", "=", 1]]).count)
  }

  @Test func emptyAndArchived() throws {
    #expect(try Self.ids("sale.order", [["commitment_date", "=", false]]).count == 120)
    #expect(try Self.ids("sale.order", [["commitment_date", "!=", false]]) == [])
    #expect(try Self.ids("product.product", []).count == 18)
    #expect(try Self.ids("product.product", [], context: WireRecord([("active_test", false)])).count == 20)
    #expect(try Self.ids("product.product", [["active", "=", false]]) == [109, 119])
  }

  /// 16 compares microseconds with printed seconds, 19 seconds with seconds.
  @Test func stampsAreFinerThanTheirText() throws {
    for version in OdooVersion.allCases {
      let world = Self.world(version)
      guard case .moment(let moment) = world.truth.value("sale.order", id: 9, "write_date") else {
        Issue.record("no stamp")
        continue
      }
      let shown = Wire.text(MomentText.text(moment))
      let equal = try Self.ids(
        "sale.order", [["id", "=", 9], ["write_date", "=", shown]], version: version)
      let later = try Self.ids(
        "sale.order", [["id", "=", 9], ["write_date", ">", shown]], version: version)
      #expect(equal.isEmpty == (version == .v16))
      #expect(later.isEmpty == (version == .v19))
      #expect(
        try Self.ids("sale.order", [["id", "=", 9], ["write_date", ">=", shown]], version: version) == [9])
    }
  }

  @Test func badDomains() throws {
    for domain: Wire in [
      ["&", ["id", "=", 1]], [["id", "=", 1], "%"], [["nope", "=", 1]], [["id", "like"]], "x",
      [["date_order", ">", "yesterday"]], [["state", "~", "sale"]], [["name.x", "=", 1]], [1, 2], ["!"],
    ] {
      for version in OdooVersion.allCases {
        #expect(throws: OdooFault.self, "\(domain)") {
          try Self.ids("sale.order", domain, version: version)
        }
      }
    }
  }

  @Test func orders() throws {
    let falling = try Self.ids("sale.order", [], order: "amount_total desc, id")
    let truth = Self.world(.v19).truth
    let amounts = falling.map { truth.value("sale.order", id: $0, "amount_total").number ?? 0 }
    #expect(amounts == amounts.sorted(by: >))
    #expect(try Self.ids("sale.order", [], order: "id desc") == Array((1...120).reversed()))
    #expect(throws: OdooFault.self) { try Self.ids("sale.order", [], order: "nope") }
    #expect(throws: OdooFault.self) { try Self.ids("sale.order", [], order: "partner_id.name") }
  }

  @Test func columnsAgreeWithRows() throws {
    let query = try Self.query(Self.world(.v19))
    let answer = try query.formattedReadGroup(
      GroupRequest(
        model: "sale.order.line", domain: [["id", ">", 10]],
        aggregates: [
          "__count", "id:array_agg", "product_id:array_agg", "price_subtotal:array_agg", "price_subtotal:sum",
        ],
        keys: []))
    let page = try #require(answer.first?.record)
    let places = try query.search("sale.order.line", [["id", ">", 10]], order: "id")
    let rows = try query.read(
      "sale.order.line", places, fields: ["product_id", "price_subtotal"], load: .ids)
    #expect(page["__count"] == .int(rows.count))
    #expect(page["id:array_agg"] == .list(rows.map { $0["id"] ?? .none }))
    #expect(page["product_id:array_agg"] == .list(rows.map { $0["product_id"] ?? .none }))
    let sum = rows.reduce(0) { $0 + ($1["price_subtotal"]?.number ?? 0) }
    #expect(abs((page["price_subtotal:sum"]?.number ?? 0) - sum) < 1e-6)
  }

  @Test func checksumsByMonth() throws {
    for version in OdooVersion.allCases {
      let world = Self.world(version)
      let query = try Self.query(world)
      let groups = try query.readGroup(
        GroupRequest(
          model: "sale.order.line", domain: [], aggregates: ["id_sum:sum(id)", "wd:max(write_date)"],
          keys: ["create_date:month"]))
      let ids = world.truth.ids("sale.order.line")
      #expect(groups.count >= 13)
      #expect(groups.reduce(0) { $0 + ($1["__count"]?.int ?? 0) } == ids.count)
      #expect(groups.reduce(0) { $0 + ($1["id_sum"]?.int ?? 0) } == ids.reduce(0, +))
      #expect(groups.allSatisfy { $0["wd"]?.text?.count == 19 })
    }
  }

  /// 23:30 in universal time is the next day in Tokyo.
  @Test func daysOfTimeZones() throws {
    let world = Self.world(.v19)
    world.update(
      "sale.order", id: 1, ["date_order": .moment(try #require(Instant(iso: "2026-03-14T23:30:00")))])
    for (zone, day, from) in [
      ("UTC", "14 Mar 2026", "2026-03-14 00:00:00"), ("Asia/Tokyo", "15 Mar 2026", "2026-03-14 15:00:00"),
      ("America/New_York", "14 Mar 2026", "2026-03-14 04:00:00"),
    ] {
      let query = try Self.query(world, WireRecord([("tz", .text(zone))]))
      let groups = try query.formattedReadGroup(
        GroupRequest(
          model: "sale.order", domain: [["id", "=", 1]], aggregates: ["__count"], keys: ["date_order:day"]))
      #expect(groups.first?["date_order:day"] == [.text(from), .text(day)])
    }
  }

  /// What a client may ask by mistake is answered, not suffered.
  @Test func badGroups() throws {
    let query = try Self.query(Self.world(.v19))
    for keys in [
      [":name"], [""], [":"], ["state:x"], ["date_order:x"], ["nope"], ["order_line.id"], ["state.x"],
    ] {
      #expect(
        (try? query.formattedReadGroup(
          GroupRequest(
            model: "sale.order", domain: [], aggregates: ["__count"], keys: keys))) == nil
          || keys == ["state:x"])
    }
    for order in [" ", ",", "state  ", "__count desc", " , state"] {
      var request = GroupRequest(model: "sale.order", domain: [], aggregates: ["__count"], keys: ["state"])
      request.order = order
      #expect(try query.formattedReadGroup(request).count == 4)
    }
    for aggregate in [":sum", "id:", "id:median", "nope:sum", "name"] {
      #expect(throws: OdooFault.self) {
        try query.formattedReadGroup(
          GroupRequest(model: "sale.order", domain: [], aggregates: [aggregate], keys: []))
      }
    }
  }

  @Test func ownParents() throws {
    let world = Self.world(.v16)
    world.update("res.partner", id: 50, ["parent_id": 51])
    world.update("res.partner", id: 51, ["parent_id": 50])
    let query = try Self.query(world)
    #expect(query.name(of: 50, in: "res.partner")?.contains("Customer 1") == true)
    #expect(try query.matches([["parent_id", "child_of", 50]], in: "res.partner") == [50, 51])
  }

  @Test func datesOfHTTP() throws {
    let moment = try #require(Instant(iso: "2026-11-20T23:28:14"))
    #expect(HTTPDate.text(moment) == "Fri, 20 Nov 2026 23:28:14 GMT")
  }
}
