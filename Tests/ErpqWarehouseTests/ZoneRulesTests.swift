import ErpqBase
import Testing

@testable import ErpqWarehouse

@Suite struct ZoneRulesTests {
  private func instant(_ text: String) throws -> Instant { try #require(Instant(iso: text)) }

  @Test func daysChangeAtLocalMidnight() throws {
    let paris = try ZoneRules(named: "Europe/Paris")
    #expect(paris.day(of: try instant("2026-01-05 22:59:59")).description == "2026-01-05")
    #expect(paris.day(of: try instant("2026-01-05 23:00:00")).description == "2026-01-06")
    #expect(paris.day(of: try instant("2026-07-05 21:59:59")).description == "2026-07-05")
    #expect(paris.day(of: try instant("2026-07-05 22:00:00")).description == "2026-07-06")
    let kiritimati = try ZoneRules(named: "Pacific/Kiritimati")
    #expect(kiritimati.day(of: try instant("2026-01-05 10:00:00")).description == "2026-01-06")
    let newYork = try ZoneRules(named: "America/New_York")
    #expect(newYork.day(of: try instant("1965-03-01 03:00:00")).description == "1965-02-28")
  }

  @Test func localTimesBecomeMoments() throws {
    let paris = try ZoneRules(named: "Europe/Paris")
    func utc(_ local: String) throws -> String {
      paris.instant(fromLocal: try instant(local).microseconds).description
    }
    #expect(try utc("2026-01-05 12:00:00") == "2026-01-05 11:00:00")
    #expect(try utc("2026-07-05 12:00:00") == "2026-07-05 10:00:00")
    // 29 March 2026: 02:00 becomes 03:00. 25 October: 03:00 becomes 02:00.
    #expect(try utc("2026-03-29 01:59:00") == "2026-03-29 00:59:00")
    #expect(try utc("2026-03-29 03:00:00") == "2026-03-29 01:00:00")
    #expect(try utc("2026-10-25 01:30:00") == "2026-10-24 23:30:00")
    #expect(try utc("2026-10-25 02:30:00") == "2026-10-25 00:30:00")
    #expect(try utc("2026-10-25 03:30:00") == "2026-10-25 02:30:00")
  }

  @Test func everyMomentOfTwoYearsComesBack() throws {
    for name in ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"] {
      let zone = try ZoneRules(named: name)
      var misses = 0
      for hour in 0..<17_544 {
        let seconds = Int64(1_735_689_600 + hour * 3600)
        let local = (seconds + zone.offset(atUTC: seconds)) * 1_000_000
        if zone.instant(fromLocal: local).microseconds != seconds * 1_000_000 { misses += 1 }
      }
      // Only the second occurrence of a repeated hour is read as the first, at most twice a year.
      #expect(misses <= 4, "\(name): \(misses)")
    }
  }

  @Test func unknownZonesAreErrors() {
    #expect(throws: WarehouseError.self) { _ = try ZoneRules(named: "Mars/Olympus") }
    #expect(throws: WarehouseError.self) { _ = try ZoneRules(named: "CEST+2") }
    #expect(throws: WarehouseError.self) { _ = try ZoneRules(named: "") }
  }
}
