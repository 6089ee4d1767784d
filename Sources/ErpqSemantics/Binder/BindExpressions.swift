import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

extension Binder {
  /// Binds an expression. What cannot be bound is reported and becomes the unknown constant.
  mutating func bind(_ e: Expr, scope: Scope) -> Expression {
    switch e.kind {
    case .error: return .broken
    case .bool(let b): return .constant(.bool(b), .bool)
    case .null: return .constant(.null, .null)
    case .today: return .constant(.date(host.today), .date)
    case .now: return .constant(.datetime(host.now), .datetime)
    case .int(let i): return .constant(.int(i), .int)
    case .float(let d): return .constant(.number(d), .number)
    case .percent(let p): return .constant(.percent(p), .percent)
    case .duration(let d): return .constant(.duration(d), .duration(d.family))
    case .money(let d, let c): return .constant(.money(d, c), .money(c))
    case .date(let d): return .constant(.date(d), .date)
    case .period(let p): return .constant(.period(p), .period(p.unit))
    case .string(let s): return .constant(.text(s), .text)
    case .interpolated(let parts): return interpolate(parts, scope)
    case .variable(let name): return variable(name, e.span, scope)
    case .path(let path): return column(path, scope)
    case .call(let call): return bind(call, span: e.span, scope: scope)
    case .list(let items): return list(items, scope)
    case .group(let inner): return bind(inner, scope: scope)
    case .query(let query):
      let bound = bind(query, scope: scope.withoutRows)
      if let type = bound.scalarType, case .value(let value) = bound.source { _ = type; return value }
      if !bound.isBroken { report(.notAValue("this query", e.span)) }
      return .broken
    case .negate(let inner): return negate(inner, e.span, scope)
    case .not(let inner):
      let operand = condition(inner, place: "`not`", scope: scope)
      return make(Operators.not, [operand], .bool)
    case .isNull(let inner, let negated):
      return make(negated ? Operators.isNotNull : Operators.isNull, [bind(inner, scope: scope)], .bool)
    case .between(let value, let low, let high, let negated):
      return between(value, low, high, negated, e.span, scope)
    case .conditional(let test, let yes, let no): return conditional(test, yes, no, e.span, scope)
    case .binary(let op, let opSpan, let left, let right):
      return binary(op, opSpan, left, right, e.span, scope)
    }
  }

  /// A call of a kernel, computed at once when all operands are known.
  func make(_ kernel: ScalarKernel, _ arguments: [Expression], _ type: ValueType) -> Expression {
    if arguments.contains(where: \.isBroken) { return .broken }
    let call = Expression.call(kernel, arguments, type)
    let known = arguments.allSatisfy { if case .constant = $0 { true } else { false } }
    if known, let value = try? Evaluator.constant(call, variables: [:]) { return .constant(value, type) }
    return call
  }

  /// Binds something that has to be true or false.
  mutating func condition(_ e: Expr, place: String, scope: Scope) -> Expression {
    let bound = bind(e, scope: scope)
    switch bound.type {
    case .bool, .unknown, .null: return bound
    default:
      report(.notACondition(place, found: bound.type.spoken, e.span))
      return .broken
    }
  }

  // MARK: Names

  private mutating func variable(_ name: String, _ span: SourceSpan, _ scope: Scope) -> Expression {
    if let formal = scope.formals[name] { return formal }
    if scope.tables[name] != nil {
      report(.notAValue("`$\(name)`", span))
      return .broken
    }
    if name == "_" {
      report(environment.isInteractive ? .notAValue("`$_`", span) : lastResultInScript(span))
      return .broken
    }
    switch environment.variables[modulePrefix + name] ?? environment.variables[name] {
    case .value(let type, let value?): return .constant(value, value.isNull ? .null : type)
    case .value(let type, nil): return .variable(modulePrefix + name, type)
    case .table(let schema):
      if !(schema.isOpen && schema.fields.isEmpty) { report(.notAValue("`$\(name)`", span)) }
      return .broken
    case nil:
      var diagnostic = unknownVariable(name, span, schema: scope.hasRows ? scope.schema : nil)
      if !scope.formals.isEmpty {
        let near = nearest(to: name, among: scope.formals.keys.sorted())
        if let first = near.first {
          diagnostic.label = "did you mean `$\(first)`?"
          diagnostic.fixes = [.replace(span, with: "$" + first)]
        }
      }
      report(diagnostic)
      return .broken
    }
  }

  func lastResultInScript(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .lastResultInScript, "`$_`, the last result, exists only at the prompt", at: span,
      label: "name the result with `let` and use that")
  }

  private mutating func column(_ path: Path, _ scope: Scope) -> Expression {
    let name = path.text
    if scope.wordsAllowed, path.names.count == 1 { return .constant(.text(name), .text) }
    if let right = scope.right, path.names.count == 2, ["left", "right"].contains(path.names[0].text) {
      let schema = path.names[0].text == "left" ? scope.schema : right
      let column = path.names[1].text
      if let field = schema[column] { return .column(path.names[0].text + "." + column, field.type) }
      if schema.isOpen { return .column(path.names[0].text + "." + column, .unknown) }
      report(unknownColumn(path.names[1], in: schema, scope))
      return .broken
    }
    guard scope.hasRows else {
      let isVariable = environment.variables[name] != nil || scope.formals[name] != nil
      if isVariable {
        report(.unknownColumn(name, path.span, near: [], columns: [], quoted: false, isVariable: true))
      } else {
        report(
          Diagnostic(
            .unknownColumn, "there are no rows here for a column `\(name)`", at: path.span,
            label: "a text stands in quotes, a variable has a `$`",
            fixes: [.replace(path.span, with: "\"\(name)\"")]))
      }
      return .broken
    }
    if let field = scope.schema[name] { return .column(name, field.type) }
    if path.names.count >= 2, let navigated = navigate(path, scope) { return navigated }
    if scope.schema.isOpen { return .column(name, .unknown) }
    report(unknownColumn(Name(text: name, span: path.span, isQuoted: false), in: scope.schema, scope))
    return .broken
  }

  func unknownColumn(_ name: Name, in schema: Schema, _ scope: Scope? = nil, quoted: Bool = false)
    -> Diagnostic
  {
    let isVariable = environment.variables[name.text] != nil || scope?.formals[name.text] != nil
    let visible = schema.names.filter { !$0.contains(".") }
    var diagnostic = Diagnostic.unknownColumn(
      name.text, name.span, near: nearest(to: name.text, among: visible), columns: visible, quoted: quoted,
      isVariable: isVariable)
    if !quoted, !isVariable, catalog.function(name.text) != nil {
      diagnostic.label = "`\(name.text)` is a function: write `\(name.text)(…)`"
      diagnostic.fixes =
        catalog.function(name.text)?.parameters.first?.defaultValue == nil
        ? [] : [.replace(name.span, with: name.text + "()")]
    }
    return diagnostic
  }

  /// `product.category`: a column of the relation that the key leads to. The stage is given a lookup before it.
  private mutating func navigate(_ path: Path, _ scope: Scope) -> Expression? {
    let key = path.names[0].text
    guard scope.schema.index(of: key) != nil, let relation = catalog.keys[key],
      let command = catalog.command(relation),
      let target = try? command.output(BoundArguments(), host)
    else { return nil }
    let column = path.names.dropFirst().map(\.text).joined(separator: ".")
    guard let field = target[column] else {
      let name = Name(text: column, span: path.names[1].span, isQuoted: false)
      report(unknownColumn(name, in: target))
      return .broken
    }
    let hidden = key + "." + column
    if !pendingLookups.contains(where: { $0.as == hidden }) {
      pendingLookups.append((key, command, column, hidden))
    }
    return .column(hidden, field.type)
  }

  private mutating func list(_ items: [Expr], _ scope: Scope) -> Expression {
    var type = ValueType.unknown
    var bound: [Expression] = []
    for item in items {
      let e = bind(item, scope: scope)
      bound.append(e)
      if e.isBroken { return .broken }
      if type == .unknown {
        type = e.type
      } else if let common = TypeRules.common(type, e.type) {
        type = common
      } else {
        report(
          Diagnostic(
            .typeClash, "a list holds values of one kind, and this is \(e.type.spoken)", at: item.span,
            label: "\(type.spoken) is expected, like the first"))
        return .broken
      }
    }
    var values: [Value] = []
    for e in bound {
      guard case .constant(let v, _) = e else {
        return .call(ListKernels.make, bound, .list(type))
      }
      if type == .number, case .int(let i) = v { values.append(.number(Double(i))) } else { values.append(v) }
    }
    return .constant(.list(values), .list(type))
  }

  private mutating func interpolate(_ parts: [StringPart], _ scope: Scope) -> Expression {
    var result: Expression?
    for part in parts {
      let piece: Expression
      switch part {
      case .text(let s): piece = .constant(.text(s), .text)
      case .hole(let e):
        let value = bind(e, scope: scope)
        if value.isBroken { return .broken }
        let text = value.type == .text ? value : make(Operators.convert, [value], .text)
        piece = make(Operators.coalesce, [text, .constant(.text(""), .text)], .text)
      }
      result = result.map { make(Operators.add, [$0, piece], .text) } ?? piece
    }
    return result ?? .constant(.text(""), .text)
  }

  // MARK: Operators

  private mutating func negate(_ inner: Expr, _ span: SourceSpan, _ scope: Scope) -> Expression {
    let operand = bind(inner, scope: scope)
    if operand.isBroken { return operand }
    switch operand.type {
    case .int, .number, .percent, .money, .quantity, .duration, .null:
      return make(Operators.negate, [operand], operand.type)
    case .unknown: return make(Operators.negate, [operand], .unknown)
    default:
      report(
        Diagnostic(
          .typeClash, "`-` needs a number, and this is \(operand.type.spoken)", at: span,
          label: "a number is expected"))
      return .broken
    }
  }

  private mutating func conditional(_ test: Expr, _ yes: Expr, _ no: Expr, _ span: SourceSpan, _ scope: Scope)
    -> Expression
  {
    let c = condition(test, place: "`if`", scope: scope)
    var a = bind(yes, scope: scope)
    var b = bind(no, scope: scope)
    if c.isBroken || a.isBroken || b.isBroken { return .broken }
    takeUnits(&a, yes, &b, no, op: "if")
    guard let type = TypeRules.common(a.type, b.type) else {
      report(
        Diagnostic(
          .typeClash, "the two branches of `if` differ: \(a.type.spoken) and \(b.type.spoken)", at: span,
          label: "both have to be of one kind"))
      return .broken
    }
    return make(Operators.ifElse, [c, convert(a, to: type), convert(b, to: type)], type)
  }

  private mutating func between(
    _ value: Expr, _ low: Expr, _ high: Expr, _ negated: Bool, _ span: SourceSpan, _ scope: Scope
  ) -> Expression {
    let lower = compare(.greaterOrEqual, value, low, span, scope)
    let upper = compare(.lessOrEqual, value, high, span, scope)
    let both = make(Operators.and, [lower, upper], .bool)
    return negated ? make(Operators.not, [both], .bool) : both
  }

  private mutating func binary(
    _ op: BinaryOperator, _ opSpan: SourceSpan, _ left: Expr, _ right: Expr, _ span: SourceSpan,
    _ scope: Scope
  ) -> Expression {
    switch op {
    case .and, .or:
      let place = "`\(op.rawValue)`"
      let a = condition(left, place: place, scope: scope)
      if case .string = right.unwrapped.kind,
        case .binary(.equal, _, let value, let first) = left.unwrapped.kind
      {
        let list =
          source.slice(value.span) + " in [" + source.slice(first.span) + ", " + source.slice(right.span)
          + "]"
        report(
          Diagnostic(
            .typeClash, "\(place) needs a condition on both sides, and this is a text", at: right.span,
            label: "one of several values: `… in [a, b]`",
            fixes: op == .or ? [.replace(span, with: list)] : []))
        return .broken
      }
      let b = condition(right, place: place, scope: scope)
      return make(op == .and ? Operators.and : Operators.or, [a, b], .bool)
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
      return compare(op, left, right, span, scope)
    case .isIn, .notIn:
      let member = membership(left, right, span, scope)
      return op == .notIn ? make(Operators.not, [member], .bool) : member
    case .like, .notLike, .contains, .notContains, .matches, .notMatches:
      return textTest(op, left, right, span, scope)
    case .range: return range(left, right, span, scope)
    case .coalesce: return coalesce(left, right, span, scope)
    case .add, .subtract, .multiply, .divide, .modulo: return arithmetic(op, left, right, span, scope)
    }
  }

  private mutating func arithmetic(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope
  ) -> Expression {
    if let fix = quotedCode(op, left, right, span, scope) {
      report(fix)
      return .broken
    }
    var a = bind(left, scope: scope)
    var b = bind(right, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    if op == .add || op == .subtract { takeUnits(&a, left, &b, right, op: op.rawValue) }
    if a.isBroken || b.isBroken { return .broken }
    let outcome: TypeOutcome
    let kernel: ScalarKernel
    switch op {
    case .add: (outcome, kernel) = (TypeRules.sum(a.type, b.type, subtract: false), Operators.add)
    case .subtract: (outcome, kernel) = (TypeRules.sum(a.type, b.type, subtract: true), Operators.subtract)
    case .multiply: (outcome, kernel) = (TypeRules.product(a.type, b.type), Operators.multiply)
    case .divide: (outcome, kernel) = (TypeRules.quotient(a.type, b.type), Operators.divide)
    default:
      kernel = Operators.modulo
      let fitting: Set<ValueType> = [.int, .number, .unknown, .null]
      let plain = fitting.contains(a.type) && fitting.contains(b.type)
      outcome = plain ? .type(a.type == .int && b.type == .int ? .int : .number) : .clash
    }
    switch outcome {
    case .type(let type):
      if (op == .add || op == .subtract), a.type.isPlain != b.type.isPlain || !a.type.isNumeric {
        return make(kernel, [a, b], type)
      }
      return make(kernel, [a, b], type)
    case .units(let x, let y):
      report(.unitClash(op.rawValue, x, y, span))
    case .clash:
      report(clash(op.rawValue, a, left, b, right, span))
    }
    return .broken
  }

  /// `E-COM07`: names joined by a tight minus that are no columns were meant as one text.
  private func quotedCode(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope
  ) -> Diagnostic? {
    guard op == .subtract, let x = left.bareName, let y = right.bareName, x.span.end + 1 == y.span.start,
      !x.isQuoted, !y.isQuoted, scope.schema.index(of: x.text) == nil || !scope.hasRows,
      scope.schema.index(of: y.text) == nil || !scope.hasRows, !(scope.schema.isOpen && scope.hasRows)
    else { return nil }
    let text = source.slice(span)
    return Diagnostic(
      .unknownColumn, "`\(text)` is read as a subtraction of two columns", at: span,
      label: "a code stands in quotes",
      fixes: [.replace(span, with: "\"\(text)\"")])
  }

  func clash(_ op: String, _ a: Expression, _ left: Expr, _ b: Expression, _ right: Expr, _ span: SourceSpan)
    -> Diagnostic
  {
    var fixes: [Fix] = []
    var notes: [String] = []
    let sides = [(a, left, b), (b, right, a)]
    for (one, written, other) in sides {
      // A text beside a number: quotes, or a conversion.
      if one.type == .int, other.type == .text, case .constant = one {
        fixes.append(.replace(written.span, with: "\"\(source.slice(written.span))\""))
      }
      if one.type == .text, other.type == .int || other.type == .number,
        case .constant(.text(let s), _) = one, Double(s) != nil
      {
        fixes.append(.replace(written.span, with: s))
      }
      // `customer = "Acme"`: the key is an id, and its relation has the name.
      if one.type == .int, other.type == .text, case .column(let key, _) = one,
        let relation = catalog.keys[key],
        let target = try? catalog.command(relation)?.output(BoundArguments(), host),
        target["name"]?.type == .text
      {
        notes.append("`\(key)` is an id; its name is `\(key).name`")
        fixes.append(.replace(written.span, with: key + ".name"))
      }
      let isDate = one.type == .date || one.type == .datetime
      if isDate, case .constant(.int(let n), _) = other, op == "+" || op == "-" {
        let place = other.type == b.type && a.type == one.type ? right : left
        fixes.append(.replace(place.span, with: "\(n)d", "write `\(n)d` for days"))
      }
      if isDate, case .period = other.type {
        notes.append("a day lies in a period: write `in` instead of `\(op)`")
      }
      if isDate, other.type == .text {
        notes.append("a date is written without quotes: 2026-01-31")
        let place = other.type == b.type && a.type == one.type ? right : left
        if case .constant(.text(let s), _) = other, CivilDate(iso: s) != nil {
          fixes.append(.replace(place.span, with: s))
        }
      }
      if case .money(nil) = one.type, case .number = other.type {
        notes.append("a column without a unit takes none; `money(x, \"EUR\")` gives it one")
      }
    }
    if op == "+", a.type == .text || b.type == .text {
      notes.append("to put values into a text write \"… {name} …\"")
    }
    return .operatorClash(op, a.type.spoken, b.type.spoken, span, fixes: fixes, notes: notes)
  }

  // MARK: Comparisons

  private mutating func compare(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope
  ) -> Expression {
    if case .null = right.unwrapped.kind {
      let negated = op == .notEqual
      let text = source.slice(left.span) + (negated ? " is not null" : " is null")
      report(.comparesWithNull(span, negated: negated, fix: .replace(span, with: text)))
      return .broken
    }
    if let slip = unquotedText(left, right, scope) ?? unquotedText(right, left, scope) {
      report(slip)
      return .broken
    }
    if let slip = quotedCode(left, right, scope) {
      report(slip)
      return .broken
    }
    var a = bind(left, scope: scope)
    var b = bind(right, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    takeUnits(&a, left, &b, right, op: op.rawValue)
    if a.isBroken || b.isBroken { return .broken }
    switch TypeRules.comparable(a.type, b.type) {
    case .type:
      let ordered = op != .equal && op != .notEqual
      if ordered, a.type == .bool, b.type == .bool {
        report(clash(op.rawValue, a, left, b, right, span))
        return .broken
      }
      let kernel: ScalarKernel =
        switch op {
        case .equal: Operators.equal
        case .notEqual: Operators.notEqual
        case .less: Operators.less
        case .lessOrEqual: Operators.lessOrEqual
        case .greater: Operators.greater
        default: Operators.greaterOrEqual
        }
      return make(kernel, [a, b], .bool)
    case .units(let x, let y): report(.unitClash(op.rawValue, x, y, span))
    case .clash: report(clash(op.rawValue, a, left, b, right, span))
    }
    return .broken
  }

  /// `sku = E-COM07`.
  private func quotedCode(_ left: Expr, _ right: Expr, _ scope: Scope) -> Diagnostic? {
    guard case .binary(.subtract, _, let x, let y) = right.kind else { return nil }
    return quotedCode(.subtract, x, y, right.span, scope)
  }

  /// `abc = A`: a word that is no column, beside a text.
  private func unquotedText(_ text: Expr, _ word: Expr, _ scope: Scope) -> Diagnostic? {
    guard scope.hasRows, !scope.schema.isOpen, let name = word.bareName,
      scope.schema.index(of: name.text) == nil,
      case .path(let path) = text.kind, let field = scope.schema[path.text], field.type == .text,
      environment.variables[name.text] == nil
    else { return nil }
    return unknownColumn(name, in: scope.schema, scope, quoted: true)
  }

  private mutating func membership(_ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope)
    -> Expression
  {
    if case .binary(.range, _, let low, let high) = right.unwrapped.kind {
      return between(left, low, high, false, span, scope)
    }
    if case .list(let items) = right.unwrapped.kind {
      // Words in the list that are no columns were meant as texts.
      for item in items {
        if let slip = unquotedText(left, item, scope) {
          report(slip)
          return .broken
        }
      }
      let a = bind(left, scope: scope)
      if a.isBroken { return .broken }
      var bound: [Expression] = []
      for item in items {
        var one = a
        var b = bind(item, scope: scope)
        if b.isBroken { return .broken }
        takeUnits(&one, left, &b, item, op: "=")
        switch TypeRules.comparable(a.type, b.type) {
        case .type: bound.append(b)
        case .units(let x, let y):
          report(.unitClash("=", x, y, item.span))
          return .broken
        case .clash:
          report(clash("=", a, left, b, item, item.span))
          return .broken
        }
      }
      var values: [Value] = []
      for b in bound { if case .constant(let v, _) = b { values.append(v) } }
      if values.count == bound.count {
        return make(Operators.isIn, [a, .constant(.list(values), .list(a.type))], .bool)
      }
      return make(Operators.isIn, [a, .call(ListKernels.make, bound, .list(a.type))], .bool)
    }
    let a = bind(left, scope: scope)
    let b = bind(right, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    switch (a.type, b.type) {
    case (_, .list(let element)):
      if case .clash = TypeRules.comparable(a.type, element) {
        report(clash("=", a, left, .constant(.null, element), right, span))
        return .broken
      }
      return make(Operators.isIn, [a, b], .bool)
    case (.date, .period), (.datetime, .period), (.period, .period), (.unknown, _), (_, .unknown):
      return make(Operators.isIn, [a, b], .bool)
    default:
      report(
        Diagnostic(
          .typeClash, "`in` needs a list, a range or a period, and this is \(b.type.spoken)", at: right.span,
          label: "write `[a, b]`, `1..10` or `2026-03`"))
      return .broken
    }
  }

  private mutating func textTest(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope
  ) -> Expression {
    let a = bind(left, scope: scope)
    let b = bind(right, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    let isContains = op == .contains || op == .notContains
    let word = isContains ? "contains" : (op == .like || op == .notLike ? "like" : "matches")
    var leftFits = [.text, .unknown, .null].contains(a.type)
    if isContains, case .list = a.type { leftFits = true }
    if !leftFits {
      report(
        .wrongType(
          "`\(word)`", wanted: isContains ? "a text or a list on its left" : "a text on its left",
          found: a.type.spoken, left.span))
      return .broken
    }
    if a.type == .text, ![.text, .unknown, .null].contains(b.type) {
      report(
        .wrongType(
          "`\(word)`", wanted: "a text on its right", found: b.type.spoken, right.span,
          fixes: [.replace(right.span, with: "\"\(source.slice(right.span))\"")]))
      return .broken
    }
    let kernel = isContains ? Operators.contains : (word == "like" ? Operators.like : Operators.matches)
    let test = make(kernel, [a, b], .bool)
    return [.notLike, .notContains, .notMatches].contains(op) ? make(Operators.not, [test], .bool) : test
  }

  private mutating func range(_ low: Expr, _ high: Expr, _ span: SourceSpan, _ scope: Scope) -> Expression {
    let a = bind(low, scope: scope)
    let b = bind(high, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    guard case .constant(let x, _) = a, case .constant(let y, _) = b else {
      // The ends may become known only when the script runs, or when a definition is used.
      if a.isConstant, b.isConstant, [.int, .unknown].contains(a.type), [.int, .unknown].contains(b.type),
        let range = catalog.function("range"), case .scalar(let kernel) = range.kind
      {
        return .call(kernel, [a, b, .constant(.int(1), .int)], .list(.int))
      }
      report(.notConstant("a range", span))
      return .broken
    }
    guard case .int(let from) = x, case .int(let to) = y else {
      report(
        Diagnostic(
          .typeClash, "a range of \(a.type.spoken) has no steps by itself", at: span,
          label: "it can stand after `in`, or in `whatif … step …`"))
      return .broken
    }
    guard to >= from, to - from < 10_000_000 else {
      report(
        Diagnostic(
          .outOfRange,
          to < from ? "this range runs backwards" : "this range has more than ten million values", at: span,
          label: "the smaller number comes first"))
      return .broken
    }
    return .constant(.list((from...to).map { .int($0) }), .list(.int))
  }

  private mutating func coalesce(_ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope)
    -> Expression
  {
    var a = bind(left, scope: scope)
    var b = bind(right, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    takeUnits(&a, left, &b, right, op: "??")
    guard let type = TypeRules.common(a.type, b.type) else {
      report(
        Diagnostic(
          .typeClash,
          "`??` needs two values of one kind, and these are \(a.type.spoken) and \(b.type.spoken)", at: span,
          label: "the right side stands in for nulls of the left"))
      return .broken
    }
    return make(Operators.coalesce, [convert(a, to: type), convert(b, to: type)], type)
  }
}

extension ValueType {
  var isList: Bool { if case .list = self { true } else { false } }
}

/// Kernels that only the binder makes.
enum ListKernels {
  /// A list of the operands' values, row by row.
  static let make = ScalarKernel("list") { operands, rows, type in
    if operands.allSatisfy({ if case .scalar = $0 { true } else { false } }) {
      return .scalar(.list(operands.map { if case .scalar(let v) = $0 { v } else { .null } }))
    }
    var values: [Value] = []
    values.reserveCapacity(rows)
    for row in 0..<rows {
      values.append(
        .list(
          operands.map {
            switch $0 {
            case .scalar(let v): v
            case .column(let c): c[row]
            }
          }))
    }
    return .column(Column(type, values: values))
  }
}
