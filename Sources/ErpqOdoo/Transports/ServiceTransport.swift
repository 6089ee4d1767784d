import ErpqBase

/// The services `common` and `object`, wrapped as JSON (`/jsonrpc`) or XML (`/xmlrpc/2`): every call carries database,
/// user and password or key. XML takes four times the bytes, and carries neither null nor whole numbers above 32 bits.
final class ServiceTransport: OdooTransport {
  let kind: TransportKind
  private let exchanger: any HTTPExchanger
  private let database: String
  private let uid: Int64
  private let secret: Secret

  /// - Parameter kind: `jsonrpc` or `xmlrpc`.
  init(
    _ kind: TransportKind, _ exchanger: any HTTPExchanger, database: String, uid: Int64, secret: Secret
  ) {
    self.kind = kind
    self.exchanger = exchanger
    self.database = database
    self.uid = uid
    self.secret = secret
  }

  func perform(_ call: OdooCall, into builder: RowBuilder?) throws -> OdooAnswer {
    let (response, value) = try ServiceTransport.post(
      kind, "object", "execute_kw",
      [
        .text(database), .int(uid), .text(secret.value), .text(call.model), .text(call.method), call.args,
        call.kwargs,
      ], to: exchanger, call: call.name, database: database, into: builder)
    return response.answer(value)
  }

  /// Calls a method of a service.
  static func post(
    _ kind: TransportKind, _ service: String, _ method: String, _ arguments: [OdooValue],
    to exchanger: any HTTPExchanger, call: String, database: String?, into builder: RowBuilder? = nil
  ) throws -> (response: HTTPResponse, value: OdooValue) {
    if kind == .xmlrpc {
      return try XMLRPC.post(
        "/xmlrpc/2/\(service)", method, arguments, to: exchanger, call: call, database: database,
        into: builder)
    }
    return try JSONRPC.post(
      "/jsonrpc",
      .members(["service": .text(service), "method": .text(method), "args": .list(arguments)]),
      to: exchanger, call: call, database: database, into: builder)
  }
}
