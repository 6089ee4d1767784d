/// How the arguments of a call came.
enum GivenArguments {
  /// In their order and by name, as `execute_kw` and `call_kw` take them.
  case positional([Wire], WireRecord)
  /// By name alone with the ids apart, as JSON-2 takes them.
  case named(ids: [Int]?, WireRecord)
}

/// Runs a method of a model for a user who has signed in.
struct CallRunner {
  let world: OdooWorld
  var version: OdooVersion { world.version }

  func run(model: String, method name: String, _ given: GivenArguments, user: OdooUser) throws(OdooFault)
    -> Wire
  {
    let database = world.snapshot
    let isNamed = if case .named = given { true } else { false }
    guard database.tables[model] != nil else {
      throw isNamed
        ? OdooFault(.notFound, "the model '\(model)' does not exist")
        : OdooFault(.user, "Object \(model) doesn't exist")
    }
    if Methods.isPrivate(name, version: version) {
      let shown = version == .v16 ? name : "'\(model).\(name)'"
      throw OdooFault(.access, "Private methods (such as \(shown)) cannot be called remotely.")
    }
    guard let method = Methods.method(name, version: version) else {
      if version == .v16 {
        throw OdooFault(.attribute, "type object '\(model)' has no attribute '\(name)'")
      }
      throw OdooFault(isNamed ? .notFound : .attribute, "The method '\(model).\(name)' does not exist")
    }
    let bound = try bind(model, name, method, given)
    let context = try CallContext(bound.context, user: user, database: database)
    let query = Query(database, user: user, context: context)
    if user.hiddenModels.contains(model), name != "fields_get", name != "check_access_rights" {
      try query.checkReadable(model)
    }
    return try method.run(
      Call(
        model: model, method: name, ids: bound.ids, arguments: bound.arguments, query: query, world: world))
  }

  private func bind(
    _ model: String, _ name: String, _ method: Method, _ given: GivenArguments
  ) throws(OdooFault) -> (ids: [Int], arguments: [String: Wire], context: WireRecord?) {
    let parameters = method.parameters(version)
    var ids: [Int] = []
    var named: WireRecord
    var arguments: [String: Wire] = [:]
    switch given {
    case .positional(var positional, let keywords):
      named = keywords
      if method.takesIDs, !positional.isEmpty { ids = positional.removeFirst().ids ?? [] }
      if method.takesIDs, let given = named["ids"] {
        ids = given.ids ?? []
        named["ids"] = nil
      }
      guard positional.count <= parameters.count else {
        throw OdooFault(
          .type,
          "BaseModel.\(name)() takes \(parameters.count + 1) positional arguments but \(positional.count + 1) "
            + "were given")
      }
      for (parameter, value) in zip(parameters, positional) { arguments[parameter] = value }
    case .named(let given, let record):
      named = record
      if let given, !method.takesIDs, !given.isEmpty {
        throw OdooFault(.unprocessable, "cannot call \(model).\(name) with ids")
      }
      ids = given ?? []
    }
    let context = named["context"]?.record
    named["context"] = nil
    let isNamed = if case .named = given { true } else { false }
    for (key, value) in zip(named.keys, named.values) {
      guard parameters.contains(key) else {
        if isNamed {
          let missing = parameters.prefix(method.required).first { named[$0] == nil }
          throw OdooFault(
            .unprocessable,
            missing.map { "missing a required argument: '\($0)'" }
              ?? "got an unexpected keyword argument '\(key)'")
        }
        let inner = name == "search_read" ? (version == .v16 ? "read" : "_read_format") : name
        throw OdooFault(.type, "BaseModel.\(inner)() got an unexpected keyword argument '\(key)'")
      }
      arguments[key] = value
    }
    for parameter in parameters.prefix(method.required) where arguments[parameter] == nil {
      throw isNamed
        ? OdooFault(.unprocessable, "missing a required argument: '\(parameter)'")
        : OdooFault(
          .type, "BaseModel.\(name)() missing 1 required positional argument: '\(parameter)'")
    }
    return (ids, arguments, context)
  }
}
