import ErpqBase

private let given = P("distribution", .exact(.distribution), "what may come")

private func of(_ values: [Value]) -> PredictiveDistribution? {
  if case .distribution(let d) = values[0] { d } else { nil }
}

private func finite(_ x: Double?) -> Value { x.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }

extension Functions {
  /// Functions of distributions, such as the demand of a forecast's horizon.
  static let distribution: [FunctionSpec] = [
    simple(
      "normal", "distribution", "A normal distribution.",
      [P("mean", .numeric, "the expected value"), P("deviation", .numeric, "the standard deviation")],
      .distribution, search: ["gauss", "uncertain", "random"],
      ["round(number(cdf(normal(10, 2), 12)), 4)": "0.8413"]
    ) {
      guard let mean = $0[0].asDouble, let deviation = $0[1].asDouble else { return .null }
      guard deviation >= 0 else { throw KernelError("a standard deviation is not negative") }
      return .distribution(PredictiveDistribution(mean: mean, deviation: deviation))
    },
    simple(
      "expected", "distribution", "The expected value of a distribution.", [given], .number,
      search: ["mean", "average"], ["expected(normal(10, 2))": "10"]
    ) { finite(of($0)?.mean) },
    simple(
      "deviation", "distribution", "The standard deviation of a distribution.", [given], .number,
      search: ["sd", "sigma", "spread"], ["round(deviation(normal(10, 2)), 1)": "2"]
    ) { finite(of($0)?.deviation) },
    simple(
      "quantile", "distribution", "The value that is not passed with a probability.",
      [given, P("probability", .numeric, "0.95 or 95%")], .number,
      search: ["percentile", "service level", "value at risk"],
      ["round(quantile(normal(10, 2), 97.5%), 2)": "13.92"]
    ) { arguments in
      guard let p = arguments[1].asDouble else { return .null }
      guard p >= 0, p <= 1 else { throw KernelError("a probability lies between 0 and 1 (0 % and 100 %)") }
      return finite(of(arguments)?.quantile(p))
    },
    simple(
      "cdf", "distribution", "The probability of at most a value.",
      [given, P("x", .numeric, "the value")], .percent,
      search: ["probability", "cumulative", "enough"], ["cdf(normal(10, 2), 10)": "50%"]
    ) { arguments in
      guard let x = arguments[1].asDouble, let d = of(arguments) else { return .null }
      return .percent(d.cumulative(x))
    },
    simple(
      "sample", "distribution", "A value drawn from a distribution; the same seed draws the same.",
      [given, P("seed", .exact(.int), default: .int(1), "which draw")], .number,
      search: ["random", "simulate", "monte carlo", "draw"],
      ["sample(normal(10, 0), 7)": "10"]
    ) { arguments in
      var random = SeededRandom(
        seed: UInt64(bitPattern: arguments.count > 1 ? Int64(arguments[1].integer) : 1))
      return finite(of(arguments)?.draw(&random))
    },
  ]
}
