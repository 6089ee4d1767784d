/// Which readings of the documents' formulas the analyses use.
public struct Settings: Hashable, Sendable {
  /// Demand of the next days.
  public var demand: DemandRule
  /// How quantities are forecast.
  public var forecast: ForecastChoice
  /// ABC and XYZ classes.
  public var segmentation: SegmentationRule
  /// Reorder points, actions and urgencies.
  public var replenishment: ReplenishmentRule
  /// Out of stock, low, adequate, overstocked.
  public var stockStatus: StockStatusRule
  /// Days out of the ordinary.
  public var anomalies: AnomalyRule

  /// The sound reading of each formula; the documents' numbers otherwise.
  public static let `default` = Settings(
    demand: DemandRule(), forecast: .auto(PanelSettings()), segmentation: SegmentationRule(),
    replenishment: ReplenishmentRule(),
    stockStatus: StockStatusRule(), anomalies: AnomalyRule())

  /// The documents' formulas to the letter.
  public static let erpconnect = Settings(
    demand: .erpconnect, forecast: .method(.poly2(Poly2Settings())), segmentation: .erpconnect,
    replenishment: .erpconnect,
    stockStatus: .erpconnect, anomalies: .erpconnect)
}
