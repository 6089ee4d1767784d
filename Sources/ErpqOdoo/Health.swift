import ErpqBase
import ErpqWarehouse

/// One thing that was looked at, and how it is.
public struct HealthCheck: Hashable, Sendable {
  /// What.
  public var check: String
  /// `ok`, `warning` or `bad`.
  public var status: String
  /// What was found.
  public var detail: String

  /// A check.
  public init(_ check: String, _ status: String, _ detail: String) {
    self.check = check
    self.status = status
    self.detail = detail
  }
}

/// How a connection and its company file are.
public enum Health {
  /// Looks at the server: reachability, sign-in, database, version, protocol, user, visible records, clock, latency.
  ///
  /// - Parameter now: this machine's clock.
  public static func checks(
    of profile: ConnectionProfile, _ options: OpeningOptions, now: () -> Instant
  ) -> [HealthCheck] {
    var checks: [HealthCheck] = []
    let connection: OdooConnection
    do {
      connection = try profile.open(options)
    } catch let error as OdooError {
      let isThere =
        !error.isAboutConnection || [.database, .credentials, .apiKey, .twoFactor].contains(error.kind)
      checks.append(
        HealthCheck("server", isThere ? "ok" : "bad", isThere ? profile.settings.url : error.description))
      if isThere { checks.append(HealthCheck("sign-in", "bad", error.description)) }
      return checks
    } catch {
      return [HealthCheck("server", "bad", "\(error)")]
    }
    checks.append(HealthCheck("server", "ok", "\(connection.address), Odoo \(connection.version)"))
    checks.append(
      HealthCheck(
        "sign-in", "ok",
        "\(connection.user.login) (\(connection.user.name)), database \(connection.database ?? "the only one")"
      ))
    checks.append(HealthCheck("transport", "ok", connection.transport.rawValue))
    checks.append(
      HealthCheck(
        "company", "ok", "\(connection.company.name), \(connection.company.currency), \(connection.timeZone)")
    )
    if let server = connection.serverTime {
      let skew = Double(now().microseconds - server.microseconds) / 1e6
      let isFar = abs(skew) > 60
      checks.append(
        HealthCheck(
          "clock", isFar ? "warning" : "ok",
          isFar
            ? "this machine is \(Int(abs(skew))) s \(skew > 0 ? "ahead of" : "behind") the server"
            : "agrees with the server's within a minute"))
    } else {
      checks.append(HealthCheck("clock", "warning", "the server does not tell its time"))
    }
    let calls = Swift.max(1, connection.traffic.calls)
    checks.append(
      HealthCheck("latency", "ok", "\(Int(connection.traffic.seconds / Double(calls) * 1000)) ms a request"))
    for (model, title) in [
      ("sale.order", "sale orders"), ("product.product", "products"), ("purchase.order", "purchase orders"),
      ("stock.move", "stock movements"), ("account.move", "journal entries"),
    ] { checks.append(visible(connection, model, title)) }
    return checks
  }

  /// A restricted user sees fewer records without any error, so the number matters.
  private static func visible(_ connection: OdooConnection, _ model: String, _ title: String) -> HealthCheck {
    do {
      let count = try connection.count(model)
      return HealthCheck(
        "sees \(title)", count == 0 ? "warning" : "ok",
        count == 0 ? "none: there are none, or this user may not see them" : "\(count)")
    } catch let error as OdooError {
      return error.kind == .unknownModel
        ? HealthCheck("sees \(title)", "ok", "the module is not installed")
        : HealthCheck("sees \(title)", "warning", error.message)
    } catch {
      return HealthCheck("sees \(title)", "warning", "\(error)")
    }
  }
}
