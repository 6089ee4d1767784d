import ErpqAnalytics
import ErpqBase
import Foundation

// Policies, simulation and the frontier over made-up products: PRODUCTS [DAYS PATHS]. CPU seconds of all cores and
// elapsed ones.

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let products = arguments.first ?? 10_000
let days = arguments.count > 1 ? arguments[1] : 365
let paths = arguments.count > 2 ? arguments[2] : 100

func cpu() -> Double {
  var t = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t)
  return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
}

func timed(_ name: String, _ body: () throws -> Void) rethrows {
  let (before, start) = (cpu(), Date())
  try body()
  let text = String(format: "%8.3f CPU s %8.3f s", cpu() - before, Date().timeIntervalSince(start))
  print(text + "  " + name)
}

var random = SeededRandom(seed: 11)
let past = 364
var values: [Double] = []
values.reserveCapacity(products * past)
for _ in 0..<products {
  let rate = 0.05 * pow(400, random.uniform())
  for _ in 0..<past { values.append(Distribution.poisson(mean: rate).quantile(random.uniform())) }
}
let window = DayWindow(last: CivilDate(day: 20000), count: past)
let history = DailyMatrix(window: window, rows: products, values: values)
var items: [PolicyItem] = []
history.forEachRow { _, y in
  let (mean, deviation) = Statistics.moments(y, .sample)
  var item = PolicyItem(
    rate: mean, deviation: deviation, lead: 3 + 30 * random.uniform(), leadDeviation: 2 * random.uniform(),
    position: mean * 40 * random.uniform())
  item.unitCost = 1 + 200 * random.uniform()
  item.price = (item.unitCost ?? 0) * 1.6
  items.append(item)
}

var settings = PolicySettings()
var plans: [PolicyPlan] = []
var services: [PolicyService] = []
for kind in PolicyKind.allCases {
  settings.kind = kind
  timed("policy \(kind.rawValue), \(products) products, and what it serves") {
    plans = items.map { PolicyPlan($0, settings) }
    services = zip(plans, items).map { PolicyService($0, $1, settings) }
  }
}
settings.kind = .csl
timed("50 service levels, \(products) products each") {
  for k in 0..<50 {
    settings.serviceLevel = 0.5 + 0.0098 * Double(k)
    plans = items.map { PolicyPlan($0, settings) }
  }
}

for (name, kind) in [
  ("bootstrap", DemandPaths.blocks(days: 7)), ("distribution", .distributions), ("replay", .replay),
] {
  try timed("simulate \(name), \(products) products × \(days) days × \(paths) paths") {
    let plan = PathPlan(kind, historyDays: past, days: days, paths: paths, seed: 1)
    let simulated = zip(items, plans).map { item, plan in
      SimulatedItem(
        policy: .sS(plan.reorderPoint, plan.orderUpTo), leads: [Int32(item.lead.rounded())],
        start: plan.orderUpTo,
        table: kind == .distributions
          ? PathPlan.table(.fitting(mean: item.rate, deviation: item.deviation), cells: 1024) : [])
    }
    _ = try StockSimulation.run(simulated, history: history, plan: plan, warmUp: 0, unmet: .backordered)
  }
}

let allocated = zip(items, plans).map { item, plan in
  ServiceAllocation.Item(
    value: item.unitCost ?? 0, deviation: plan.deviation, demand: item.rate * 365, quantity: plan.lot)
}
timed("frontier of 20 points, \(products) products") {
  for k in 0..<20 {
    let lambda = ServiceAllocation.lambda(
      allocated, goal: .valueShort, lowest: -1, reaching: 0.9 + 0.005 * Double(k)
    ) { $0.fillRate }
    _ = ServiceAllocation.point(allocated, goal: .valueShort, lambda: lambda, lowest: -1)
  }
}
