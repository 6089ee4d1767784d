/// The standard library's files, embedded in the binary.
public enum StandardLibrary {
  /// Name and text of each file, in the order they are read.
  public static let files: [(name: String, text: String)] = [
    ("stdlib/core.erpq", text(PackageResources.core_erpq)),
    ("stdlib/kpi/sales.erpq", text(PackageResources.sales_erpq)),
    ("stdlib/kpi/inventory.erpq", text(PackageResources.inventory_erpq)),
    ("stdlib/kpi/service.erpq", text(PackageResources.service_erpq)),
    ("stdlib/kpi/purchasing.erpq", text(PackageResources.purchasing_erpq)),
    ("stdlib/kpi/finance.erpq", text(PackageResources.finance_erpq)),
    ("stdlib/kpi/customers.erpq", text(PackageResources.customers_erpq)),
    ("stdlib/kpi/forecasting.erpq", text(PackageResources.forecasting_erpq)),
    ("stdlib/kpi/quality.erpq", text(PackageResources.quality_erpq)),
    ("stdlib/kpi/documents.erpq", text(PackageResources.documents_erpq)),
  ]

  /// Name and text of each dashboard.
  public static let dashboards: [(name: String, text: String)] = [
    ("overview", text(PackageResources.overview_erpq_md)), ("cfo", text(PackageResources.cfo_erpq_md)),
    ("sales", text(PackageResources.sales_erpq_md)), ("warehouse", text(PackageResources.warehouse_erpq_md)),
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
