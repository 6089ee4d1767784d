import ErpqBase
import Foundation

/// How a profile is opened beyond what it says itself.
public struct OpeningOptions {
  /// The environment, `.env` included.
  public var environment: [String: String]
  /// Takes the lines of a recording; nil records nothing.
  public var record: (@Sendable (String) throws -> Void)?
  /// The lines of a recording to answer from instead of the server.
  public var replay: [String]?
  /// Told before each wait for another attempt.
  public var onRetry: PatientExchanger.RetryListener?

  /// Options.
  public init(environment: [String: String]) { self.environment = environment }
}

extension ConnectionProfile {
  /// Signs in.
  ///
  /// - Parameter typed: the password or key, where it is not taken from where it is kept.
  /// - Throws: `OdooError`.
  public func open(_ options: OpeningOptions, typed: Credential? = nil) throws -> OdooConnection {
    let credential = try typed ?? credential(options.environment)
    let address = try ServerAddress.normalized(settings.url)
    let base: any HTTPExchanger
    if let lines = options.replay {
      base = try ReplayExchanger(lines: lines, address: address, secrets: [credential.secret.value])
    } else {
      var http = HTTPOptions()
      http.certificateFile = certificateFile
      var policy = RetryPolicy()
      policy.maximumRate = rate(address)
      base = PatientExchanger(
        try CurlClient(address: address, options: http), policy: policy, onRetry: options.onRetry)
    }
    let exchanger: any HTTPExchanger
    if let record = options.record {
      exchanger = RecordingExchanger(base, secrets: [credential.secret.value], write: record)
    } else {
      exchanger = base
    }
    return try OdooConnection.open(settings, credential: credential, over: exchanger)
  }

  /// Requests on their way at the same time: one where the server is to be spared.
  public var requestsInFlight: Int {
    (try? ServerAddress.normalized(settings.url)).flatMap(rate) == nil ? OdooConnection.mostInFlight : 1
  }

  /// Requests a second at most.
  private func rate(_ address: String) -> Double? {
    maximumRate ?? (ConnectionProfile.isShared(address) ? 2 : nil)
  }

  /// Odoo's own cloud, which many companies share, asks for few requests a second.
  static func isShared(_ address: String) -> Bool {
    let host = ServerAddress.host(of: address).prefix { $0 != ":" }
    return host.hasSuffix(".odoo.com")
  }
}
