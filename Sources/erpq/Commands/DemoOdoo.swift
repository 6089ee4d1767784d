import ArgumentParser
import ErpqBase
import ErpqEngine
import ErpqOdooSimulator
import ErpqShell
import ErpqWarehouse
import Foundation

/// `erpq demo-odoo`.
struct DemoOdoo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo-odoo",
    abstract: "Start a simulated Odoo server on this machine, to try a connection with.",
    discussion: """
      erpq demo-odoo                           the demo company as Odoo 19
      erpq demo-odoo --version 16              as Odoo 16
      erpq -w company.db demo-odoo --port 8069

      It listens on 127.0.0.1 alone, keeps everything in memory, and ends with Ctrl-C.
      """)

  @OptionGroup var global: GlobalOptions

  @Option(help: ArgumentHelp("The port; 0 takes a free one.", valueName: "n"))
  var port = 8069

  @Option(
    name: [.customLong("version"), .customLong("odoo-version")],
    help: ArgumentHelp("The release of Odoo: 16 or 19.", valueName: "n"))
  var odooVersion = 19

  @Option(help: ArgumentHelp("Leave out orders and movements before this day.", valueName: "YYYY-MM-DD"))
  var since: String?

  func validate() throws {
    if OdooVersion(rawValue: odooVersion) == nil {
      throw ValidationError("--version is 16 or 19, not \(odooVersion)")
    }
    if !(0...65_535).contains(port) {
      throw ValidationError("--port is a number from 0 to 65535, not \(port)")
    }
    if let since, CivilDate(iso: since) == nil {
      throw ValidationError("--since is a day such as 2026-01-01, not \"\(since)\"")
    }
  }

  mutating func run() throws {
    let sink = global.sink()
    let version = OdooVersion(rawValue: odooVersion) ?? .v19
    do {
      let company = try global.sessionOptions().company
      let warehouse = try Company(company, readOnly: global.warehouse != nil).warehouse()
      let world = try OdooWorld.company(
        warehouse, version: version, since: since.flatMap { CivilDate(iso: $0) })
      let server = OdooSimulator(world: world)
      try server.start(port: port)
      Output.standard.write(introduction(server, version))
      while !Cancellation.process.isCancelled { usleep(100_000) }
      server.stop()
      sink.note("the server has ended after \(server.requestCount) requests")
    } catch let failure as OdooSimulator.StartFailure {
      sink.error(
        .init(.file, failure.description, notes: ["another port: erpq demo-odoo --port 0 takes a free one"]))
      throw ExitStatus(code: 4)
    } catch {
      sink.error(Company.diagnostic(error))
      throw ExitStatus(code: 4)
    }
  }

  private func introduction(_ server: OdooSimulator, _ version: OdooVersion) -> String {
    let truth = server.truth
    return """
      A simulated Odoo \(version.text) with \(truth.count("sale.order.line")) sale order lines of \
      \(truth.count("product.product")) products. Ctrl-C ends it.

        URL       \(server.url)
        database  \(server.world.databaseName)
        login     admin      password  admin
        API key   \(OdooUser.demoKey)

      A user who sees no orders: login limited, password limited.

      """
  }
}
