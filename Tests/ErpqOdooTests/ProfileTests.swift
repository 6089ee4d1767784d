import Foundation
import Testing

@testable import ErpqOdoo

/// The settings file, and where secrets are kept.
@Suite struct ProfileTests {
  private func folder() throws -> String {
    let path = NSTemporaryDirectory() + "erpq-profile-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  private func profile(_ name: String, _ url: String = "https://x.example") -> ConnectionProfile {
    ConnectionProfile(
      name: name,
      settings: ConnectionSettings(
        url: url, database: "d\"b\\", login: "ada@example.com", transport: .jsonrpc, company: 3,
        timeZone: "Europe/Paris"),
      secret: .command("pass show \"odoo\""), isKey: true, warehouse: "/tmp/a b.db", maximumRate: 1.5)
  }

  @Test func whatIsWrittenIsRead() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/sub/config.toml"
    var file = try ConnectionFile(path: path)
    #expect(throws: OdooError.self) { try file.connection(nil) }
    try file.store(profile("main"))
    try file.store(profile("south coast", "https://y.example"))
    let again = try ConnectionFile(path: path)
    #expect(try again.connection(nil) == profile("main"))
    #expect(try again.connection("south coast").settings.url == "https://y.example")
    #expect(throws: OdooError.self) { try again.connection("mian") }
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func theRestOfTheFileStays() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/config.toml"
    let mine = """
      # mine
      default = "south"

      [connections.main]
      url = "https://old.example"
      password = "env:X"

      [connections.main.fields."sale.order.line"]
      qty = "x_pieces"   # pieces

      [connections.south]
      url = "https://south.example"
      password = "env:Y"
      """
    try mine.write(toFile: path, atomically: true, encoding: .utf8)
    var file = try ConnectionFile(path: path)
    var changed = profile("main")
    changed.fields = try file.connection("main").fields
    try file.store(changed)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("# mine") && text.contains("# pieces") && !text.contains("old.example"))
    let again = try ConnectionFile(path: path)
    #expect(try again.connection(nil).name == "south")
    #expect(try again.connection("main").fields == ["sale.order.line": ["qty": "x_pieces"]])
  }

  @Test func settingsThatAreWrong() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/config.toml"
    for text in [
      "[connections.main", "[connections.main]\nurl = 5\npassword = \"env:X\"",
      "[connections.main]\npassword = \"env:X\"",
      "[connections.main]\nurl = \"x\"", "[connections.main]\nurl = \"x\"\npassword = \"hunter2\"",
      "[connections.main]\nurl = \"x\"\npassword = \"env:X\"\ntransport = \"soap\"", "connections = 3",
      "\u{0}\u{1}",
      "a = " + String(repeating: "[", count: 5000),
    ] {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      do {
        _ = try ConnectionFile(path: path)
        Issue.record("\(text.prefix(40)) was read")
      } catch let error as OdooError {
        #expect(error.kind == .configuration && !error.description.contains("hunter2"), "\(error)")
      }
    }
  }

  @Test func secrets() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/secret"
    try PrivateFile.write("hunter2\nmore\n", to: path)
    #expect(try SecretReference("file:" + path).resolve([:]).value == "hunter2")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    #expect(throws: OdooError.self) { try SecretReference("file:" + path).resolve([:]) }
    #expect(try SecretReference("env:A").resolve(["A": "x"]).value == "x")
    #expect(throws: OdooError.self) { try SecretReference("env:A").resolve([:]) }
    #expect(try SecretReference("command:printf 'a b\\nc'").resolve([:]).value == "a b")
    #expect(throws: OdooError.self) { try SecretReference("command:exit 3").resolve([:]) }
    #expect(throws: OdooError.self) { try SecretReference("command:true").resolve([:]) }
    for text in ["hunter2", "vault:x", "env:", ""] {
      #expect(throws: OdooError.self) { try SecretReference(text) }
    }
    #expect("\(Secret("hunter2"))" == "(secret)" && String(reflecting: Secret("hunter2")) == "(secret)")
  }

  @Test func dotEnv() {
    let found = DotEnv.parse(
      """
      # a comment
      ODOO_URL=https://x.example # trailing
      export ODOO_DB = "my db"
      ODOO_PASSWORD='a#b $HOME'
      BROKEN
      =nothing
      ODOO_EMPTY=
      """)
    #expect(
      found == [
        "ODOO_URL": "https://x.example", "ODOO_DB": "my db", "ODOO_PASSWORD": "a#b $HOME", "ODOO_EMPTY": "",
      ])
  }
}
