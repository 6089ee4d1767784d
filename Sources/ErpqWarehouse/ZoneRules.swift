import ErpqBase
import Foundation

/// A company's time zone: turns moments into civil days and civil local times into moments.
///
/// The changes of the clock are looked up once, so that millions of conversions are two comparisons each.
/// The rules are those of the IANA database as Foundation carries it; outside 1970…2100 the nearest rule
/// holds.
public struct ZoneRules: Sendable {
  /// The zone's IANA name, such as `Europe/Paris`.
  public let name: String
  /// Seconds since 1970 UTC at which an offset begins; the first is far in the past.
  private let starts: [Int64]
  /// Seconds that local time is ahead of UTC, one for each start.
  private let offsets: [Int64]

  /// Universal time.
  public static let utc = ZoneRules(name: "UTC", starts: [.min / 4], offsets: [0])

  private init(name: String, starts: [Int64], offsets: [Int64]) {
    self.name = name
    self.starts = starts
    self.offsets = offsets
  }

  /// The rules of an IANA zone; an unknown name is an error that lists near ones.
  public init(named name: String) throws {
    if name == "UTC" || name == "Etc/UTC" {
      self = ZoneRules(name: name, starts: [.min / 4], offsets: [0])
      return
    }
    // Abbreviations such as "CET" are accepted by Foundation too, but mean different things in different
    // places.
    let known = TimeZone.knownTimeZoneIdentifiers
    guard known.contains(name) || name.contains("/"), let zone = TimeZone(identifier: name) else {
      let near = nearest(to: name, among: known + ["UTC"])
      throw WarehouseError(
        .badData, "There is no time zone \"\(name)\".",
        advice: near.isEmpty
          ? "Use an IANA name such as Europe/Paris or UTC."
          : "Did you mean \(near.joined(separator: ", "))?")
    }
    var starts: [Int64] = [.min / 4]
    var moment = Date(timeIntervalSince1970: 0)
    var offsets = [Int64(zone.secondsFromGMT(for: moment))]
    let end = Date(timeIntervalSince1970: 4_102_444_800)
    while let next = zone.nextDaylightSavingTimeTransition(after: moment), next > moment, next < end {
      starts.append(Int64(next.timeIntervalSince1970))
      offsets.append(Int64(zone.secondsFromGMT(for: next.addingTimeInterval(1))))
      moment = next
    }
    self.init(name: name, starts: starts, offsets: offsets)
  }

  /// Seconds that local time is ahead of UTC at a moment (seconds since 1970 UTC).
  public func offset(atUTC seconds: Int64) -> Int64 {
    var low = 0
    var high = starts.count
    while low + 1 < high {
      let middle = (low + high) / 2
      if starts[middle] <= seconds { low = middle } else { high = middle }
    }
    return offsets[low]
  }

  /// The civil day of a moment.
  public func day(of instant: Instant) -> CivilDate {
    let seconds = ZoneRules.floorDivide(instant.microseconds, 1_000_000)
    return CivilDate(
      day: Int32(clamping: ZoneRules.floorDivide(seconds + offset(atUTC: seconds), 86_400)))
  }

  /// The moment of a civil local time, given as microseconds since 1970-01-01T00:00 local.
  ///
  /// An hour that occurs twice is read as its first occurrence; one that is skipped, as if the clock had
  /// not been put forward yet.
  public func instant(fromLocal microseconds: Int64) -> Instant {
    let local = ZoneRules.floorDivide(microseconds, 1_000_000)
    let before = offset(atUTC: local - 86_400)
    let first = local - before
    let offset =
      offset(atUTC: first) == before ? before : self.offset(atUTC: local - self.offset(atUTC: first))
    return Instant(microseconds: microseconds - offset * 1_000_000)
  }

  @inline(__always)
  static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    let q = a / b
    return a % b < 0 ? q - 1 : q
  }
}
