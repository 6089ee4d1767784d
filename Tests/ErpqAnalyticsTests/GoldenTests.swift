import ErpqAnalytics
import ErpqBase
import Testing

@Suite struct GoldenTests {
  @Test(arguments: Company.all) func series(_ company: Company) throws {
    let matrix = try company.matrix(company.analysed, days: 180)
    let golden = try company.golden("series").list
    let place = places(company.analysed)
    var c = Comparison(1e-9)
    #expect(!golden.isEmpty)
    for item in golden {
      let row = matrix.row(try #require(place[item["product_id"].int ?? 0]))
      c.check(matrix.window.first.description, item["first_date"], "first date")
      c.check(row, item["quantity"], "quantity of \(item["product_id"])")
      c.check(MovingAverage.trailing(row, window: 7), item["ma7"], "average of \(item["product_id"])")
    }
    finish(c, company, "series")
  }

  @Test(arguments: Company.all, [30, 90]) func forecast(_ company: Company, horizon: Int) throws {
    let matrix = try company.matrix(company.analysed, days: 180)
    let golden = try company.golden("forecast_h\(horizon)")
    let place = places(company.analysed)
    let batch = try Poly2Batch(matrix)
    let means = batch.means(horizon: horizon)
    let (low, high) = batch.interval(means: means, horizon: horizon)
    var c = Comparison(1e-8)
    #expect(!golden["items"].list.isEmpty)
    for item in golden["items"].list {
      let id = item["product_id"].int ?? 0
      let r = try #require(place[id])
      let model = Poly2.fit(matrix.row(r))
      let forecast = model.forecast(horizon: horizon)
      c.check(forecast.mean, item["daily_forecast"], "mean of \(id)")
      c.check(forecast.lo95, item["confidence_interval"]["low"], "low of \(id)")
      c.check(forecast.hi95, item["confidence_interval"]["high"], "high of \(id)")
      c.check(model.modelType.rawValue, item["model_type"], "model of \(id)")
      c.check(model.saleDays, item["sale_days"], "sale days of \(id)")
      c.check(model.sigma, item["sigma"], "sigma of \(id)")
      c.check(model.coefficients, item["coefficients"], "coefficients of \(id)")
      for days in [7, 30, 90] {
        c.check(model.total(days: days), item["totals"]["\(days)d"], "total of \(id)")
      }
      c.check(model.metrics?.mae, item["metrics"]["mae"], "mae of \(id)")
      c.check(model.metrics?.mape, item["metrics"]["mape"], "mape of \(id)")
      c.check(model.metrics?.smape, item["metrics"]["smape"], "smape of \(id)")
      c.check(model.metrics?.rmse, item["metrics"]["rmse"], "rmse of \(id)")
      let cells = r * horizon..<(r + 1) * horizon
      #expect(Array(means[cells]) == forecast.mean)
      #expect(Array(low[cells]) == forecast.lo95)
      #expect(Array(high[cells]) == forecast.hi95)
      #expect(batch.modelTypes[r] == model.modelType)
      #expect(batch.sigma[r] == model.sigma)
      #expect(batch.totals(days: 90)[r] == model.total(days: 90))
    }
    let aggregate = golden["aggregate"]
    if company.name == "S" {
      let totals = batch.totals(days: 30)
      c.check(totals.reduce(0, +), aggregate["sum_30d"], "sum of 30 days")
      c.check(batch.totals(days: 90).reduce(0, +), aggregate["sum_90d"], "sum of 90 days")
      c.check(batch.sigma.reduce(0, +), aggregate["sum_sigma"], "sum of sigma")
      let smape = batch.smape.filter { !$0.isNaN }
      c.check(Statistics.mean(smape), aggregate["mean_smape"], "mean smape")
      for type in Set(batch.modelTypes) {
        c.check(batch.modelTypes.filter { $0 == type }.count, aggregate["models"][type.rawValue], "models")
      }
    }
    finish(c, company, "forecast_h\(horizon)")
  }

  @Test(arguments: Company.all) func nightlyModels(_ company: Company) throws {
    let volumes = try company.matrix(company.analysed, days: 90)
    let volume = (0..<volumes.rows).map { volumes.row($0).reduce(0, +) }
    let top = volume.indices.filter { volume[$0] > 0 }
      .sorted { (-volume[$0], $0) < (-volume[$1], $1) }.prefix(50)
    let golden = try company.golden("train_top50")
    let batch = try Poly2Batch(try company.matrix(company.analysed, days: 180))
    let trained = top.filter { batch.modelTypes[$0] == .regression }
    var c = Comparison(1e-8)
    #expect(trained.map { Double(company.analysed[$0].id) } == golden["trained"].numbers)
    for (r, item) in zip(trained, golden["models"].list) {
      c.check(Array(batch.coefficients[3 * r..<3 * r + 3]), item["coefficients"], "coefficients")
      c.check(batch.sigma[r], item["sigma"], "sigma")
      c.check(batch.mae[r], item["metrics"]["mae"], "mae")
      c.check(batch.mape[r], item["metrics"]["mape"], "mape")
      c.check(batch.smape[r], item["metrics"]["smape"], "smape")
    }
    finish(c, company, "train_top50")
  }

  @Test(
    arguments: Company.all,
    [
      ("60_cum_inclusive", 60, true), ("60_cum_before", 60, false), ("365_cum_inclusive", 365, true),
      ("365_cum_before", 365, false),
    ])
  func segmentation(_ company: Company, _ run: (file: String, days: Int, inclusive: Bool)) throws {
    let golden = try company.golden("segmentation_" + run.file)
    let population = company.analysed
    var rule = Settings.erpconnect.segmentation
    if !run.inclusive { rule.abc = Settings.default.segmentation.abc }
    let revenue = try company.revenue(population, days: run.days)
    let result = try Segmentation(
      values: revenue, demand: try company.matrix(population, days: run.days), ids: population.map(\.id),
      rule: rule)
    let segments = result.segments
    var c = Comparison(1e-9)
    let items = golden["by_product"].list
    #expect(!items.isEmpty)
    // A listing may hold only a part of the products, in order of revenue.
    let listed = Set(items.compactMap { $0["product_id"].int })
    let order = result.abc.order.filter { listed.contains(Int(population[$0].id)) }
    #expect(order.count == items.count)
    for (i, item) in zip(order, items) {
      let id = item["product_id"]
      c.check(Int(population[i].id), id, "order")
      c.check(revenue[i], item["revenue"], "revenue of \(id)")
      c.check(result.abc.cumulativePercent[i], item["cumulative_percent"], "share of \(id)")
      c.check(result.abc.classes[i].rawValue, item["abc_class"], "ABC of \(id)")
      c.check(result.xyz[i].cls.rawValue, item["xyz_class"], "XYZ of \(id)")
      c.check(result.xyz[i].cv, item["variability"], "CV of \(id)")
      c.check(result.xyz[i].mean, item["mean_daily"], "mean of \(id)")
      c.check(segments[i].description, item["segment"], "segment of \(id)")
    }
    for cell in Segment.matrix {
      c.check(result.count(cell), golden["matrix"][cell.description], "count of \(cell)")
      if let words = golden["recommendations"][cell.description].text { #expect(cell.strategy == words) }
    }
    c.check(result.abc.total, golden["total_revenue"], "total")
    finish(c, company, "segmentation_" + run.file)
  }

  @Test(arguments: Company.all, ["default", "product_lead", "safety7"])
  func replenishment(_ company: Company, variant: String) throws {
    let golden = try company.golden("replenishment_" + variant)
    let population = company.stocked
    let matrix = try company.matrix(population, days: 60)
    var rule = Settings.erpconnect.replenishment
    if variant == "safety7" { rule.safetyDays = 7 }
    let items = golden["replenishment_recommendations"].list
    let place = places(population)
    var c = Comparison(1e-9)
    let advice = (0..<population.count).map { i in
      let demand = max(0, Statistics.mean(matrix.row(i)))
      return (
        demand,
        Replenishment.advise(
          position: population[i].onHand, dailyDemand: demand,
          leadTimeDays: variant == "product_lead" ? population[i].leadTime : nil, rule: rule)
      )
    }
    #expect(!items.isEmpty)
    for item in items {
      let id = item["product_id"]
      let (demand, a) = advice[try #require(place[id.int ?? 0])]
      c.check(demand, item["avg_daily_sales"], "demand of \(id)")
      c.check(a.rop, item["rop"], "ROP of \(id)")
      c.check(a.coverDays, item["stock_cover_days"], "cover of \(id)")
      c.check(a.orderQuantity, item["suggested_order_qty"], "quantity of \(id)")
      c.check(a.action.rawValue, item["action"], "action of \(id)")
      c.check(a.urgency.rawValue, item["urgency"], "urgency of \(id)")
    }
    let aggregate = golden["aggregate"]
    for (name, count) in aggregate["actions"].fields {
      c.check(advice.filter { $0.1.action.rawValue == name }.count, count, "count of \(name)")
    }
    for (name, count) in aggregate["urgency"].fields {
      c.check(advice.filter { $0.1.urgency.rawValue == name }.count, count, "count of \(name)")
    }
    c.check(advice.reduce(0) { $0 + $1.1.orderQuantity }, aggregate["sum_suggested"], "sum of quantities")
    c.check(advice.reduce(0) { $0 + $1.1.rop }, aggregate["sum_rop"], "sum of ROP")
    finish(c, company, "replenishment_" + variant)
  }

  @Test(arguments: Company.all) func stockStatus(_ company: Company) throws {
    let golden = try company.golden("stock_status")
    let population = company.stocked
    let matrix = try company.matrix(population, days: 60)
    let place = places(population)
    var c = Comparison(1e-9)
    let statuses = (0..<population.count).map { i in
      StockStatus(
        onHand: population[i].onHand, dailyDemand: Statistics.mean(matrix.row(i)),
        rule: Settings.erpconnect.stockStatus)
    }
    #expect(!golden["by_product"].list.isEmpty)
    for item in golden["by_product"].list {
      let i = try #require(place[item["product_id"].int ?? 0])
      c.check(statuses[i].rawValue, item["status"], "status of \(item["product_id"])")
    }
    for (name, count) in golden["counts"].fields {
      c.check(statuses.filter { $0.rawValue == name }.count, count, "count of \(name)")
    }
    finish(c, company, "stock_status")
  }

  @Test(
    arguments: Company.all, [("daily", PeriodUnit.day, 30), ("weekly", .week, 365), ("monthly", .month, 365)])
  func salesTrends(_ company: Company, _ run: (name: String, unit: PeriodUnit, days: Int)) throws {
    let golden = try company.golden("sales_trends_" + run.name).list
    let days = golden.reduce(0) { $0 + ($1["days_in_window"].int ?? 0) }
    let buckets = CalendarBuckets(run.unit, window: DayWindow(last: company.asOf, count: days))
    let total = [Int32](repeating: 0, count: company.lines.count)
    func daily(_ value: KeyPath<Company.Line, Double>) throws -> [Double] {
      try DailyMatrix(
        window: buckets.window, rows: 1, series: total, days: company.lines.map(\.day),
        quantities: company.lines.map { $0[keyPath: value] }
      ).values
    }
    let quantity = buckets.sums(try daily(\.quantity))
    let revenue = buckets.sums(try daily(\.revenue))
    var c = Comparison(1e-9)
    #expect(buckets.periods.count == golden.count)
    for (i, item) in golden.enumerated() where i < buckets.periods.count {
      c.check(buckets.periods[i].description, item["period"], "period")
      c.check(buckets.periods[i].start.description, item["start"], "start")
      c.check(buckets.daysInWindow[i], item["days_in_window"], "days")
      c.check(quantity[i], item["quantity"], "quantity of \(item["period"])")
      c.check(revenue[i], item["revenue"], "revenue of \(item["period"])")
    }
    finish(c, company, "sales_trends_" + run.name)
  }
}

func places(_ population: [Company.Product]) -> [Int: Int] {
  var place: [Int: Int] = [:]
  for (i, product) in population.enumerated() { place[Int(product.id)] = i }
  return place
}

func finish(_ c: Comparison, _ company: Company, _ what: String) {
  c.report("\(company.name) \(what)")
  #expect(c.differences.isEmpty, "\(c.differences.prefix(5))")
}
