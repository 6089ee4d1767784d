import ErpqAnalytics
import ErpqBase
import Testing

/// The small cases on thresholds, ties and empty data, each with its result worked out beforehand.
@Suite struct EdgeCaseTests {
  static let cases: [JSON] = (try? Company.golden("edge_cases"))?["cases"].list ?? []

  private func each(
    _ operation: String, atLeast count: Int, _ body: (String, JSON, inout Comparison) throws -> Void
  )
    rethrows
  {
    let chosen = EdgeCaseTests.cases.filter { $0["operation"].text == operation }
    #expect(chosen.count >= count, "\(operation)")
    var c = Comparison(operation == "ml_forecast" ? 1e-8 : 1e-9)
    for item in chosen { try body(item["name"].text ?? "", item, &c) }
    #expect(c.differences.isEmpty, "\(operation): \(c.differences.prefix(5))")
  }

  @Test func demand() {
    each("demand", atLeast: 11) { name, item, c in
      let daily = item["input"]["daily"].numbers
      let expected = item["expected"]
      let p = DemandPrediction(
        daily, lines: expected["n_transactions"].int ?? 0, rule: Settings.erpconnect.demand)
      c.check(p.daily, expected["current_daily_demand"], name)
      c.check(p.predicted, expected["predicted_30d_demand"], name)
      c.check(p.trend.rawValue, expected["trend"], name)
      c.check(p.slope, expected["slope"], name)
      c.check(p.confidence, expected["confidence"], name)
      c.check(p.saleDays, expected["sale_days"], name)
      #expect((p.source != .movingAverage) == expected["fallback"].bool)
    }
  }

  @Test func steadiness() {
    each("xyz", atLeast: 11) { name, item, c in
      let r = XYZ.classify(item["input"]["daily"].numbers, rule: Settings.erpconnect.segmentation.xyz)
      c.check(r.cv, item["expected"]["variability"], name)
      c.check(r.cls.rawValue, item["expected"]["xyz_class"], name)
    }
  }

  @Test func movingAverages() throws {
    try each("ma7", atLeast: 3) { name, item, c in
      let edge = try #require(MovingAverageEdge(rawValue: item["params"]["edge"].text ?? ""))
      let smooth = MovingAverage.trailing(item["input"]["daily"].numbers, window: 7, edge: edge)
      c.check(smooth, item["expected"], name)
    }
  }

  @Test func importance() {
    each("abc", atLeast: 14) { name, item, c in
      let revenue = item["input"]["revenue_by_product_id"].fields
      let ids = revenue.keys.compactMap { Int64($0) }.sorted(by: >)
      let rule = item["params"]["rule"].text == "cum_before" ? ABCRule.before : .inclusive
      let r = ABC.classify(ids.map { revenue[String($0)]?.number ?? 0 }, ids: ids, rule: rule)
      for (id, cls) in zip(ids, r.classes) {
        c.check(cls.rawValue, item["expected"][String(id)], "\(name) \(id)")
      }
      let ranked = r.order.map { ids[$0] }
      for (a, b) in zip(ranked, ranked.dropFirst())
      where revenue[String(a)]?.number == revenue[String(b)]?.number {
        #expect(a < b)
      }
    }
  }

  @Test func replenishment() {
    each("replenishment", atLeast: 12) { name, item, c in
      var rule = Settings.erpconnect.replenishment
      rule.leadTimeDays = item["params"]["default_lead_time_days"].number ?? 7
      rule.safetyDays = item["params"]["safety_stock_days"].number ?? 3
      let a = Replenishment.advise(
        position: item["input"]["current_stock"].number ?? 0,
        dailyDemand: item["input"]["avg_daily_sales"].number ?? 0, rule: rule)
      let expected = item["expected"]
      c.check(a.rop, expected["rop"], name)
      c.check(a.coverDays, expected["stock_cover_days"], name)
      c.check(a.orderQuantity, expected["suggested_order_qty"], name)
      c.check(a.action.rawValue, expected["action"], name)
      c.check(a.urgency.rawValue, expected["urgency"], name)
    }
  }

  @Test func regression() {
    each("ml_forecast", atLeast: 8) { name, item, c in
      let model = Poly2.fit(item["input"]["daily"].numbers)
      let forecast = model.forecast(horizon: item["params"]["horizon_days"].int ?? 0)
      let expected = item["expected"]
      c.check(forecast.mean, expected["daily_forecast"], name)
      c.check(forecast.lo95, expected["confidence_interval"]["low"], name)
      c.check(forecast.hi95, expected["confidence_interval"]["high"], name)
      c.check(model.modelType.rawValue, expected["model_type"], name)
      c.check(model.sigma, expected["sigma"], name)
      for days in [7, 30, 90] { c.check(model.total(days: days), expected["totals"]["\(days)d"], name) }
      c.check(model.metrics?.mae, expected["metrics"]["mae"], name)
      c.check(model.metrics?.mape, expected["metrics"]["mape"], name)
      c.check(model.metrics?.smape, expected["metrics"]["smape"], name)
      if let metrics = model.metrics { c.check(metrics.mapePoints, expected["metrics"]["mape_points"], name) }
    }
  }

  @Test func accuracy() {
    each("metrics", atLeast: 1) { name, item, c in
      let a = Accuracy(actual: item["input"]["actual"].numbers, forecast: item["input"]["forecast"].numbers)
      c.check(a.mae, item["expected"]["mae"], name)
      c.check(a.mape, item["expected"]["mape"], name)
      c.check(a.smape, item["expected"]["smape"], name)
      c.check(a.rmse, item["expected"]["rmse"], name)
    }
  }

  @Test func windowsAndWeeks() throws {
    try each("window_sum", atLeast: 2) { name, item, c in
      guard item["params"]["tz"].text == "UTC" else { return }
      var days: [Int32] = []
      var quantities: [Double] = []
      for line in item["input"]["lines"].list {
        days.append(try #require(Instant(iso: line.list[1].text ?? "")).utcDate.day)
        quantities.append(line.list[2].number ?? 0)
      }
      let window = DayWindow(last: CivilDate(day: 20269), count: item["params"]["days"].int ?? 0)
      let series = try DailySeries.dense(days: days, quantities: quantities, window: window)
      c.check(series.reduce(0, +), item["expected"], name)
    }
    try each("iso_week", atLeast: 7) { name, item, c in
      let date = try #require(CivilDate(iso: item["input"]["date"].text ?? ""))
      let buckets = CalendarBuckets(.week, window: DayWindow(last: date, count: 1))
      c.check(buckets.periods.first?.description ?? "", item["expected"], name)
    }
  }

  @Test(arguments: Company.all) func demandOfTheCompany(_ company: Company) throws {
    let population = company.analysed
    let matrix = try company.matrix(population, days: 60)
    let rows = company.rows(population)
    var lines = [Int](repeating: 0, count: population.count)
    for (row, line) in zip(rows, company.lines) where row >= 0 && line.quantity > 0 {
      if matrix.window.index(of: CivilDate(day: line.day)) != nil { lines[Int(row)] += 1 }
    }
    let predictions = population.indices.map {
      DemandPrediction(
        matrix.row($0), lines: lines[$0], substitutes: DemandSubstitutes(stated: population[$0].statedDemand),
        rule: Settings.erpconnect.demand)
    }
    let golden = try company.golden("demand")
    let place = places(population)
    var c = Comparison(1e-9)
    for item in golden["items"].list {
      let p = predictions[try #require(place[item["product_id"].int ?? 0])]
      c.check(p.daily, item["current_daily_demand"], "demand of \(item["product_id"])")
      c.check(p.predicted, item["predicted_30d_demand"], "prediction of \(item["product_id"])")
      c.check(p.trend.rawValue, item["trend"], "trend of \(item["product_id"])")
      c.check(p.slope, item["slope"], "slope of \(item["product_id"])")
      c.check(p.confidence, item["confidence"], "confidence of \(item["product_id"])")
    }
    c.check(predictions.reduce(0) { $0 + $1.predicted }, golden["aggregate"]["sum_predicted"], "sum")
    c.check(predictions.reduce(0) { $0 + $1.confidence }, golden["aggregate"]["sum_confidence"], "sum")
    finish(c, company, "demand")
  }
}
