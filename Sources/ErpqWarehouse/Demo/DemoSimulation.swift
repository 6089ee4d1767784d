import ErpqBase

/// Three years of the demo company, day by day: customers order, stock leaves and runs out, a purchaser
/// reorders, suppliers deliver late. Every draw comes from the seed, and only from additions and
/// multiplications after it, so that the same seed gives the same company on every machine.
struct DemoSimulation {
  struct Line {
    var order: Int32
    var product: Int32
    var qty: Double
    var delivered: Double
    var price: Double
    var discount: Double
  }

  struct Order {
    var day: Int32
    var minute: Int32
    var customer: Int32
    var rate: Double
    var promised: Int32
    /// Nil while it has not left.
    var delivered: Int32?
  }

  struct Purchase {
    var number: Int32
    var product: Int32
    var day: Int32
    var planned: Int32
    /// The day it comes, known to the simulation alone while it lies after the end.
    var arrives: Int32
    var qty: Double
    var received: Double
  }

  struct Move {
    var product: Int32
    var day: Int32
    var qty: Double
    var kind: Kind
    var isDone: Bool
    /// An order's place, a purchase's number, or -1.
    var document: Int32

    enum Kind: Int { case incoming, incomingReturn, outgoing, inventoryIn }
  }

  /// The first and the last day.
  let first: CivilDate
  let last: CivilDate
  let days: Int
  var random: SeededRandom
  var products: [DemoCatalog.Product]
  var lines: [Line] = []
  var orders: [Order] = []
  var purchases: [Purchase] = []
  var moves: [Move] = []
  var onHand: [Double]
  /// Dollars for a euro, one rate a month, with the day it begins.
  var rates: [(day: Int, rate: Double)] = []

  private var onOrder: [Double]
  private var reserved: [Double]
  private var discounts: [[UInt8]]
  private var season: [[Double]]
  private var arrivals: [[Int]]
  private var returns: [[Line]]
  private var nextPurchase: Int32 = 1
  private var rateOfDay: [Double]

  init(seed: UInt64, first: CivilDate, last: CivilDate) {
    self.first = first
    self.last = last
    days = Int(last.day - first.day) + 1
    random = SeededRandom(seed: seed)
    products = DemoCatalog.products(days: days, random: &random)
    onHand = [Double](repeating: 0, count: products.count)
    onOrder = onHand
    reserved = onHand
    discounts = [[UInt8]](repeating: [], count: products.count)
    season = []
    arrivals = [[Int]](repeating: [], count: days + 400)
    returns = [[Line]](repeating: [], count: days + 60)
    rateOfDay = [Double](repeating: 1.08, count: days)
    prepareSeasons()
    prepareRates()
    preparePromotions()
    prepareStock()
  }

  /// Runs all days.
  mutating func run() throws {
    let cancel = Cancellation.current
    for day in 0..<days {
      if day & 63 == 0 { try cancel.check() }
      receive(day)
      sell(day)
      reorder(day)
    }
  }

  private mutating func prepareSeasons() {
    season = DemoCatalog.categories.map { category in
      (0..<days).map { day in
        let date = first.adding(days: day)
        let (year, month, dayOfMonth) = date.components
        // The month's factor stands in its middle; between middles it moves in a straight line.
        let length = Double(CivilDate.daysInMonth(year: year, month: month))
        let t = (Double(dayOfMonth) - 0.5) / length - 0.5
        let neighbour = t < 0 ? (month + 10) % 12 : month % 12
        let level = category.months[month - 1] * (1 - abs(t)) + category.months[neighbour] * abs(t)
        return level * category.weekdays[date.weekday - 1] * (isHoliday(date) ? 0.08 : 1)
      }
    }
    season.append([Double](repeating: 0.8, count: days))
  }

  private func isHoliday(_ date: CivilDate) -> Bool {
    let (_, month, day) = date.components
    return [(1, 1), (5, 1), (7, 14), (11, 11), (12, 25), (12, 26)].contains { $0 == (month, day) }
  }

  private mutating func prepareRates() {
    var rate = 1.085
    for day in 0..<days {
      if first.adding(days: day).components.day == 1 || day == 0 {
        rate = min(1.16, max(1.02, rate + (random.uniform() - 0.5) * 0.03))
        rates.append((day, (rate * 1_000_000).rounded() / 1_000_000))
      }
      rateOfDay[day] = rates[rates.count - 1].rate
    }
  }

  /// Three or four campaigns a year for a part of each category, and a week in November for the shop's goods.
  private mutating func preparePromotions() {
    for p in products.indices { discounts[p] = [UInt8](repeating: 0, count: days) }
    for c in DemoCatalog.categories.indices {
      var day = random.below(90)
      while day < days {
        let length = 7 + random.below(8)
        let percent = UInt8(10 + 5 * random.below(4))
        for p in products.indices where products[p].category == c && random.below(10) < 3 {
          for d in day..<min(days, day + length) { discounts[p][d] = percent }
        }
        day += 80 + random.below(50)
      }
    }
    for day in 0..<days {
      let (_, month, dayOfMonth) = first.adding(days: day).components
      guard month == 11, dayOfMonth >= 22, dayOfMonth <= 28 else { continue }
      for p in products.indices where [3, 6].contains(products[p].category) { discounts[p][day] = 20 }
    }
  }

  /// The purchaser's own rules, good for most products and too tight for some, and the stock to begin with.
  private mutating func prepareStock() {
    for p in products.indices where !products[p].isService {
      let daily = max(0.05, products[p].rate * Double(products[p].size + 1) / 2)
      let lead = Double(DemoCatalog.suppliers[products[p].supplier].lead)
      let safety = p == 0 ? 8.0 : 0.55 + 1.1 * random.uniform()
      products[p].reorderAt = (daily * lead * (1 + 0.35 * safety) + Double(products[p].size) * safety)
        .rounded(.up)
      products[p].orderQty = max(
        Double(products[p].size * 2), (daily * (25 + 25 * random.uniform())).rounded(.up))
      let opening = products[p].reorderAt + (products[p].orderQty * (0.4 + 0.6 * random.uniform())).rounded()
      onHand[p] = opening
      moves.append(
        Move(
          product: Int32(p), day: Int32(products[p].firstDay), qty: opening, kind: .inventoryIn, isDone: true,
          document: -1))
    }
  }

  private mutating func receive(_ day: Int) {
    for index in arrivals[day] {
      let purchase = purchases[index]
      let p = Int(purchase.product)
      // Now and then a delivery is short.
      let received = random.below(20) == 0 ? (purchase.qty * 0.9).rounded() : purchase.qty
      purchases[index].received = received
      onOrder[p] -= purchase.qty
      onHand[p] += received
      moves.append(
        Move(
          product: purchase.product, day: Int32(day), qty: received, kind: .incoming, isDone: true,
          document: purchase.number))
    }
  }

  /// How many lines a product sells on a day, were there stock without end.
  private func intensity(_ p: Int, _ day: Int) -> Double {
    let product = products[p]
    guard day >= product.firstDay, day < product.lastDay else { return 0 }
    let progress = Double(day) / Double(days)
    var level = product.rate
    switch product.behaviour {
    case .growing: level *= 0.65 + 0.7 * progress
    case .declining: level *= 1.35 - 0.85 * progress
    case .seasonal:
      let factor = season[product.category][day]
      level *= 0.35 + 0.65 * factor
    case .new: level *= min(1, 0.25 + Double(day - product.firstDay) / 60)
    case .dead:
      // Fades out over its last two hundred days.
      level *= min(1, Double(product.lastDay - day) / 200)
    default: break
    }
    let discount = Double(discounts[p][day])
    return level * season[product.category][day] * (1 + discount * 0.05)
  }

  private mutating func sell(_ day: Int) {
    var wanted: [(product: Int, qty: Double)] = []
    for p in products.indices {
      var count = poisson(intensity(p, day))
      // The best seller sells on every day.
      if p == 0, count == 0 { count = 1 }
      for _ in 0..<count {
        var qty = 1
        if products[p].size > 1 { qty = 1 + random.below(products[p].size) }
        // A customer who fits out an office.
        if random.below(60) == 0 { qty *= 3 + random.below(4) }
        wanted.append((p, Double(qty)))
      }
    }
    for i in stride(from: wanted.count - 1, to: 0, by: -1) { wanted.swapAt(i, random.below(i + 1)) }
    // Orders of the last two days have partly not left yet.
    let ageInDays = days - 1 - day
    var left = 0
    var order: Int32 = -1
    for want in wanted {
      let isStocked = !products[want.product].isService
      let free = onHand[want.product] - reserved[want.product]
      let qty = isStocked ? min(want.qty, free) : want.qty
      // What is not in stock is not sold: customers go elsewhere.
      guard qty >= 1 else { continue }
      if left == 0 {
        order = newOrder(day, isPending: ageInDays < 2 && random.below(5) < 2)
        left = 1 + random.below(4)
      }
      left -= 1
      ship(want.product, qty, order: order, day: day)
    }
    for line in returns[day] { takeBack(line, day) }
  }

  private mutating func newOrder(_ day: Int, isPending: Bool) -> Int32 {
    // A few customers buy most of it.
    let draw = random.uniform()
    let customer = Int(Double(DemoCatalog.customers.count) * draw * draw)
    // The list begins in France and ends in America; the spread makes every town have large customers.
    let place = customer * 389 % DemoCatalog.customers.count
    let isAmerican = place >= DemoCatalog.firstAmerican
    orders.append(
      Order(
        day: Int32(day), minute: Int32(8 * 60 + random.below(11 * 60)), customer: Int32(place),
        rate: isAmerican ? rateOfDay[day] : 1, promised: Int32(day + 2),
        delivered: isPending ? nil : Int32(min(days - 1, day + (random.below(8) == 0 ? 3 : 1)))))
    return Int32(orders.count - 1)
  }

  private mutating func ship(_ p: Int, _ qty: Double, order: Int32, day: Int) {
    let isStocked = !products[p].isService
    let isPending = orders[Int(order)].delivered == nil
    let year = first.adding(days: day).components.year
    // List prices rise a little every January.
    let level = year <= 2023 ? 0.94 : year == 2024 ? 0.96 : year == 2025 ? 0.98 : 1.0
    let line = Line(
      order: order, product: Int32(p), qty: qty, delivered: isPending ? 0 : qty,
      price: DemoCatalog.cents(products[p].price * level * orders[Int(order)].rate),
      discount: Double(discounts[p][day]) / 100)
    lines.append(line)
    guard isStocked else { return }
    if isPending { reserved[p] += qty } else { onHand[p] -= qty }
    moves.append(
      Move(
        product: Int32(p), day: Int32(day), qty: -qty, kind: .outgoing, isDone: !isPending, document: order))
    if !isPending, random.below(70) == 0 { returns[day + 4 + random.below(20)].append(line) }
  }

  /// A return is an order of its own with a negative line, at the price that was paid.
  private mutating func takeBack(_ sold: Line, _ day: Int) {
    let old = orders[Int(sold.order)]
    orders.append(
      Order(
        day: Int32(day), minute: 600, customer: old.customer, rate: old.rate, promised: Int32(day),
        delivered: Int32(day)))
    let qty = Double(1 + random.below(Int(sold.qty)))
    lines.append(
      Line(
        order: Int32(orders.count - 1), product: sold.product, qty: -qty, delivered: -qty, price: sold.price,
        discount: sold.discount))
    onHand[Int(sold.product)] += qty
    moves.append(
      Move(
        product: sold.product, day: Int32(day), qty: qty, kind: .incomingReturn, isDone: true,
        document: Int32(orders.count - 1)))
  }

  /// On working days the purchaser orders what has fallen to its reorder point, one order a supplier. In the
  /// last sixteen days a third of the products was forgotten, so that there is something to do today.
  private mutating func reorder(_ day: Int) {
    guard first.adding(days: day).weekday <= 5 else { return }
    var numbers = [Int32](repeating: 0, count: DemoCatalog.suppliers.count)
    for p in products.indices where !products[p].isService {
      let product = products[p]
      guard day >= product.firstDay, day < product.lastDay - 30 || product.lastDay == days else { continue }
      guard onHand[p] - reserved[p] + onOrder[p] <= product.reorderAt else { continue }
      if days - day <= 16, p % 3 == 1 { continue }
      let supplier = DemoCatalog.suppliers[product.supplier]
      if numbers[product.supplier] == 0 {
        numbers[product.supplier] = nextPurchase
        nextPurchase += 1
      }
      let late = supplier.delay + supplier.spread * (random.uniform() + random.uniform() - 1)
      // The best seller's supplier never lets it run out.
      let lead = max(1, supplier.lead + Int((p == 0 ? min(late, 2) : late).rounded()))
      onOrder[p] += product.orderQty
      purchases.append(
        Purchase(
          number: numbers[product.supplier], product: Int32(p), day: Int32(day),
          planned: Int32(day + supplier.lead), arrives: Int32(day + lead), qty: product.orderQty, received: 0)
      )
      arrivals[day + lead].append(purchases.count - 1)
    }
  }

  /// A Poisson draw, by multiplying uniform draws until they fall below e^-mean (Knuth).
  private mutating func poisson(_ mean: Double) -> Int {
    guard mean > 0 else { return 0 }
    let limit = exponential(-min(mean, 60))
    var count = 0
    var product = random.uniform()
    while product > limit {
      count += 1
      product *= random.uniform()
    }
    return count
  }
}

/// e^x for x in -60…0 by its series on x/1024, squared ten times: plain arithmetic, equal on every machine
/// and right to six digits.
func exponential(_ x: Double) -> Double {
  let t = x / 1024
  var y = 1 + t * (1 + t / 2 * (1 + t / 3 * (1 + t / 4 * (1 + t / 5))))
  for _ in 0..<10 { y *= y }
  return y
}
