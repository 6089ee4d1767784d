import ErpqBase

/// The records of one model, in the order of their ids.
struct ModelTable: Sendable {
  var model: ModelDeclaration
  private(set) var slots: [String: Int]
  private(set) var ids: [Int] = []
  private(set) var rows: [[OdooValue]] = []
  /// The id that the next record gets.
  private(set) var nextID = 1

  init(_ model: ModelDeclaration) {
    self.model = model
    let names = model.fields.map(\.name).filter { $0 != "id" }
    slots = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The place of a record.
  func place(of id: Int) -> Int? {
    let place = insertionPlace(of: id)
    return place < ids.count && ids[place] == id ? place : nil
  }

  /// The place of the first record whose id is not below this one.
  func lowerBound(_ id: Int) -> Int { insertionPlace(of: id) }

  private func insertionPlace(of id: Int) -> Int {
    if let last = ids.last, last < id { return ids.count }
    var low = 0
    var high = ids.count
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < id { low = middle + 1 } else { high = middle }
    }
    return low
  }

  mutating func insert(_ id: Int, _ row: [OdooValue]) {
    let place = insertionPlace(of: id)
    if place < ids.count, ids[place] == id {
      rows[place] = row
    } else {
      ids.insert(id, at: place)
      rows.insert(row, at: place)
    }
    nextID = max(nextID, id + 1)
  }

  mutating func takeID() -> Int {
    nextID += 1
    return nextID - 1
  }

  mutating func set(_ place: Int, _ slot: Int, _ value: OdooValue) { rows[place][slot] = value }

  @discardableResult
  mutating func remove(_ id: Int) -> Bool {
    guard let place = place(of: id) else { return false }
    ids.remove(at: place)
    rows.remove(at: place)
    return true
  }

  /// A row with these values and nothing else.
  func row(_ values: [String: OdooValue]) -> [OdooValue] {
    var row = [OdooValue](repeating: .empty, count: slots.count)
    for (name, value) in values {
      if let slot = slots[name] { row[slot] = value }
    }
    return row
  }
}

/// All records of a simulated server at one moment. Copies share their memory, so that each request works on
/// a picture of its own.
struct Database: Sendable {
  let version: OdooVersion
  var tables: [String: ModelTable] = [:]
  var users: [OdooUser] = []
  /// Names of the groups that may read a model, for the texts of errors.
  var accessGroups: [String: [String]] = [:]
  var languages: Set<String> = ["en_US"]

  init(version: OdooVersion, models: [String: ModelDeclaration]) {
    self.version = version
    for (name, model) in models { tables[name] = ModelTable(model) }
  }

  func user(_ id: Int) -> OdooUser? { users.first { $0.id == id } }
  func user(login: String) -> OdooUser? { users.first { $0.login == login } }
}

/// Someone who may sign in.
public struct OdooUser: Hashable, Sendable {
  /// Id of the record in `res.users`.
  public var id: Int
  /// What is typed to sign in.
  public var login: String
  /// Name as shown.
  public var name: String
  /// Opens the web session, and RPC unless a key is needed.
  public var password: String
  /// Open JSON-2, and RPC in the place of the password.
  public var apiKeys: [String]
  /// Companies whose records may be read; the first of `allowed_company_ids` counts as the current one.
  public var companies: [Int]
  /// The company without a context.
  public var company: Int
  /// Code of the language.
  public var language = "en_US"
  /// IANA name of the time zone; nil for none.
  public var timeZone: String?
  /// Whether all models may be read and written.
  public var isAdministrator: Bool
  /// Models that may not be read.
  public var hiddenModels: Set<String> = []
  /// Models of which only records with this user as `user_id` or `salesman_id` may be read.
  public var ownRecordsOnly: Set<String> = []
  /// With two-factor sign-in a password opens nothing but the web session; RPC needs a key.
  public var needsKeyForRPC = false

  /// A user who sees everything, unless said otherwise.
  public init(
    id: Int, login: String, name: String, password: String, apiKeys: [String] = [], companies: [Int] = [1],
    company: Int = 1, isAdministrator: Bool = true
  ) {
    self.id = id
    self.login = login
    self.name = name
    self.password = password
    self.apiKeys = apiKeys
    self.companies = companies
    self.company = company
    self.isAdministrator = isAdministrator
  }
}
