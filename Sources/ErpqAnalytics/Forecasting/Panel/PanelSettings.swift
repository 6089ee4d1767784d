/// The constants of the automatic forecast. They were set by rolling backtests inside histories, never by
/// what came after them.
public struct PanelSettings: Hashable, Sendable {
  var effects = CalendarEffects.Settings()
  /// Independent horizons of evidence that the other series' experience counts for.
  var pooledEvidence = 3.0
  /// How sharply weights fall with a candidate's loss.
  var temperature = 0.3
  /// The same where demand is counted: there candidates differ less, and bias each their way.
  var countedTemperature = 0.15
  /// Share of the horizon's total in the loss, beside single steps.
  var totalShare = 0.2
  /// Most origins of a backtest.
  var origins = 40
  /// Half-life of the sample that count distributions are told from, in steps of a year's share.
  var sampleHalfLife = 0.5
  /// Width of the kernel over the logarithm of exposure.
  var exposureWidth = 0.25
  /// Share of the negative binomial in a count distribution, the rest is empirical.
  var binomialShare = 0.2
  /// How far the negative binomial is moved to the expected level.
  var binomialReleveling = 0.6
  /// How far the sample is moved to the expected level.
  var releveling = 0.5

  /// Effective events that an even year counts for against a series' own shape.
  var annualPrior = 5.0
  /// Effective events that an even year counts for against the shape of all.
  var annualPoolPrior = 30.0
  /// Effective events that count for forecasts being right on the whole.
  var driftPrior = 50.0
  /// How much of the past shortfall or excess is put right.
  var driftShare = 0.8
  /// Values that the others' dispersion counts for.
  var spreadPrior = 1.0
  /// Values of a history at which the negative binomial has half of what is left to the past.
  var sampleHalf = 30.0
  /// Whether quantiles of whole numbers are whole.
  var whole = 1.0
  /// How the scatter of errors grows with exposure.
  var errorPower = 0.7
  /// Errors that a quantile is taken from, those of neighbouring steps included.
  var errorPool = 140.0
  /// Steps of an own history that the category's level counts for.
  var categoryPrior = 7.0
  /// The only candidate used, for studies; −1 for all.
  var only = -1.0

  /// The settings that the study of the demand sets chose.
  public init() {}
}

extension PanelSettings {
  /// The constants that can be changed by name, for studies of their effect.
  static let tunables: [String: WritableKeyPath<PanelSettings, Double> & Sendable] = [
    "halfLife": \.effects.halfLife, "countedOwnPrior": \.effects.countedOwnPrior,
    "ownPrior": \.effects.ownPrior, "poolPrior": \.effects.poolPrior,
    "promotionPrior": \.effects.promotionPrior,
    "pooledEvidence": \.pooledEvidence, "temperature": \.temperature,
    "countedTemperature": \.countedTemperature, "totalShare": \.totalShare,
    "sampleHalfLife": \.sampleHalfLife, "exposureWidth": \.exposureWidth, "binomialShare": \.binomialShare,
    "annualPrior": \.annualPrior, "annualPoolPrior": \.annualPoolPrior, "driftPrior": \.driftPrior,
    "driftShare": \.driftShare, "errorPower": \.errorPower, "errorPool": \.errorPool,
    "binomialReleveling": \.binomialReleveling, "only": \.only, "spreadPrior": \.spreadPrior,
    "sampleHalf": \.sampleHalf, "whole": \.whole, "releveling": \.releveling,
  ]

  /// Changes a constant; false if there is none of that name.
  public mutating func set(_ name: String, _ value: Double) -> Bool {
    guard let path = PanelSettings.tunables[name] else { return false }
    self[keyPath: path] = value
    return true
  }
}
