import ErpqBase
import Synchronization

/// The records behind a simulated server, with what a user of the real one could do to them.
///
/// Every request sees one moment of it. What is changed here is stamped like on a real server: `write_date` is
/// the moment at which the transaction began.
public final class OdooWorld: Sendable {
  /// The release whose models these are.
  public let version: OdooVersion
  /// Name of the database.
  public let databaseName: String
  /// What stamps records.
  public let clock: OdooClock
  private let state: Mutex<Database>

  /// A world without records.
  public init(
    version: OdooVersion, database: String, models: [String: ModelDeclaration]? = nil,
    clock: OdooClock = OdooClock()
  ) {
    self.version = version
    self.databaseName = database
    self.clock = clock
    state = Mutex(Database(version: version, models: models ?? Declarations.models(version)))
  }

  /// A world over records that are there already.
  init(database records: Database, name: String, clock: OdooClock) {
    version = records.version
    databaseName = name
    self.clock = clock
    state = Mutex(records)
  }

  /// Puts everything back to what was true at a moment.
  public func restore(_ truth: OdooTruth) { state.withLock { $0 = truth.database } }

  /// What is true now, to compare a client's copy with.
  public var truth: OdooTruth { OdooTruth(database: snapshot) }

  var snapshot: Database { state.withLock { $0 } }

  func change<T: Sendable>(_ body: @Sendable (inout Database) throws(OdooFault) -> T) throws(OdooFault) -> T {
    let result: Result<T, OdooFault> = state.withLock { database in
      do throws(OdooFault) { return .success(try body(&database)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// Adds users who may sign in.
  public func add(_ users: [OdooUser]) { state.withLock { $0.users += users } }

  /// Changes a user: a new password, revoked keys, other rights.
  public func changeUser(_ login: String, _ change: @Sendable (inout OdooUser) -> Void) {
    state.withLock { database in
      for i in database.users.indices where database.users[i].login == login { change(&database.users[i]) }
    }
  }

  /// Names of groups that may read a model, as errors list them.
  public func setAccessGroups(_ groups: [String: [String]]) { state.withLock { $0.accessGroups = groups } }

  /// Puts a record in as it is, stamps included; one of the same id is replaced.
  public func load(_ model: String, id: Int, _ values: [String: OdooValue]) {
    state.withLock { database in
      guard let row = database.tables[model]?.row(values) else { return }
      database.tables[model]?.insert(id, row)
    }
  }

  /// Makes a record and gives back its id; 0 for a model that this version does not have.
  @discardableResult
  public func create(_ model: String, _ values: [String: OdooValue]) -> Int {
    var transaction = begin()
    let id = transaction.create(model, values)
    transaction.commit()
    return id
  }

  /// Changes fields of a record.
  public func update(_ model: String, id: Int, _ values: [String: OdooValue]) {
    var transaction = begin()
    transaction.update(model, id: id, values)
    transaction.commit()
  }

  /// Deletes a record and the lines that belong to it.
  public func delete(_ model: String, id: Int) {
    var transaction = begin()
    transaction.delete(model, id: id)
    transaction.commit()
  }

  /// Changes fields the way SQL by hand does: `write_date` stays.
  public func updateSilently(_ model: String, id: Int, _ values: [String: OdooValue]) {
    state.withLock { Changes.update(&$0, model, id, values, stamp: nil) }
  }

  /// Begins a transaction now. Nobody sees its records before `commit`, and then they carry the moment of its
  /// beginning: this is how a poll by `write_date` misses them.
  public func begin() -> Transaction { Transaction(world: self, stamp: clock.now) }

  /// Changes that become visible together.
  public struct Transaction: Sendable {
    private enum Operation: Sendable {
      case create(String, Int, [String: OdooValue])
      case update(String, Int, [String: OdooValue])
      case delete(String, Int)
    }

    let world: OdooWorld
    /// The moment that its records are stamped with.
    public let stamp: Instant
    private var operations: [Operation] = []

    init(world: OdooWorld, stamp: Instant) {
      self.world = world
      self.stamp = stamp
    }

    /// Makes a record; its id is taken at once, as from a sequence.
    @discardableResult
    public mutating func create(_ model: String, _ values: [String: OdooValue]) -> Int {
      guard let id = world.state.withLock({ $0.tables[model]?.takeID() }) else { return 0 }
      operations.append(.create(model, id, values))
      return id
    }

    /// Changes fields of a record.
    public mutating func update(_ model: String, id: Int, _ values: [String: OdooValue]) {
      operations.append(.update(model, id, values))
    }

    /// Deletes a record and the lines that belong to it.
    public mutating func delete(_ model: String, id: Int) { operations.append(.delete(model, id)) }

    /// Makes everything visible.
    public mutating func commit() {
      let stamp = stamp
      let operations = operations
      world.state.withLock { database in
        for operation in operations {
          switch operation {
          case .create(let model, let id, let values):
            Changes.create(&database, model, id, values, stamp: stamp)
          case .update(let model, let id, let values):
            Changes.update(&database, model, id, values, stamp: stamp)
          case .delete(let model, let id): Changes.delete(&database, model, id)
          }
        }
      }
      self.operations = []
    }

    /// Forgets everything, as a transaction that failed; the ids it took stay unused.
    public mutating func rollBack() { operations = [] }
  }
}

/// What a change of one record does to others.
enum Changes {
  static func create(
    _ database: inout Database, _ model: String, _ id: Int, _ values: [String: OdooValue], stamp: Instant
  ) {
    guard let table = database.tables[model] else { return }
    var values = values
    values["create_date"] = values["create_date"] ?? .moment(stamp)
    values["write_date"] = .moment(stamp)
    if let active = table.model["active"], active.kind == .boolean, values["active"] == nil {
      values["active"] = true
    }
    let row = table.row(values)
    database.tables[model]?.insert(id, row)
  }

  /// - Parameter stamp: the new `write_date`; nil leaves it.
  static func update(
    _ database: inout Database, _ model: String, _ id: Int, _ values: [String: OdooValue], stamp: Instant?
  ) {
    guard let table = database.tables[model], let place = table.place(of: id) else { return }
    for (name, value) in values {
      if let slot = table.slots[name] { database.tables[model]?.set(place, slot, value) }
    }
    guard let stamp else { return }
    if let slot = table.slots["write_date"] { database.tables[model]?.set(place, slot, .moment(stamp)) }
    touchDependents(&database, model, id, Set(values.keys), stamp)
  }

  /// Stored copies of a field move with it, and so does their `write_date`: of a line when its order is
  /// confirmed, but not when the order's date changes, of which lines keep no copy. In 19 a template takes its
  /// variants along.
  private static func touchDependents(
    _ database: inout Database, _ model: String, _ id: Int, _ changed: Set<String>, _ stamp: Instant
  ) {
    for (name, table) in database.tables.sorted(by: { $0.key < $1.key }) {
      for field in table.model.fields {
        guard let path = field.related?.split(separator: ".").map(String.init), path.count == 2,
          table.model[path[0]]?.relation == model, let link = table.slots[path[0]]
        else { continue }
        let isCopy = field.isStored && changed.contains(path[1])
        let isVariant = database.version == .v19 && model == "product.template" && name == "product.product"
        guard isCopy || isVariant, let stampSlot = table.slots["write_date"] else { continue }
        for place in table.ids.indices where table.rows[place][link] == .int(id) {
          if isCopy, let slot = table.slots[field.name] {
            let copy = value(database, model, id, path[1])
            database.tables[name]?.set(place, slot, copy)
          }
          database.tables[name]?.set(place, stampSlot, .moment(stamp))
        }
      }
    }
  }

  private static func value(_ database: Database, _ model: String, _ id: Int, _ field: String) -> OdooValue {
    guard let table = database.tables[model], let place = table.place(of: id), let slot = table.slots[field]
    else { return .empty }
    return table.rows[place][slot]
  }

  /// Deletes a record and those that cannot be without it.
  static func delete(_ database: inout Database, _ model: String, _ id: Int) {
    guard let table = database.tables[model] else { return }
    database.tables[model]?.remove(id)
    for field in table.model.fields where field.kind == .one2many {
      guard let relation = field.relation, let other = database.tables[relation] else { continue }
      let links = other.model.fields.filter {
        $0.kind == .many2one && $0.relation == model && ($0.isRequired || $0.name == field.inverse)
      }
      guard let link = links.first.flatMap({ other.slots[$0.name] }) else { continue }
      for place in other.ids.indices.reversed() where other.rows[place][link] == .int(id) {
        delete(&database, relation, other.ids[place])
      }
    }
  }
}

/// What is true on a simulated server at one moment.
public struct OdooTruth: Sendable {
  let database: Database

  /// Ids of all records of a model, archived ones included, in their order.
  public func ids(_ model: String) -> [Int] { database.tables[model]?.ids ?? [] }

  /// Number of records of a model.
  public func count(_ model: String) -> Int { ids(model).count }

  /// A field of a record; empty for what does not exist, found along the path for related fields.
  public func value(_ model: String, id: Int, _ field: String) -> OdooValue {
    guard let place = database.tables[model]?.place(of: id), let query else { return .empty }
    return query.accessor(model, field)?.value(at: place) ?? .empty
  }

  /// A field of all records of a model, in the order of their ids.
  public func column(_ model: String, _ field: String) -> [OdooValue] {
    guard let query, let accessor = query.accessor(model, field) else { return [] }
    return accessor.table.ids.indices.map { accessor.value(at: $0) }
  }

  private var query: Query? {
    let user =
      database.users.first { $0.isAdministrator }
      ?? OdooUser(id: 1, login: "", name: "", password: "", companies: [1])
    guard let context = try? CallContext(nil, user: user, database: database) else { return nil }
    return Query(database, user: user, context: context)
  }
}
