import ErpqBase
import Foundation
import Testing

@testable import ErpqOdooSimulator

/// Every recorded exchange is sent to the simulator, which has to answer as the recorded server did.
@Suite("Contract with recorded servers", .serialized)
struct ContractTests {
  /// Exchanges that are not compared, or only in part, with the reason; see `Fixtures/exceptions.txt`.
  struct Exceptions {
    var skipped: [String: String] = [:]
    var partial: [String: (keys: [String], reason: String)] = [:]

    init() throws {
      let text = String(decoding: try RecordedWorld.fixture("exceptions.txt"), as: UTF8.self)
      for line in text.split(separator: "\n") where !line.hasPrefix("#") {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count == 3 else { continue }
        for version in words[0].split(separator: ",") {
          for name in words[1].split(separator: ",") {
            let key = "\(version)/\(name)"
            if words[2].hasPrefix("only ") {
              let parts = words[2].dropFirst(5).split(separator: ":", maxSplits: 1).map(String.init)
              partial[key] = (
                parts[0].split(separator: " ").map(String.init), parts.count > 1 ? parts[1] : ""
              )
            } else {
              skipped[key] = words[2]
            }
          }
        }
      }
    }
  }

  @Test(arguments: OdooVersion.allCases)
  func recorded(_ version: OdooVersion) throws {
    let (database, name) = try RecordedWorld.database(version)
    let other = version == .v16 ? "demo19" : "demo16"
    let exceptions = try Exceptions()
    var replayed = 0
    var parts = 0
    var skipped = 0
    var unknown = Set(
      (Array(exceptions.skipped.keys) + exceptions.partial.keys).filter {
        $0.hasPrefix("\(version.rawValue)/")
      })
    for exchange in try Exchange.all(version) {
      let key = "\(version.rawValue)/\(exchange.name)"
      unknown.remove(key)
      if exceptions.skipped[key] != nil {
        skipped += 1
        continue
      }
      // Every exchange meets the same records, whatever the one before has changed.
      let clock = OdooClock(standingAt: try #require(Instant(iso: "2026-11-20T23:30:00")))
      let isSingle = exchange.name.hasPrefix("singledb_")
      let server = OdooSimulator(
        world: OdooWorld(database: database, name: name, clock: clock),
        otherDatabases: isSingle ? [] : [other])
      let port = try server.start()
      defer { server.stop() }
      let problem = self.problem(exchange, server, port, only: exceptions.partial[key]?.keys)
      #expect(problem == nil, "\(key): \(problem ?? "")")
      if exceptions.partial[key] == nil { replayed += 1 } else { parts += 1 }
    }
    #expect(unknown.isEmpty, "exceptions without an exchange: \(unknown.sorted())")
    #expect(
      replayed >= (version == .v16 ? 170 : 200), "replayed \(replayed), in part \(parts), not \(skipped)")
    print("recorded exchanges of \(version.text): \(replayed) replayed, \(parts) in part, \(skipped) not")
  }

  private func problem(_ exchange: Exchange, _ server: OdooSimulator, _ port: Int, only: [String]?) -> String?
  {
    var head: [String] = []
    for line in exchange.requestHead where !line.lowercased().hasPrefix("content-length:") {
      let isGone = ["badcookie", "expired"].contains { exchange.name.hasSuffix($0) }
      if line.lowercased().hasPrefix("cookie:"), !isGone, let id = server.openSession(login: "admin") {
        head.append("Cookie: session_id=\(id)")
      } else {
        head.append(line)
      }
    }
    guard let answer = RawClient(port: port).request(head, body: exchange.request) else { return "no answer" }
    if answer.status != exchange.status {
      return "status \(answer.status), not \(exchange.status): \(answer.text.prefix(400))"
    }
    if answer.head[0] != exchange.responseHead[0] { return "\(answer.head[0]) ≠ \(exchange.responseHead[0])" }
    for name in ["content-type", "www-authenticate", "location", "accept", "server"]
    where answer.header(name) != exchange.header(name) {
      return "\(name): \(answer.header(name) ?? "none") ≠ \(exchange.header(name) ?? "none")"
    }
    let type = exchange.header("content-type") ?? ""
    do {
      var ours = try Comparison.body(answer.body, type: type)
      var theirs = try Comparison.body(exchange.response, type: type)
      if let only {
        for key in only where !key.isEmpty && key != "head" {
          if let found = Comparison.difference(
            ours["result"]?[key] ?? .none, theirs["result"]?[key] ?? .none, path: key)
          {
            return found
          }
        }
        return nil
      }
      if type.contains("html") {
        ours = .text((ours.text ?? "").trimmingCharacters(in: .whitespacesAndNewlines))
        theirs = .text((theirs.text ?? "").trimmingCharacters(in: .whitespacesAndNewlines))
      }
      return Comparison.difference(ours, theirs)
    } catch { return "not readable: \(error) \(answer.text.prefix(300))" }
  }

  /// What the simulator says of itself agrees with what the recorded servers say of the same fields.
  @Test(arguments: OdooVersion.allCases)
  func declarations(_ version: OdooVersion) throws {
    let own = Declarations.models(version)
    var compared = 0
    for (model, fields) in try RecordedWorld.recordedFields(version) {
      let declared = try #require(own[model], "\(model)")
      let recorded = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })
      for field in declared.fields {
        guard let theirs = recorded[field.name] else {
          Issue.record("\(version.text) has no \(model).\(field.name)")
          continue
        }
        for name in [
          "type", "relation", "related", "store", "required", "searchable", "sortable", "selection",
        ] {
          if ["display_name", "id", "create_uid", "create_date", "write_uid", "write_date"].contains(
            field.name),
            name != "type"
          {
            continue
          }
          #expect(
            field.attribute(name, version: version) == theirs.attribute(name, version: version),
            "\(version.text) \(model).\(field.name) \(name)")
          compared += 1
        }
      }
    }
    #expect(compared > 1000)
  }
}
