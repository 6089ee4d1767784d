/// Days on which a product was on offer, told from the discounts on its sales.
///
/// A campaign lasts from a first to a last day of discounted sales between which nothing was sold at the full price and
/// no week passed without a sale. All its days count, those without a sale too: were only the days with sales taken,
/// every offer would look like a success. A rule of our own.
public enum DiscountCampaigns {
  /// One sale: its day, the quantity, and the share taken off the price.
  public struct Sale: Hashable, Sendable {
    /// Days since 1970-01-01.
    public var day: Int32
    /// Quantity; what was returned (negative) tells nothing.
    public var quantity: Double
    /// 0…1.
    public var discount: Double

    /// A sale.
    public init(day: Int32, quantity: Double, discount: Double) {
      self.day = day
      self.quantity = quantity
      self.discount = discount
    }
  }

  /// A discount from which on a sale counts as one of an offer; less is given for a nice face.
  static let least = 0.05
  /// Days from one discounted sale to the next within a campaign, at most.
  static let longestGap: Int32 = 7
  /// Discounted sales that make a campaign, at least; fewer are a bargain between two people.
  static let fewest = 3

  /// The days of all campaigns, ascending; none where most days with sales have discounts, which are then a habit.
  public static func days(_ sales: [Sale]) -> [Int32] {
    var runs: [(first: Int32, last: Int32, count: Int)] = []
    var isOpen = false
    var (discounted, all) = (0, 0)
    for day in byDay(sales) {
      all += 1
      guard day.offered * 2 >= day.quantity else {
        isOpen = false
        continue
      }
      discounted += 1
      if isOpen, let last = runs.last, day.day - last.last <= longestGap {
        runs[runs.count - 1] = (last.first, day.day, last.count + day.count)
      } else {
        runs.append((day.day, day.day, day.count))
        isOpen = true
      }
    }
    guard discounted * 2 <= all else { return [] }
    return runs.filter { $0.count >= fewest }.flatMap { Array($0.first...$0.last) }
  }

  private typealias Day = (day: Int32, quantity: Double, offered: Double, count: Int)

  /// The days with sales, ascending: quantity, that of discounted sales, their number.
  private static func byDay(_ sales: [Sale]) -> [Day] {
    var days: [Day] = []
    for sale in sales.sorted(by: { $0.day < $1.day }) where sale.quantity > 0 {
      if days.last?.day != sale.day { days.append((sale.day, 0, 0, 0)) }
      days[days.count - 1].quantity += sale.quantity
      guard sale.discount >= least else { continue }
      days[days.count - 1].offered += sale.quantity
      days[days.count - 1].count += 1
    }
    return days
  }
}
