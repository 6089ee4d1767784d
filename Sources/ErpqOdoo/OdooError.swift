import ErpqBase

/// Something that went wrong between erpq and an Odoo server, in plain words. No secret ever stands in one.
public struct OdooError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What sort of trouble it is; for a failed sign-in it names what to look at.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    // The way to the server.
    /// The address is no http(s) address, or its host has no such name.
    case badAddress
    /// Nothing answers at the address.
    case unreachable
    /// The server's certificate is not trusted, or the encryption failed.
    case certificate
    /// No answer within the time allowed.
    case timedOut
    /// The connection broke before the answer was complete.
    case connectionLost
    /// The server sends the client to another address.
    case redirected
    /// The answer is larger than the cap.
    case tooLarge
    /// The server is busy or down: 429, 502, 503, 504.
    case unavailable
    /// What answers is not Odoo, or not one that can be spoken with.
    case notOdoo
    /// The answer cannot be read.
    case badAnswer
    // Signing in.
    /// There is no database of that name, or none was chosen.
    case database
    /// Login or password do not fit.
    case credentials
    /// The API key is refused: wrong, revoked, expired, or another login's.
    case apiKey
    /// The account has two-factor authentication, for which a password does not do.
    case twoFactor
    /// The session has ended.
    case sessionExpired
    // Calls.
    /// The user may not do that: access rights, record rules, companies, private methods.
    case accessDenied
    /// There is no such model: its module is not installed.
    case unknownModel
    /// There is no such method.
    case unknownMethod
    /// There is no such field.
    case unknownField
    /// The record does not exist.
    case missingRecord
    /// The server refused the request with a message for the user.
    case refused
    /// The arguments do not fit the method.
    case wrongArguments
    /// Any other failure inside the server.
    case server
    // This side.
    /// A method that erpq does not call, because it could change records.
    case forbiddenMethod
    /// A connection, profile or secret that is missing or cannot be read.
    case configuration
    /// A recording that does not hold the exchange asked for.
    case recording
    /// The company file cannot take this server's records.
    case company
  }

  /// What sort of trouble it is.
  public let kind: Kind
  /// What happened and where.
  public let message: String
  /// What to do about it; empty when there is nothing to say.
  public let advice: String
  /// What the server said beyond that (a traceback), for `--debug`; empty when it said nothing.
  public let details: String

  /// An error.
  public init(_ kind: Kind, _ message: String, advice: String = "", details: String = "") {
    self.kind = kind
    self.message = message
    self.advice = advice
    self.details = details
  }

  /// Message and advice.
  public var description: String { advice.isEmpty ? message : "\(message). \(advice)" }

  /// Whether the same request may well succeed a little later.
  var isPassing: Bool {
    switch kind {
    case .unavailable, .connectionLost, .timedOut: true
    default: false
    }
  }

  /// Whether it is about the connection or the sign-in rather than one call.
  public var isAboutConnection: Bool {
    switch kind {
    case .badAddress, .unreachable, .certificate, .timedOut, .connectionLost, .redirected, .unavailable,
      .notOdoo, .database, .credentials, .apiKey, .twoFactor, .sessionExpired, .configuration:
      true
    default: false
    }
  }
}
