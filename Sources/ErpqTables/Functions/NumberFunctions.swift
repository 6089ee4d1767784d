import ErpqBase

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private let x = P("x", .numeric, "the number")

/// A function of one number that keeps type and unit; whole numbers have a kernel of their own.
private func keeping(
  _ name: String, _ summary: String, search: [String] = [], accepts: TypePattern = .numeric,
  _ pairs: KeyValuePairs<String, String>,
  ints: @escaping @Sendable (Int64) -> (partialValue: Int64, overflow: Bool),
  _ f: @escaping @Sendable (Double) -> Double
) -> FunctionSpec {
  let kernel = ScalarKernel.rowwise(name) { operands, rows, type in
    if type.physical == .ints {
      guard let lane = operands[0].ints() else { return .nulls(type, count: rows) }
      if let row = (0..<rows).first(where: { lane.isValid($0) && ints(lane[$0]).overflow }) {
        throw KernelError("\(name)(\(lane[row])) is too large for a whole number", row: row)
      }
      return Column(
        type, .ints(transform(lane, rows: rows) { ints($0).partialValue }), validity: lane.validity)
    }
    guard let lane = operands[0].doubles() else { return .nulls(type, count: rows) }
    return Column(finite: type, transform(lane, rows: rows, f), validity: lane.validity)
  }
  return FunctionSpec(
    name, category: "number", summary, [P("x", accepts, "the number")], returnsDoc: "as x",
    searchWords: search,
    examples: examples(pairs), kind: .scalar(kernel), returns: sameType)
}

/// A function of one or two numbers that gives a plain number.
private func plain(
  _ name: String, _ summary: String, _ parameters: [P] = [x], search: [String] = [],
  _ pairs: KeyValuePairs<String, String>, _ f: @escaping @Sendable (Double, Double) -> Double
) -> FunctionSpec {
  let kernel = ScalarKernel.rowwise(name) { operands, rows, type in
    let second = operands.count > 1 ? operands[1] : .scalar(.number(0))
    guard let a = operands[0].doubles(), let b = second.doubles() else { return .nulls(type, count: rows) }
    return Column(finite: type, combine(a, b, rows: rows, f), validity: .both(a.validity, b.validity))
  }
  return FunctionSpec(
    name, category: "number", summary, parameters, returnsDoc: "number", searchWords: search,
    examples: examples(pairs), kind: .scalar(kernel), returns: { _ in .number })
}

/// Half away from zero at the given decimal, judged on the shortest decimal form: 2.675 rounds to 2.68.
@Sendable func rounded(_ x: Double, digits: Int) -> Double {
  guard digits > 0 else {
    let unit = pow(10, Double(-digits))
    return digits == 0 ? x.rounded() : (x / unit).rounded() * unit
  }
  guard digits < 300, x.magnitude < 1e15 else { return x }
  let scale = pow(10, Double(digits))
  let scaled = x * scale
  // The product may fall just short of a half that the decimal form of x hits exactly.
  let nudged = scaled + (scaled < 0 ? -1 : 1) * scaled.magnitude * 0x1p-52
  let result = nudged.rounded() / scale
  return result.isFinite ? result : x
}

/// The least (sign 1) or greatest (sign −1) of several values of one type; nulls are left out.
private func extreme(
  _ name: String, _ summary: String, search: [String], _ pairs: KeyValuePairs<String, String>,
  _ op: Comparison
)
  -> FunctionSpec
{
  let kernel = ScalarKernel.rowwise(name) { operands, rows, type in
    var best = try operands[0].column(rows: rows).converted(to: type)
    for operand in operands.dropFirst() {
      let other = try operand.column(rows: rows).converted(to: type)
      let wins = Operators.compared(.column(other), .column(best), op, rows: rows)
      guard let flags = Operand.column(wins).bools() else {
        best = try Operators.coalesce.apply([.column(best), .column(other)], rows, type).column(rows: rows)
        continue
      }
      let which = (0..<rows).map { row -> UInt8 in
        if !best.isValid(row) { return 1 }
        return flags.isValid(row) && flags[row] ? 1 : 0
      }
      best = Operators.choose(which, from: [.column(best), .column(other)], rows: rows, type: type)
    }
    return best
  }
  return FunctionSpec(
    name, category: "number", summary,
    [P("value", .ordered, "what is compared"), P("others", .sameAs(0), "what it is compared with")],
    variadic: true,
    returnsDoc: "as the values", searchWords: search, examples: examples(pairs), kind: .scalar(kernel),
    returns: commonType)
}

extension Functions {
  /// Functions of numbers. Results that are not finite are null.
  static let number: [FunctionSpec] =
    roundings + [
      plain("sqrt", "The square root; null of a negative number.", search: ["root"], ["sqrt(9)": "3"]) {
        a, _ in a.squareRoot()
      },
      plain("exp", "e to the power of x.", search: ["exponential"], ["exp(0)": "1"]) { a, _ in exp(a) },
      plain(
        "ln", "The natural logarithm; null unless x is positive.", search: ["log", "logarithm"],
        ["ln(1)": "0"]
      ) { a, _ in log(a) },
      plain(
        "log10", "The logarithm to base 10; null unless x is positive.", search: ["log"], ["log10(1000)": "3"]
      ) { a, _ in log10(a) },
      plain(
        "power", "x to a power.", [x, P("exponent", .numeric, "the power")],
        search: ["pow", "exponent", "^"], ["power(2, 10)": "1024"]
      ) { pow($0, $1) },
      FunctionSpec(
        "clamp", category: "number", "The number, but not below the one bound nor above the other.",
        [x, P("low", .sameAs(0), "least result"), P("high", .sameAs(0), "greatest result")],
        returnsDoc: "as x",
        searchWords: ["limit", "clip", "bound"], examples: examples(["clamp(15, 0, 10)": "10"]),
        kind: .scalar(
          .rowwise("clamp") { operands, rows, type in
            if type.physical == .ints, let a = operands[0].ints(), let l = operands[1].ints(),
              let h = operands[2].ints()
            {
              let low = Lane(combine(a, l, rows: rows) { Swift.max($0, $1) }, .both(a.validity, l.validity))
              return Column(
                type, .ints(combine(low, h, rows: rows) { Swift.min($0, $1) }),
                validity: .both(low.validity, h.validity))
            }
            guard let a = operands[0].doubles(), let l = operands[1].doubles(), let h = operands[2].doubles()
            else {
              return .nulls(type, count: rows)
            }
            let low = Lane(combine(a, l, rows: rows) { Swift.max($0, $1) }, .both(a.validity, l.validity))
            return Column(
              finite: type, combine(low, h, rows: rows) { Swift.min($0, $1) },
              validity: .both(low.validity, h.validity))
          }),
        returns: { types in
          types.allSatisfy { $0 == .int } ? .int : types.first == .int ? .number : types.first ?? .number
        }),
      extreme(
        "least", "The least of several values in a row; nulls are left out.", search: ["min", "smallest"],
        ["least(3, 1, 2)": "1", "least(null, 5)": "5"], .less),
      extreme(
        "greatest", "The greatest of several values in a row; nulls are left out.",
        search: ["max", "largest"],
        ["greatest(3, 1, 2)": "3"], .greater),
    ]

  private static let roundings: [FunctionSpec] = [
    keeping(
      "abs", "The number without its sign.", search: ["absolute", "magnitude"],
      accepts: .oneOf([.numeric, .exact(.duration(nil))]), ["abs(-3)": "3", "abs(-2.5)": "2.5"],
      ints: { $0 < 0 ? Int64(0).subtractingReportingOverflow($0) : ($0, false) }
    ) { $0.magnitude },
    FunctionSpec(
      "sign", category: "number", "−1, 0 or 1.",
      [P("x", .oneOf([.numeric, .exact(.duration(nil))]), "the number")],
      returnsDoc: "int", searchWords: ["signum"], examples: examples(["sign(-2.5)": "-1"]),
      kind: .scalar(
        .rowwise("sign") { operands, rows, type in
          guard let lane = operands[0].doubles() else { return .nulls(type, count: rows) }
          return Column(
            type, .ints(transform(lane, rows: rows) { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }), validity: lane.validity
          )
        }), returns: { _ in .int }),
    FunctionSpec(
      "round", category: "number",
      "Rounded half away from zero to so many decimals (negative: tens, hundreds …).",
      [x, P("digits", .exact(.int), default: .int(0), "decimals")], returnsDoc: "as x",
      searchWords: ["decimals", "nearest"],
      examples: examples(["round(2.675, 2)": "2.68", "round(1234, -2)": "1200", "round(-2.5)": "-3"]),
      kind: .scalar(
        .rowwise("round") { operands, rows, type in
          let digits = operands.count > 1 ? operands[1] : .scalar(.int(0))
          guard let places = digits.ints()?.map({ Int(Swift.max(-400, Swift.min(400, $0))) }) else {
            return .nulls(type, count: rows)
          }
          if type.physical == .ints {
            guard let lane = operands[0].ints() else { return .nulls(type, count: rows) }
            let values = combine(lane, places, rows: rows) { a, d in
              d >= 0 ? a : Int64(exactly: rounded(Double(a), digits: d)) ?? a
            }
            return Column(type, .ints(values), validity: .both(lane.validity, places.validity))
          }
          guard let lane = operands[0].doubles() else { return .nulls(type, count: rows) }
          return Column(
            finite: type, combine(lane, places, rows: rows) { rounded($0, digits: $1) },
            validity: .both(lane.validity, places.validity))
        }), returns: sameType),
    keeping(
      "floor", "The next whole number below.", search: ["round down"], ["floor(-1.5)": "-2"],
      ints: { ($0, false) }
    ) {
      $0.rounded(.down)
    },
    keeping(
      "ceil", "The next whole number above.", search: ["ceiling", "round up"], ["ceil(1.2)": "2"],
      ints: { ($0, false) }
    ) {
      $0.rounded(.up)
    },
    keeping(
      "trunc", "Without its decimals.", search: ["truncate", "int"], ["trunc(-1.7)": "-1"],
      ints: { ($0, false) }
    ) {
      $0.rounded(.towardZero)
    },
  ]
}
