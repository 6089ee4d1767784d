import ErpqBase

/// A protocol of Odoo's external API.
public enum TransportKind: String, CaseIterable, Sendable {
  /// `/json/2/MODEL/METHOD` with an API key as bearer; Odoo 19 and later.
  case json2
  /// `/jsonrpc` with login and key or password; Odoo 14 to 21.
  case jsonrpc
  /// `/web/dataset/call_kw` with a cookie; needs a password, and no second factor.
  case session
  /// `/xmlrpc/2/object`; the oldest and slowest.
  case xmlrpc
}

/// A password or an API key. It never appears in a description.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  /// The secret itself, for the one line of the request that needs it.
  public let value: String

  /// A secret.
  public init(_ value: String) { self.value = value }

  /// Never the secret.
  public var description: String { "(secret)" }
  /// Never the secret.
  public var debugDescription: String { "(secret)" }

  /// Whether it looks like an API key: 40 hexadecimal digits.
  public var looksLikeKey: Bool { value.utf8.count == 40 && value.allSatisfy { $0.isHexDigit } }

  /// A text without the secret.
  func removed(from text: String) -> String {
    value.utf8.count < 4 ? text : text.replacing(value, with: "(secret)")
  }
}

/// A call of a model's method.
public struct OdooCall: Sendable {
  /// The model, such as `sale.order`.
  public var model: String
  /// The method, such as `search_read`.
  public var method: String
  /// The records it is called on; nil for a method of the model.
  public var ids: [Int64]?
  /// Arguments that the older protocols take by place, with the names that JSON-2 needs.
  public var positional: [OdooMember]
  /// Arguments by name, among them `context`.
  public var named: [OdooMember]

  /// A call.
  public init(
    _ model: String, _ method: String, ids: [Int64]? = nil, positional: [OdooMember] = [],
    named: [OdooMember] = []
  ) {
    self.model = model
    self.method = method
    self.ids = ids
    self.positional = positional
    self.named = named
  }

  /// `MODEL.METHOD`, for messages.
  var name: String { "\(model).\(method)" }

  /// The arguments by place: the ids first.
  var args: OdooValue {
    .list((ids.map { [.list($0.map { .int($0) })] } ?? []) + positional.map(\.value))
  }

  /// The arguments by name.
  var kwargs: OdooValue { .object(named) }

  /// All arguments by name, as JSON-2 wants them.
  var allNamed: OdooValue {
    .object((ids.map { [OdooMember("ids", .list($0.map { .int($0) }))] } ?? []) + positional + named)
  }
}

/// The answer to a call.
public struct OdooAnswer: Sendable {
  /// The result; `null` for a method that returns nothing, an empty list where records went into columns.
  public var value: OdooValue
  /// The server's clock when it answered.
  public var serverTime: Instant?
  /// Seconds that the exchange took.
  public var seconds: Double
  /// Bytes of the body.
  public var bytes: Int
}

/// One way to call methods of models on a server, signed in. Two threads may call at once.
protocol OdooTransport: AnyObject, Sendable {
  var kind: TransportKind { get }
  /// Calls a method. With a builder the result must be a list of records, which go into it.
  ///
  /// - Throws: `OdooError`, `Cancellation.Interrupted`.
  func perform(_ call: OdooCall, into builder: RowBuilder?) throws -> OdooAnswer
}

extension HTTPResponse {
  func answer(_ value: OdooValue) -> OdooAnswer {
    OdooAnswer(value: value, serverTime: serverTime, seconds: seconds, bytes: body.count)
  }
}
