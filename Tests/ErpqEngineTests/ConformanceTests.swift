import Foundation
import Testing

@testable import ErpqEngine

/// The documents' results, made by the commands.
@Suite struct ConformanceTests {
  static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appending(path: "ErpqAnalyticsTests/Fixtures").path

  /// The quick ones; scripts/test compares all of them with the release binary, which takes a tenth of the time.
  @Test func companyS() throws {
    let quick = ["stock_status", "top_products", "overview", "demand", "replenishment_default"]
    var files: [String] = []
    try Conformance.run(
      ConformanceTests.fixtures + "/S", only: quick, golden: ConformanceTests.fixtures + "/golden"
    ) { outcome in
      let c = try #require(outcome.comparison)
      #expect(c.count == 0, "\(outcome.file): \(c.differences.prefix(5))")
      // The shortest, the overview, has eight.
      #expect(c.compared >= 8, "\(outcome.file)")
      files.append(outcome.file)
    }
    #expect(quick.allSatisfy { name in files.contains { $0.hasPrefix(name) } }, "\(files)")
  }

  @Test func smallCases() throws {
    var run = 0
    try Conformance.edges(ConformanceTests.fixtures + "/golden/edge_cases.json") { outcome in
      guard let c = outcome.comparison else { return }
      run += 1
      #expect(c.count == 0, "\(outcome.operation) \(outcome.name): \(c.differences.prefix(5))")
    }
    #expect(run == 85)
  }

  @Test func whatIsWrittenCanBeReadBack() throws {
    try Conformance.run(ConformanceTests.fixtures + "/S", only: ["stock_status", "top_products"]) { outcome in
      let json = try JSONDecoder().decode(GoldenJSON.self, from: Data(outcome.text.utf8))
      #expect(json["as_of"].string == "2025-06-30")
      let again = GoldenComparison(golden: json, result: json, tolerance: 0)
      #expect(again.count == 0)
      // Without a list of products every product is listed.
      if outcome.file == "stock_status" { #expect(json["result"]["by_product"].elements.count == 38) }
    }
  }

  @Test func unknownFilesAreNamed() {
    func message(_ name: String) -> String {
      do { try Conformance.run("nowhere", only: [name]) { _ in } } catch { return "\(error)" }
      return ""
    }
    #expect(message("kpi_30").contains("no folder nowhere"))
    #expect(message("forcast") == "there is no golden file forcast; did you mean forecast?")
    #expect(message("series").contains("no folder nowhere"))
  }

  @Test func differencesAreTold() {
    let golden = GoldenJSON.fields([
      ("a", .number(100)), ("b", .list([.int(1), .int(2)])), ("c", .text("OK")), ("d", .null),
      ("e", .number(1)),
    ])
    let result = GoldenJSON.fields([
      ("a", .number(100.0000001)), ("b", .list([.int(1)])), ("c", .text("MONITOR")), ("d", .number(0)),
      ("f", .bool(true)),
    ])
    let strict = GoldenComparison(golden: golden, result: result, tolerance: 1e-9)
    #expect(
      strict.differences == [
        "result.b: expected a list of 2, got a list of 1", "result.c: expected \"OK\", got \"MONITOR\"",
        "result.d: expected null, got 0.0", "result.e: expected 1.0, got nothing",
      ])
    #expect(strict.worst > 0.9e-9 && strict.worst < 1.1e-9)
    #expect(GoldenComparison(golden: .number(.nan), result: .number(1), tolerance: 1).count == 1)
  }

  @Test func numbersAreWrittenInFull() {
    let json = GoldenJSON.fields([
      ("x", .number(0.1)), ("y", .number(1e-7)), ("s", .text("Écran 24\" \\\n\u{1}")), ("l", .list([])),
      ("o", .object([])),
      ("i", .number(.infinity)),
    ])
    #expect(
      json.text == """
        {
         "x": 0.1,
         "y": 1e-07,
         "s": "Écran 24\\" \\\\\\n\\u0001",
         "l": [],
         "o": {},
         "i": null
        }

        """)
  }
}
