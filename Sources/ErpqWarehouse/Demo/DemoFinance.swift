import ErpqBase

/// The demo company's books and pipeline, made from a finished simulation: invoices with the payments that settle
/// them (most in time, some late, a few never) and sales opportunities. It draws from streams of its own, so that
/// orders, stock and purchases stay what they are without it.
struct DemoFinance {
  struct Invoice {
    enum Kind: Int { case customer, customerRefund, supplier }
    var kind: Kind
    /// A customer's place in the list, or a supplier's.
    var partner: Int32
    /// An order's place, or a purchase's number.
    var document: Int32
    var day: Int32
    var due: Int32
    /// In company currency; refunds are negative.
    var amount: Double
    /// Units of the document's currency for one of the company's.
    var rate: Double
    var isDollar: Bool
    var residual: Double
  }

  struct Payment {
    /// The invoice's place.
    var invoice: Int32
    var day: Int32
    /// In company currency, never negative.
    var amount: Double
  }

  struct Lead {
    enum State: Int { case open, won, lost }
    var customer: Int32
    var subject: Int32
    var created: Int32
    var closed: Int32?
    var deadline: Int32
    var state: State
    var stage: Int
    var expected: Double
  }

  static let stages = ["New", "Qualified", "Proposition", "Negotiation"]
  static let stageChances = [0.1, 0.3, 0.5, 0.75]
  static let subjects = [
    "Office fit-out", "Meeting room", "Coffee subscription", "Chairs for the team", "New branch", "Terrace",
    "Lighting renewal", "Archive shelves", "Yearly supplies",
  ]

  private(set) var invoices: [Invoice] = []
  private(set) var payments: [Payment] = []
  private(set) var leads: [Lead] = []
  private let days: Int32

  init(_ simulation: DemoSimulation, seed: UInt64) {
    days = Int32(simulation.days)
    var random = SeededRandom(seed: seed &+ 0x1_0000)
    invoiceCustomers(simulation, &random)
    random = SeededRandom(seed: seed &+ 0x2_0000)
    billSuppliers(simulation, &random)
    random = SeededRandom(seed: seed &+ 0x3_0000)
    openLeads(&random)
    payments.sort { ($0.day, $0.invoice) < ($1.day, $1.invoice) }
  }

  /// Every order is invoiced on the day it leaves, every return credited on its day.
  private mutating func invoiceCustomers(_ simulation: DemoSimulation, _ random: inout SeededRandom) {
    // How a customer pays: days of credit, and days late as a rule.
    let habits: [(credit: Int32, late: Int)] = DemoCatalog.customers.indices.map { _ in
      let credit = [Int32(14), 30, 30, 30, 45, 60][random.below(6)]
      let draw = random.uniform()
      return (
        credit, draw < 0.68 ? random.below(6) - 3 : draw < 0.94 ? 4 + random.below(18) : 28 + random.below(40)
      )
    }
    var amounts = [Double](repeating: 0, count: simulation.orders.count)
    for line in simulation.lines {
      let order = Int(line.order)
      amounts[order] += line.qty * line.price * (1 - line.discount) / simulation.orders[order].rate
    }
    for (i, order) in simulation.orders.enumerated() {
      guard let day = order.delivered else { continue }
      let amount = DemoCatalog.cents(amounts[i])
      let habit = habits[Int(order.customer)]
      let isRefund = amount < 0
      let invoice = Invoice(
        kind: isRefund ? .customerRefund : .customer, partner: order.customer, document: Int32(i), day: day,
        due: isRefund ? day : day + habit.credit, amount: amount, rate: order.rate, isDollar: order.rate != 1,
        residual: amount)
      invoices.append(invoice)
      let lateness = habit.late + random.below(5) - 2
      if random.below(300) == 0 { continue }
      settle(paidOn: isRefund ? day + 5 : invoice.due + Int32(lateness), inParts: random.below(25) == 0)
    }
  }

  /// A bill for what of a purchase came on one day.
  private mutating func billSuppliers(_ simulation: DemoSimulation, _ random: inout SeededRandom) {
    var bills: [(number: Int32, arrives: Int32, supplier: Int, amount: Double)] = []
    var place: [Int64: Int] = [:]
    for purchase in simulation.purchases where purchase.arrives < days {
      let product = simulation.products[Int(purchase.product)]
      let key = Int64(purchase.number) << 32 | Int64(purchase.arrives)
      if place[key] == nil {
        place[key] = bills.count
        bills.append((purchase.number, purchase.arrives, product.supplier, 0))
      }
      if let at = place[key] { bills[at].amount += product.cost * purchase.received }
    }
    let credit: [Int32] = [30, 30, 45, 60, 14, 30, 45, 30]
    for bill in bills.sorted(by: { ($0.arrives, $0.number) < ($1.arrives, $1.number) }) where bill.amount > 0
    {
      let day = min(days - 1, bill.arrives + Int32(random.below(4)))
      let isDollar = DemoCatalog.suppliers[bill.supplier].currency == "USD"
      let rate = isDollar ? simulation.rates.last { $0.day <= Int(day) }?.rate ?? 1 : 1
      let amount = DemoCatalog.cents(bill.amount)
      let invoice = Invoice(
        kind: .supplier, partner: Int32(bill.supplier), document: bill.number, day: day,
        due: day + credit[bill.supplier % credit.count], amount: amount, rate: rate, isDollar: isDollar,
        residual: amount)
      invoices.append(invoice)
      let lateness = random.below(7) - 2 + (random.below(12) == 0 ? 14 : 0)
      if random.below(120) == 0 { continue }
      settle(paidOn: invoice.due + Int32(lateness), inParts: false)
    }
  }

  /// Pays the last invoice, in one sum or in two three weeks apart, as far as the days have come.
  private mutating func settle(paidOn day: Int32, inParts: Bool) {
    let place = invoices.count - 1
    let invoice = invoices[place]
    let day = max(invoice.day, day)
    let first = inParts ? DemoCatalog.cents(invoice.amount / 2) : invoice.amount
    for (when, sum) in inParts ? [(day, first), (day + 21, invoice.amount - first)] : [(day, first)]
    where when < days {
      payments.append(Payment(invoice: Int32(place), day: when, amount: sum.magnitude))
      invoices[place].residual = DemoCatalog.cents(invoices[place].residual - sum)
    }
  }

  /// One or two opportunities a day; about two of five are won, after two weeks to three months.
  private mutating func openLeads(_ random: inout SeededRandom) {
    for day in 0..<days {
      for _ in 0..<(random.below(10) < 4 ? 2 : 1) {
        let size = random.uniform()
        let cycle = Int32(12 + random.below(80))
        let isWon = random.below(100) < 39
        let closed = day + cycle
        let isOpen = closed >= days || random.below(60) == 0
        let part = Double(days - day) / Double(cycle)
        leads.append(
          Lead(
            customer: Int32(random.below(DemoCatalog.customers.count)),
            subject: Int32(random.below(DemoFinance.subjects.count)), created: day,
            closed: isOpen ? nil : closed,
            deadline: day + cycle + Int32(random.below(21)) - 10,
            state: isOpen ? .open : isWon ? .won : .lost,
            stage: isOpen ? min(3, Int(part * 4)) : 3,
            expected: (600 + 38_000 * size * size * size).rounded()))
      }
    }
  }
}
