/// `/xmlrpc/2/SERVICE`, the older `/xmlrpc/SERVICE`, and `/jsonrpc`.
extension Router {
  func xmlrpc(_ request: HTTPRequest) -> RoutedRequest {
    let parts = request.path.split(separator: "/").map(String.init)
    let isNew = parts.count > 1 && parts[1] == "2"
    let service = (isNew ? parts[safe: 2] : parts[safe: 1]) ?? ""
    let parsed: Result<XMLRPCCall, XMLRPCCall.Malformed>
    do throws(XMLRPCCall.Malformed) { parsed = .success(try XMLRPCCall(request.body)) } catch {
      parsed = .failure(error)
    }
    var routed = RoutedRequest { [self] in
      do throws(OdooFault) {
        let call: XMLRPCCall
        switch parsed {
        case .success(let value): call = value
        case .failure(let error): throw OdooFault(.expat, error.message)
        }
        let result = try dispatch(service: service, method: call.method, call.arguments)
        do throws(XMLRPCText.Unsayable) {
          return xml(try XMLRPCText.response(result, version: version))
        } catch {
          switch error {
          case .none: throw OdooFault(.type, "cannot marshal None unless allow_none is enabled")
          case .bigInteger: throw OdooFault(.overflow, "int exceeds XML-RPC limits")
          }
        }
      } catch {
        return xml(isNew ? fault(error) : oldFault(error))
      }
    }
    routed.transport = .xmlrpc
    if case .success(let call) = parsed {
      describe(&routed, service: service, method: call.method, call.arguments)
    }
    return routed
  }

  private func xml(_ body: [UInt8]) -> HTTPResponse { HTTPResponse(200, "text/xml; charset=utf-8", body) }

  private func fault(_ fault: OdooFault) -> [UInt8] {
    let code = fault.kind.faultCode
    return XMLRPCText.fault(
      .int(code), code == 1 ? fault.traceback : fault.message, version: version)
  }

  /// The old path carries texts as codes.
  private func oldFault(_ fault: OdooFault) -> [UInt8] {
    switch fault.kind {
    case .denied: XMLRPCText.fault("AccessDenied", fault.message, version: version)
    case .user, .missing, .access:
      XMLRPCText.fault(
        .text("warning -- \(fault.kind.rawValue.split(separator: ".").last ?? "")\n\n\(fault.message)"), "",
        version: version)
    default: XMLRPCText.fault(.text(fault.message), fault.traceback, version: version)
    }
  }

  func jsonrpc(_ request: HTTPRequest) -> RoutedRequest {
    jsonCall(request, path: "/jsonrpc", transport: .jsonrpc) { [self] parameters, routed in
      let service = parameters["service"]?.text ?? ""
      let method = parameters["method"]?.text ?? ""
      let arguments = parameters["args"]?.list ?? []
      describe(&routed, service: service, method: method, arguments)
      return { _ throws(OdooFault) in
        Outcome(try dispatch(service: service, method: method, arguments))
      }
    }
  }

  /// What a JSON-RPC call came to.
  struct Outcome {
    var result: Wire
    var headers: [(name: String, value: String)] = []

    init(_ result: Wire, headers: [(name: String, value: String)] = []) {
      self.result = result
      self.headers = headers
    }
  }

  /// The frame of every JSON-RPC call: content type, envelope, result or error.
  ///
  /// - Parameter handle: looks at the parameters and gives back what runs the call.
  func jsonCall(
    _ request: HTTPRequest, path: String, transport: OdooTransport,
    _ handle: (WireRecord, inout RoutedRequest) -> (HTTPRequest) throws(OdooFault) -> Outcome
  ) -> RoutedRequest {
    func plain(_ response: HTTPResponse) -> RoutedRequest {
      var routed = RoutedRequest { response }
      routed.transport = transport
      return routed
    }
    let type = (request.header("content-type") ?? "").prefix { $0 != ";" }.lowercased()
    guard type == "application/json" || version == .v19 && type == "application/json-rpc" else {
      return plain(
        version == .v16
          ? .html(400, Pages.wrongType(version, path: path, kind: "json"))
          : .html(
            415, Pages.wrongType(version, path: path, kind: "jsonrpc"),
            headers: [("Accept", "application/json, application/json-rpc")]))
    }
    let envelope: Wire
    do throws(JSONText.Malformed) { envelope = try JSONText.parse(request.body) } catch {
      return plain(.html(400, "Invalid JSON data"))
    }
    guard let envelope = envelope.record else { return plain(.html(400, "Invalid JSON-RPC data")) }
    let id = envelope["id"] ?? .none
    var routed = RoutedRequest { .json(200, .none) }
    let run = handle(envelope["params"]?.record ?? WireRecord(), &routed)
    var answered = RoutedRequest { [self] in
      do throws(OdooFault) {
        let outcome = try run(request)
        var body = WireRecord([("jsonrpc", "2.0"), ("id", id)])
        // A method without a result leaves the member out.
        if outcome.result != .none { body["result"] = outcome.result }
        return .json(200, .record(body), headers: outcome.headers)
      } catch {
        if error.kind == .sessionExpired, error.message.isEmpty {
          return .html(404, Pages.notFound(version))
        }
        return .json(200, self.error(error, id: id))
      }
    }
    answered.transport = transport
    answered.database = routed.database
    answered.service = routed.service
    answered.user = routed.user
    answered.model = routed.model
    answered.method = routed.method
    answered.arguments = routed.arguments
    answered.keywords = routed.keywords
    return answered
  }

  private func error(_ fault: OdooFault, id: Wire) -> Wire {
    let isExpired = fault.kind == .sessionExpired
    let debug =
      version == .v19 && fault.kind == .denied ? fault.lastLine + "\n" : fault.traceback
    var data = WireRecord([("name", .text(fault.kind.rawValue))])
    if version == .v16 { data["debug"] = .text(debug) }
    data["message"] = .text(fault.message)
    data["arguments"] = [.text(fault.message)]
    data["context"] = .record(WireRecord())
    if version == .v19 { data["debug"] = .text(debug) }
    return [
      "jsonrpc": "2.0", "id": isExpired ? .none : id,
      "error": [
        "code": .int(isExpired ? 100 : version == .v16 ? 200 : 0),
        "message": isExpired ? "Odoo Session Expired" : "Odoo Server Error", "data": .record(data),
      ],
    ]
  }
}
