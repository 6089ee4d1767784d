import ErpqBase
import GRDB

/// What names can be looked up for.
public enum NameKind: String, Hashable, Sendable, CaseIterable {
  case product, customer, supplier, category, warehouse
}
struct NameList: Sendable {}
