/// Reads bodies of answers that hold a list of records, apart from any connection: for measurements.
public enum AnswerReading {
  /// Records of a JSON-RPC answer (`{"jsonrpc": …, "result": […]}`) or of a JSON-2 answer (`[…]`).
  ///
  /// - Throws: `OdooError` when the body is neither.
  public static func json(_ body: ResponseBody, _ fields: [WireField]) throws -> WirePage {
    let builder = RowBuilder(fields)
    do {
      if body.buffer.first == 0x5B {
        defer { withExtendedLifetime(body) {} }
        var json = JSONBytes(body)
        try json.rows(into: builder, depth: 0)
        try json.finish()
      } else {
        _ = try JSONRPC.read(body, call: "the call", database: nil, into: builder)
      }
    } catch let failure as WireFailure {
      throw OdooError.unreadable(failure, "the call")
    }
    return builder.finish()
  }

  /// Records of an XML-RPC answer.
  ///
  /// - Throws: `OdooError` when the body is none.
  public static func xml(_ body: ResponseBody, _ fields: [WireField]) throws -> WirePage {
    let builder = RowBuilder(fields)
    do {
      _ = try XMLRPC.read(body, call: "the call", database: nil, into: builder)
    } catch let failure as WireFailure {
      throw OdooError.unreadable(failure, "the call")
    }
    return builder.finish()
  }
}
