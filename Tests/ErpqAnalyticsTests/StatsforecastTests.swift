import Foundation
import Testing

@testable import ErpqAnalytics

/// Figures that an independent implementation gave for 20 real series; Benchmarks/forecast/golden.py wrote them,
/// and the file names the versions. Ten series are from UCI Online Retail II (Chen, 2019, CC BY 4.0), ten from the
/// Italian grocer's pasta sales of Mancuso et al. (2021, CC BY 4.0).
@Suite struct StatsforecastTests {
  struct Golden: Decodable {
    struct Series: Decodable {
      var name: String
      var values: [Double]
      var mean: [String: [Double]]
      var ets: [String: Model]
      var theta: [String: ThetaFit]
    }
    struct Model: Decodable {
      var components: String
      var m: Int
      var alpha: Double
      var beta: Double
      var gamma: Double
      var phi: Double
      var start: [Double]
      var likelihood: Double
      var aicc: Double
      var mean: [Double]
    }
    struct ThetaFit: Decodable {
      var start: Double
      var alpha: Double
      var theta: Double
      var mse: Double
      var decompose: Bool
    }
    var statsforecast: String
    var horizon: Int
    var series: [Series]
  }

  static let golden: Golden? = {
    guard
      let url = Bundle.module.url(
        forResource: "golden", withExtension: "json", subdirectory: "Fixtures/statsforecast"),
      let data = try? Data(contentsOf: url)
    else { return nil }
    return try? JSONDecoder().decode(Golden.self, from: data)
  }()

  private func close(_ a: [Double], _ b: [Double], _ tolerance: Double, _ what: String) {
    #expect(a.count == b.count, "\(what)")
    for (x, y) in zip(a, b) {
      // Ours do not go below zero.
      #expect(abs(x - Swift.max(0, y)) <= tolerance * Swift.max(1, abs(y)), "\(what): \(x) for \(y)")
    }
  }

  @Test func theFileIsThere() throws {
    let golden = try #require(Self.golden)
    #expect(golden.series.count == 20)
  }

  /// Methods without a search, or with one over a single parameter, agree to rounding or to the search's end.
  @Test func simpleMethods() throws {
    let golden = try #require(Self.golden)
    let methods: [(String, ForecastMethod, Double)] = [
      ("naive", .naive, 1e-9), ("seasonal_naive", .seasonalNaive(period: 7), 1e-9),
      ("ma28", .movingAverage(window: 28), 1e-9), ("ses02", .smoothing(alpha: 0.2), 1e-9),
      ("ses", .smoothing(alpha: nil), 1e-3), ("croston", .croston, 1e-9), ("sba", .sba, 1e-9),
      ("tsb", .tsb(chance: 0.1, size: 0.1), 1e-9), ("adida", .adida, 1e-4), ("imapa", .imapa, 1e-4),
    ]
    for series in golden.series {
      for (name, method, tolerance) in methods {
        let expected = try #require(series.mean[name])
        close(
          method.path(series.values, horizon: golden.horizon).values, expected, tolerance,
          "\(series.name) \(name)")
      }
      let optimized = try #require(series.mean["croston_optimized"])
      var out = [Double](repeating: 0, count: golden.horizon)
      series.values.withUnsafeBufferPointer { y in
        out.withUnsafeMutableBufferPointer { _ = Croston.path(y, .optimized, into: $0) }
      }
      close(out, optimized, 1e-4, "\(series.name) croston_optimized")
    }
  }

  private func model(_ g: Golden.Model) -> ETS {
    func component(_ i: Int) -> ETS.Component {
      let c = Array(g.components)[i]
      return c == "N" ? .none : c == "A" ? .additive : .multiplicative
    }
    let season = component(2)
    return ETS(
      error: component(0), hasTrend: component(1) != .none, isDamped: Array(g.components)[3] == "D",
      season: season, period: season == .none ? 1 : g.m)
  }

  /// With the reference's parameters and initial states, likelihood and path are the reference's.
  @Test func etsRecursion() throws {
    let golden = try #require(Self.golden)
    for series in golden.series {
      for (name, g) in series.ets.sorted(by: { $0.key < $1.key }) {
        let model = model(g)
        // The reference lists the latest season first.
        var start = [g.start[0], model.hasTrend ? g.start[1] : 0]
        let seasons = Array(g.start.dropFirst(model.hasTrend ? 2 : 1))
        start += seasons.isEmpty ? [0] : seasons.reversed()
        var state = start
        let likelihood = series.values.withUnsafeBufferPointer { y in
          state.withUnsafeMutableBufferPointer {
            model.run(
              y, alpha: g.alpha, beta: g.beta, gamma: g.gamma, phi: model.isDamped ? g.phi : 1, state: $0)
          }
        }
        #expect(abs(likelihood - g.likelihood) < 1e-6 * abs(g.likelihood), "\(series.name) \(name)")
        var out = [Double](repeating: 0, count: golden.horizon)
        let fit = ETS.Fit(
          model: model, alpha: g.alpha, beta: g.beta, gamma: g.gamma, phi: model.isDamped ? g.phi : 1,
          start: start)
        series.values.withUnsafeBufferPointer { y in
          out.withUnsafeMutableBufferPointer { ETS.path(y, fit, into: $0) }
        }
        // The reference's damped path adds φ, φ, φ², … where the model says φ, φ², φ³, … (Hyndman & al. 2008,
        // ch. 2); the slope at the end is the same.
        var expected = g.mean
        if model.isDamped {
          var power = g.phi
          for h in out.indices {
            expected[h] -= state[1] * (g.phi - power)
            power *= g.phi
          }
        }
        close(out, expected, 1e-6, "\(series.name) \(name)")
      }
    }
  }

  /// Our search ends at a likelihood no worse than the reference's, but for what a simplex leaves undone.
  @Test func etsSearch() throws {
    let golden = try #require(Self.golden)
    for series in golden.series.prefix(6) {
      for name in ["ANN", "AAN", "AAdN"] {
        guard let g = series.ets[name] else { continue }
        let fit = series.values.withUnsafeBufferPointer { model(g).fit($0) }
        let ours = try #require(fit)
        #expect(ours.likelihood < g.likelihood + 2, "\(series.name) \(name)")
      }
    }
  }

  /// The theta models' search ends at an error no larger than the reference's.
  @Test func thetaSearch() throws {
    let golden = try #require(Self.golden)
    let variants: [String: Theta.Variant] = [
      "theta": Theta.Variant(), "optimized_theta": Theta.Variant(isOptimized: true),
      "dynamic_theta": Theta.Variant(isOptimized: true, isDynamic: true),
    ]
    for series in golden.series {
      for (name, variant) in variants.sorted(by: { $0.key < $1.key }) {
        guard let g = series.theta[name], !g.decompose else { continue }
        let fit = series.values.withUnsafeBufferPointer { Theta.fit($0, variant) }
        let reference = g.mse * Double(series.values.count - 3)
        #expect(fit.squares < reference * 1.01, "\(series.name) \(name) \(fit.squares) \(reference)")
        let expected = try #require(series.mean[name])
        let path = try #require(ForecastMethod(named: name)).path(series.values, horizon: golden.horizon)
        let level = Swift.max(0.2, expected.reduce(0, +) / Double(expected.count))
        for (x, y) in zip(path.values, expected) {
          #expect(abs(x - Swift.max(0, y)) < 0.25 * level, "\(series.name) \(name): \(x) for \(y)")
        }
      }
    }
  }
}
