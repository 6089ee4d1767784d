import ErpqBase

/// `/xmlrpc/2`: complete, but four times the bytes, and unable to carry null or whole numbers above 32 bits.
final class XMLRPCTransport: OdooTransport {
  let kind = TransportKind.xmlrpc
  private let exchanger: any HTTPExchanger
  private let database: String
  private let uid: Int64
  private let secret: Secret

  init(_ exchanger: any HTTPExchanger, database: String, uid: Int64, secret: Secret) {
    self.exchanger = exchanger
    self.database = database
    self.uid = uid
    self.secret = secret
  }

  func perform(_ call: OdooCall, into builder: RowBuilder?) throws -> OdooAnswer {
    let (response, value) = try XMLRPCTransport.post(
      "/xmlrpc/2/object", "execute_kw",
      [
        .text(database), .int(uid), .text(secret.value), .text(call.model), .text(call.method), call.args,
        call.kwargs,
      ], to: exchanger, call: call.name, database: database, into: builder)
    return response.answer(value)
  }

  /// Calls a method of a service.
  static func post(
    _ path: String, _ method: String, _ parameters: [OdooValue], to exchanger: any HTTPExchanger,
    call: String,
    database: String?, into builder: RowBuilder? = nil
  ) throws -> (response: HTTPResponse, value: OdooValue) {
    let response = try exchanger.exchange(
      HTTPRequest(
        "POST", path, headers: [HTTPHeader("Content-Type", "text/xml")],
        body: OdooValue.xmlCall(method, parameters)))
    guard response.status == 200, response.isType("xml") else {
      throw OdooError.strange(response, address: exchanger.address, path: path)
    }
    do {
      return (response, try read(response.body, call: call, database: database, into: builder))
    } catch let failure as WireFailure {
      throw OdooError.unreadable(failure, call.isEmpty ? path : call)
    }
  }

  /// Reads an answer.
  static func read(
    _ body: ResponseBody, call: String, database: String?, into builder: RowBuilder? = nil
  ) throws -> OdooValue {
    switch try XMLAnswerReader.read(body, into: builder) {
    case .fault(let code, let text): throw Fault(xmlCode: code, text: text).error(call, database: database)
    case .result(let value):
      if builder != nil, value.items == nil {
        throw WireFailure(offset: 0, message: "the result is no list of records")
      }
      return value
    }
  }
}
