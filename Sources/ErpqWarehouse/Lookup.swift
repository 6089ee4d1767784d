import ErpqBase
import GRDB

/// What names can be looked up for.
public enum NameKind: String, Hashable, Sendable, CaseIterable {
  case product, customer, supplier, category, warehouse
}

/// Something that has a name: a product, a customer and so on.
public struct NameMatch: Hashable, Sendable {
  /// By what the text found it.
  public enum Rule: String, Hashable, Sendable {
    case id, code, name, prefix, contains, similar
  }

  /// The id.
  public var id: Int64
  /// A product's code; nil for the other kinds and for products without one.
  public var code: String?
  /// The name.
  public var name: String
  /// False for archived products.
  public var isActive: Bool
  /// By what the text found it.
  public var rule: Rule
}

/// What a text may stand for.
public struct NameLookup: Hashable, Sendable {
  /// What the text names exactly: by id, else by code, else by name without regard to case. More than one
  /// means that the text is ambiguous.
  public var exact: [NameMatch]
  /// Where nothing fits exactly: names that begin with the text, else contain it, else look like it; at most
  /// ten.
  public var candidates: [NameMatch]

  /// The one that is meant, if there is exactly one.
  public var unique: NameMatch? { exact.count == 1 ? exact[0] : nil }
}

/// All names of a kind, in the order of their ids.
struct NameList: Sendable {
  var ids: [Int64] = []
  var codes: [String?] = []
  var names: [String] = []
  var lowerCodes: [String?] = []
  var lowerNames: [String] = []
  var active: [Bool] = []

  init(_ kind: NameKind, on database: Database) throws {
    let columns =
      switch kind {
      case .product: "product, sku, name, active FROM products ORDER BY product"
      case .customer:
        "customer, NULL, coalesce(name, CAST(customer AS TEXT)), 1 FROM customers ORDER BY customer"
      case .supplier: "id, NULL, name, 1 FROM suppliers ORDER BY id"
      case .category: "id, NULL, name, 1 FROM categories ORDER BY id"
      case .warehouse: "id, NULL, name, 1 FROM warehouses ORDER BY id"
      }
    let rows = try Row.fetchCursor(database, sql: "SELECT \(columns)")
    while let row = try rows.next() {
      let code: String? = row[1]
      let name: String = row[2]
      ids.append(row[0])
      codes.append(code)
      names.append(name)
      lowerCodes.append(code?.lowercased())
      lowerNames.append(name.lowercased())
      active.append(row[3])
    }
  }

  func match(_ i: Int, _ rule: NameMatch.Rule) -> NameMatch {
    NameMatch(id: ids[i], code: codes[i], name: names[i], isActive: active[i], rule: rule)
  }

  func lookup(_ text: String) -> NameLookup {
    let wanted = trimmed(text).lowercased()
    guard !wanted.isEmpty else { return NameLookup(exact: [], candidates: []) }
    if let number = Int64(wanted), let i = ids.firstIndex(of: number) {
      return NameLookup(exact: [match(i, .id)], candidates: [])
    }
    for (list, rule) in [(lowerCodes, NameMatch.Rule.code), (lowerNames, .name)] {
      let found = list.indices.filter { list[$0] == wanted }
      if !found.isEmpty { return NameLookup(exact: found.map { match($0, rule) }, candidates: []) }
    }
    let tests: [(NameMatch.Rule, (String) -> Bool)] = [
      (.prefix, { $0.hasPrefix(wanted) }), (.contains, { $0.contains(wanted) }),
    ]
    for (rule, test) in tests {
      let found = names.indices.filter { test(lowerNames[$0]) || lowerCodes[$0].map(test) == true }
      if !found.isEmpty { return NameLookup(exact: [], candidates: found.prefix(10).map { match($0, rule) }) }
    }
    var similar: [NameMatch] = []
    for name in nearest(to: text, among: names + codes.compactMap(\.self)) {
      for i in names.indices where names[i] == name || codes[i] == name { similar.append(match(i, .similar)) }
    }
    return NameLookup(exact: [], candidates: Array(similar.prefix(10)))
  }

  func completing(_ prefix: String, limit: Int) -> [NameMatch] {
    let wanted = prefix.lowercased()
    let isNumber = !wanted.isEmpty && wanted.utf8.allSatisfy { (48...57).contains($0) }
    let pattern = Array(wanted.utf8)
    var (byName, byCode, byWord): ([Int], [Int], [Int]) = ([], [], [])
    for i in names.indices {
      if wanted.isEmpty || lowerNames[i].hasPrefix(wanted) {
        byName.append(i)
      } else if lowerCodes[i]?.hasPrefix(wanted) == true || (isNumber && String(ids[i]).hasPrefix(wanted)) {
        byCode.append(i)
      } else if NameList.hasWord(lowerNames[i], pattern) {
        byWord.append(i)
      }
    }
    var result: [NameMatch] = []
    for (indices, rule) in [(byName, NameMatch.Rule.prefix), (byCode, .code), (byWord, .contains)] {
      if result.count >= limit { break }
      let ordered = indices.sorted {
        lowerNames[$0] == lowerNames[$1] ? $0 < $1 : lowerNames[$0] < lowerNames[$1]
      }
      result += ordered.prefix(max(0, limit) - result.count).map { match($0, rule) }
    }
    return result
  }

  /// Whether a later word of a text, behind a blank or a slash, begins so.
  private static func hasWord(_ text: String, _ pattern: [UInt8]) -> Bool {
    text.utf8.withContiguousStorageIfAvailable { bytes in
      guard bytes.count > pattern.count else { return false }
      for i in 0..<(bytes.count - pattern.count) where bytes[i] == 0x20 || bytes[i] == 0x2F {
        if bytes[(i + 1)..<(i + 1 + pattern.count)].elementsEqual(pattern) { return true }
      }
      return false
    } ?? false
  }
}

extension Warehouse {
  /// What `text` may stand for among the things of a kind, archived ones included.
  public func lookup(_ kind: NameKind, _ text: String) throws -> NameLookup {
    try taped(kind, text) { try nameList(kind).lookup(text) }
  }

  /// Names and codes that begin with `prefix`, then names with a word that does; for completion.
  public func names(of kind: NameKind, prefix: String = "", limit: Int = 50) throws -> [NameMatch] {
    if tape?.mode == .answering { return [] }
    return try nameList(kind).completing(prefix, limit: limit)
  }

  private func nameList(_ kind: NameKind) throws -> NameList {
    try read { database in
      let version = try Warehouse.version(database)
      let cached = cachedNames.withLock { $0.version == version ? $0.lists[kind] : nil }
      if let cached { return cached }
      let list = try NameList(kind, on: database)
      cachedNames.withLock { cache in
        if cache.version != version { cache = (version, [:]) }
        cache.lists[kind] = list
      }
      return list
    }
  }
}
