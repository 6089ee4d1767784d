/// XML-RPC as Odoo speaks it.
enum XMLRPC {
  /// Calls a method at a path and reads the answer.
  static func post(
    _ path: String, _ method: String, _ parameters: [OdooValue], to exchanger: any HTTPExchanger,
    call: String, database: String?, into builder: RowBuilder? = nil
  ) throws -> (response: HTTPResponse, value: OdooValue) {
    try exchanger.post(
      HTTPRequest(
        "POST", path, headers: [HTTPHeader("Content-Type", "text/xml")],
        body: OdooValue.xmlCall(method, parameters)), type: "xml", call: call
    ) { try read($0, call: call, database: database, into: builder) }
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
