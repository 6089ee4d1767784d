import ErpqBase

/// How a file of sale lines is to be read.
public struct SalesImport: Sendable {
  /// What a column of the file is.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    case order, product, date, qty, price, customer, discount, currency, category, name, cost

    /// Whether a file without it cannot be loaded.
    public var isRequired: Bool { self == .product || self == .date || self == .qty }
  }

  /// The header of each role that the file has.
  public var map: [Role: String]
  /// ISO code of the company's currency; prices without a currency of their own are in it.
  public var currency: String
  /// IANA name of the company's time zone. Times of the file are local times of it unless they carry an
  /// offset.
  public var timeZone: String
  /// The company's name, if it is to be set.
  public var company: String?
  /// In which order dates are written.
  public var dateOrder: DatePartOrder = .yearFirst
  /// Units of each foreign currency for one of the company's, for files with a currency column.
  public var rates: [String: Double] = [:]
  /// Loads only lines of these days; the others are counted as left out.
  public var onlyDays: ClosedRange<CivilDate>?
  /// Today by the clock: later lines are loaded, but reported. Nil to take every day as it comes.
  public var clock: CivilDate?
  /// The name under which the load is kept, by which a later load takes its place; the file's name if nil.
  public var source: String?
  /// Where to write the lines that could not be loaded, with the reasons.
  public var rejectFile: String?

  /// An import.
  public init(map: [Role: String], currency: String, timeZone: String) {
    self.map = map
    self.currency = currency
    self.timeZone = timeZone
  }

  /// An import whose roles are words that a user wrote; an unknown role is an error with near ones.
  public init(map: [String: String], currency: String, timeZone: String) throws {
    var roles: [Role: String] = [:]
    for (word, header) in map.sorted(by: { $0.key < $1.key }) {
      guard let role = Role(rawValue: word) else {
        let near = nearest(to: word, among: Role.allCases.map(\.rawValue))
        throw WarehouseError(
          .badData, "A column of sale lines cannot be \"\(word)\".",
          advice: near.isEmpty
            ? "It can be \(Role.allCases.map(\.rawValue).joined(separator: ", "))."
            : "Did you mean \(near.joined(separator: ", "))?")
      }
      roles[role] = header
    }
    self.init(map: roles, currency: currency, timeZone: timeZone)
  }

  /// The roles that headers tell by their names, each header used once.
  public static func guess(headers: [String]) -> [Role: String] {
    var free = headers
    var map: [Role: String] = [:]
    for (role, names) in synonyms {
      for name in names {
        guard let i = free.firstIndex(where: { plain($0) == name }) else { continue }
        map[role] = free.remove(at: i)
        break
      }
    }
    return map
  }

  private static func plain(_ header: String) -> String {
    String(header.lowercased().filter { $0.isLetter || $0.isNumber })
  }

  /// Names in use in exports of shops and ERPs, letters and digits only, the surest first.
  private static let synonyms: [(Role, [String])] = [
    (
      .order,
      ["order", "orderid", "orderno", "ordernumber", "invoice", "invoiceno", "orderreference", "reference"]
    ),
    (
      .product,
      [
        "product", "productid", "sku", "stockcode", "productcode", "itemcode", "item", "itemid",
        "articlecode", "defaultcode",
      ]
    ),
    (.date, ["date", "orderdate", "dateorder", "invoicedate", "datetime", "day", "createdat"]),
    (.qty, ["qty", "quantity", "productuomqty", "units", "orderedqty", "amountordered"]),
    (.price, ["price", "unitprice", "priceunit", "salesprice"]),
    (.customer, ["customer", "customerid", "partner", "partnerid", "client", "customername"]),
    (.discount, ["discount", "discountpercent", "disc"]),
    (.currency, ["currency", "currencycode"]),
    (.category, ["category", "productcategory", "family", "department"]),
    (.name, ["name", "productname", "description", "itemname", "title"]),
    (.cost, ["cost", "unitcost", "standardprice", "costprice"]),
  ]
}

/// What became of the lines of a file.
public struct ImportSummary: Sendable {
  /// A line that could not be loaded.
  public struct Reject: Hashable, Sendable {
    /// Line of the file, counted from 1.
    public var line: Int
    /// Why, as a clause.
    public var reason: String
  }

  /// Lines read.
  public var read = 0
  /// Lines that are in the warehouse now.
  public var loaded = 0
  /// Lines that could not be loaded.
  public var rejected = 0
  /// The first thousand of them.
  public var rejects: [Reject] = []
  /// Lines outside the days that were asked for.
  public var leftOut = 0
  /// Lines that repeat an earlier one in everything; they are loaded.
  public var duplicates = 0
  /// Lines dated after today; they are loaded.
  public var future = 0
  /// Days between the first and the last line loaded, both included.
  public var days: ClosedRange<CivilDate>?
  /// Distinct products in the lines loaded.
  public var products = 0
  /// Those of them that no earlier load had.
  public var newProducts = 0
  /// Distinct customers in the lines loaded.
  public var customers = 0
  /// Distinct orders in the lines loaded.
  public var orders = 0
  /// What the user should know, in sentences.
  public var notes: [String] = []
  /// Time taken.
  public var seconds = 0.0
}

/// How far an import is.
public struct ImportProgress: Hashable, Sendable {
  /// What is being done.
  public enum Phase: String, Hashable, Sendable {
    case reading, checking, writing, indexing, done
  }

  /// What is being done.
  public var phase: Phase
  /// Lines done in this phase.
  public var done: Int
  /// Lines to do; 0 while unknown.
  public var total: Int
}
