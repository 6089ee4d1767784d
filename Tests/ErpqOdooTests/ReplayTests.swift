import ErpqBase
import ErpqTables
import Testing

@testable import ErpqOdoo

/// Every exchange recorded from a real Odoo 16 and 19 goes through the code that reads such answers.
@Suite struct ReplayTests {
  /// Sends an exchange's answer through the reader of its route.
  private func replay(_ exchange: Exchange, into builder: RowBuilder? = nil) throws -> OdooValue {
    let server = ScriptedExchanger([exchange.response])
    let path = exchange.request.path
    if path.hasPrefix("/xmlrpc") {
      return try XMLRPC.post(
        path, "m", [], to: server, call: "model.method", database: "nodb", into: builder
      ).value
    }
    if path.hasPrefix("/json/2/") {
      return try JSON2Transport(server, database: "nodb", key: Secret("k")).perform(
        OdooCall("model", "method"), into: builder
      ).value
    }
    return try JSONRPC.post(
      path, .null, to: server, call: "model.method", database: "nodb", into: builder
    ).value
  }

  /// What each failed exchange is told to be. Names without a version hold for both.
  private let failures: [String: OdooError.Kind] = [
    "common_authenticate_baddb": .database, "fault_baddb_object": .database, "jsonrpc_auth_baddb": .database,
    "web_authenticate_baddb": .database, "19 json2_nodb": .database, "19 json2_baddb": .database,
    "19 singledb_json2_baddb": .database, "16 json2_search_read": .database,
    "fault_badpw_object": .credentials, "jsonrpc_fault_badpw": .credentials,
    "web_authenticate_apikey": .credentials,
    "web_authenticate_badpw": .credentials, "v1_fault_access": .credentials,
    "19 json2_badkey": .apiKey, "19 json2_nokey": .apiKey, "19 json2_password_as_key": .apiKey,
    "singledb_call_kw_badcookie": .sessionExpired, "singledb_call_kw_expired": .sessionExpired,
    "singledb_call_kw_nocookie": .sessionExpired,
    "company_bad": .accessDenied, "fault_access_model": .accessDenied, "fault_access_portal": .accessDenied,
    "fault_private_method": .accessDenied, "jsonrpc_fault_access": .accessDenied,
    "rule_read_foreign": .accessDenied,
    "16 so_cancel": .accessDenied, "19 search_fetch": .accessDenied, "19 so_exists": .accessDenied,
    "19 json2_fault_access_acl": .accessDenied, "19 json2_fault_access_settings": .accessDenied,
    "19 json2_fault_private": .accessDenied,
    "fault_unknown_model": .unknownModel, "jsonrpc_fault_unknown_model": .unknownModel,
    "19 json2_fault_model": .unknownModel, "19 fields_get_stock_valuation_layer": .unknownModel,
    "fault_unknown_method": .unknownMethod, "16 formatted_read_group": .unknownMethod,
    "16 formatted_read_group_dotted": .unknownMethod, "16 has_access": .unknownMethod,
    "16 search_fetch": .unknownMethod, "19 json2_fault_method": .unknownMethod,
    "dotted_field_in_fields": .unknownField, "fault_unknown_field": .unknownField,
    "fault_unknown_field_domain": .unknownField, "fault_unknown_order": .unknownField,
    "jsonrpc_fault_unknown_field": .unknownField, "web_call_kw_fault": .unknownField,
    "16 read_group_dotted": .unknownField, "16 rg_related": .unknownField,
    "19 json2_fault_field": .unknownField,
    "19 order_by_dotted": .unknownField,
    "fault_baduid_object": .missingRecord, "19 json2_fault_missing_write": .missingRecord,
    "16 order_by_dotted": .refused, "16 rg_nonstored": .refused, "19 ctx_lang": .refused,
    "19 json2_fault_usererror": .refused,
    "fault_wrong_args": .wrongArguments, "19 fault_bad_domain": .wrongArguments,
    "19 json2_fault_args": .wrongArguments, "19 json2_fault_ids": .wrongArguments,
    "16 web_dataset_search_read": .wrongArguments,
    "fault_bad_date": .server, "16 fault_bad_domain": .server, "fault_empty_body": .server,
    "fault_malformed_xml": .server, "fault_none_result": .server, "fault_unknown_service": .server,
    "fault_unknown_service_method": .server, "fault_write_bigint": .server, "value_bigint_xml": .server,
    "19 domain_iso_Z": .server, "19 order_qty_available": .server, "19 read_group_dotted": .server,
    "19 rg_nonstored": .server, "19 rg_related": .server, "19 json2_badjson": .server,
    "19 json2_get": .server,
    // Pages for people: what answers is no API.
    "16 get_json_version": .notOdoo, "16 get_web_version": .notOdoo, "singledb_unknown_path": .notOdoo,
    "web_call_kw_badcookie": .notOdoo, "web_call_kw_expired": .notOdoo, "web_call_kw_nocookie": .notOdoo,
    "19 web_dataset_search_read": .notOdoo, "19 json2_404": .redirected,
    "jsonrpc_bad_json": .badAnswer, "jsonrpc_batch": .badAnswer, "jsonrpc_wrong_ct": .badAnswer,
    "19 json2_wrong_ct": .badAnswer,
  ]

  @Test func everyExchangeIsRead() throws {
    #expect(Exchanges.all.count == 422)
    for exchange in Exchanges.all {
      let expected = failures["\(exchange.version) \(exchange.name)"] ?? failures[exchange.name]
      do {
        let value = try replay(exchange)
        #expect(expected == nil, "\(exchange.version) \(exchange.name): no failure, but \(value)")
      } catch let error as OdooError {
        #expect(expected == error.kind, "\(exchange.version) \(exchange.name): \(error.kind) \(error)")
        #expect(!error.description.contains("Traceback"))
        #expect(error.message.utf8.count < 600)
      }
    }
  }

  /// Records read straight into columns agree with the same records read as values, in every protocol.
  @Test func recordsAndValuesAgree() throws {
    var compared = 0
    for exchange in Exchanges.all {
      guard let value = try? replay(exchange), let items = value.items, let first = items.first?.members,
        first.contains(where: { $0.name == "id" }), items.allSatisfy({ $0.members != nil })
      else { continue }
      // The widest kind that all values of a field fit.
      let fields = first.compactMap { member -> WireField? in
        let values = items.map { $0[member.name] ?? .null }
        let some = values.filter { $0 != .bool(false) && $0 != .null }
        if some.isEmpty { return WireField(member.name, .bool) }
        if some.allSatisfy({ $0.int != nil }) { return WireField(member.name, .id) }
        if some.allSatisfy({ $0.number != nil }) { return WireField(member.name, .number) }
        if some.allSatisfy({ $0.text != nil }) { return WireField(member.name, .text) }
        if some.allSatisfy({ $0 == .bool(true) }) { return WireField(member.name, .bool) }
        if some.allSatisfy({ $0.items?.first?.int != nil && $0.items?.last?.text != nil }) {
          return WireField(member.name, .id)
        }
        if some.allSatisfy({ $0.items?.allSatisfy { $0.int != nil } ?? false }) {
          return WireField(member.name, .ids)
        }
        return nil
      }
      let builder = RowBuilder(fields)
      _ = try replay(exchange, into: builder)
      let table = builder.finish().table
      #expect(table.rowCount == items.count)
      for (f, field) in fields.enumerated() {
        for (row, item) in items.enumerated() {
          let cell = table.columns[f][row]
          let value = item[field.name] ?? .null
          let wanted: Value =
            switch (field.kind, value) {
            case (.bool, .bool(let b)): .bool(b)
            case (_, .bool), (_, .null): .null
            case (.id, _): value.id.map { .int($0) } ?? .null
            case (.number, _): value.number.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
            case (.text, _): value.text.map { .text($0) } ?? .null
            case (.ids, _): .list((value.items ?? []).compactMap { $0.int.map { .int($0) } })
            default: .null
            }
          #expect(cell == wanted, "\(exchange.version) \(exchange.name) \(field.name) row \(row)")
          compared += 1
        }
      }
    }
    #expect(compared > 2500)
  }

  @Test func requestsAreWrittenAsRecorded() throws {
    let call = OdooCall(
      "sale.order.line", "search_read", positional: [OdooMember("domain", [])],
      named: [
        OdooMember("fields", ["product_id", "product_uom_qty", "create_date", "name", "display_type"]),
        OdooMember("limit", 2),
      ])
    let jsonrpc = try Exchanges.named("19", "jsonrpc_search_read")
    let server = ScriptedExchanger([jsonrpc.response])
    _ = try ServiceTransport(.jsonrpc, server, database: "demo19", uid: 2, secret: Secret("admin")).perform(
      call, into: nil)
    #expect(server.asked[0].body == jsonrpc.request.body)
    #expect(server.asked[0].path == jsonrpc.request.path)

    let version = try Exchanges.named("16", "common_version")
    #expect(OdooValue.xmlCall("version", []) == version.request.body)
    let bad = try Exchanges.named("16", "common_authenticate_baddb")
    #expect(
      OdooValue.xmlCall("authenticate", ["nodb", "admin", "admin", .object([])]) == bad.request.body)

    let json2 = try Exchanges.named("19", "json2_search_read")
    let server2 = ScriptedExchanger([json2.response])
    var named = call
    named.named = [
      OdooMember(
        "fields", ["product_id", "order_id", "product_uom_qty", "create_date", "name", "display_type"]),
      OdooMember("limit", 2),
    ]
    _ = try JSON2Transport(server2, database: "demo19", key: Secret(String(repeating: "a", count: 40)))
      .perform(named, into: nil)
    #expect(server2.asked[0].body == json2.request.body)
    #expect(server2.asked[0].headers.map(\.value).contains("demo19"))
  }

  @Test func versionsAreProbed() throws {
    let both = try ["16", "19"].map { version in
      let server = ScriptedExchanger { request in
        switch request.path {
        case "/web/version": try Exchanges.named(version, "get_web_version").response
        case "/web/webclient/version_info": try Exchanges.named(version, "web_version_info").response
        default: try Exchanges.named(version, "common_version").response
        }
      }
      return try ServerProbe.version(server).version
    }
    #expect(both.map(\.text) == ["16.0", "19.0"])
    #expect(both[0] < both[1])
  }
}
