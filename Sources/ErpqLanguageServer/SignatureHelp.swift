import ErpqBase
import ErpqEngine
import ErpqFiles
import ErpqSemantics
import ErpqSyntax
import ErpqTooling

extension LanguageServer {
  func signatureHelp(_ parameters: JSONValue) throws -> JSONValue {
    guard let (_, part, offset) = try place(parameters) else { return .null }
    return callSignature(part, offset) ?? commandSignature(part, offset) ?? .null
  }

  private func help(_ label: String, _ doc: String, _ parameters: [(String, String)], active: Int?)
    -> JSONValue
  {
    var signature: [String: JSONValue] = [
      "label": .string(label), "documentation": ["kind": "markdown", "value": .string(doc)],
      "parameters": .array(
        parameters.map { ["label": .string($0.0), "documentation": .string($0.1)] }),
    ]
    if let active { signature["activeParameter"] = .int(active) }
    return [
      "signatures": [.object(signature)], "activeSignature": 0,
      "activeParameter": .int(active ?? parameters.count),
    ]
  }

  /// The function or definition whose bracket is open at a place.
  private func callSignature(_ part: OpenDocument.Part, _ offset: Int) -> JSONValue? {
    let tokens = part.tree.tokens
    var open: [(index: Int, commas: Int)] = []
    for (i, token) in tokens.enumerated() where token.span.end <= offset {
      switch token.kind {
      case .leftParen, .leftBracket, .leftBrace: open.append((i, 0))
      case .rightParen, .rightBracket, .rightBrace: _ = open.popLast()
      case .comma: if !open.isEmpty { open[open.count - 1].commas += 1 }
      case .endOfLine: while let last = open.last, tokens[last.index].kind != .leftBrace { open.removeLast() }
      default: break
      }
    }
    guard let (bracket, commas) = open.last, tokens[bracket].kind == .leftParen,
      tokens[bracket].touchesPrevious,
      bracket > 0, tokens[bracket - 1].kind == .name
    else { return nil }
    var first = bracket - 1
    while first >= 2, tokens[first - 1].kind == .dot, tokens[first - 2].kind == .name,
      tokens[first].touchesPrevious
    {
      first -= 2
    }
    let name = part.source.slice(SourceSpan(tokens[first].span.start, tokens[bracket - 1].span.end))
    if let function = Commands.catalog.function(name) {
      let list = function.parameters.map {
        ($0.name + ($0.defaultValue.map { " = " + $0.literal } ?? ""), $0.doc)
      }
      let last = list.count - 1
      let active = function.isVariadic ? min(commas, last) : commas
      return help(
        LanguageServer.signature(function), function.summary, list,
        active: active <= last && last >= 0 ? active : nil)
    }
    guard let info = environment(part, at: offset).definitions[name] else { return nil }
    let formals = info.definition.formals.map { formal in
      formal.name.text + (formal.type.map { ": " + info.source.slice($0.span) } ?? "")
        + (formal.defaultValue.map { " = " + info.source.slice($0.span) } ?? "")
    }
    return help(
      LanguageServer.signature(info), info.doc, formals.map { ($0, "") },
      active: commas < formals.count ? commas : nil)
  }

  /// The command or stage whose arguments a place is among.
  private func commandSignature(_ part: OpenDocument.Part, _ offset: Int) -> JSONValue? {
    let before = part.tree.tokens.last { $0.span.end <= offset && $0.kind != .endOfInput }
    guard let before, before.kind != .endOfLine else { return nil }
    if let (spec, used, call) = commandCall(part, at: before.span.start) {
      let given = call.filter { $0.span.end <= offset }
      guard given.count >= used, call.count >= used, call[used - 1].span.end < offset || given.count > used
      else { return nil }
      let list = spec.parameters.map { p -> (String, String) in
        let body: String
        switch p.type {
        case .flag: body = p.name
        default: body = p.position == nil ? "\(p.name) …" : "<\(p.name)>"
        }
        return (p.isRequired ? body : "[\(body)]", p.doc + " (" + p.type.description + ")")
      }
      let last = given.last { token in spec.parameters.contains { $0.name == part.source.slice(token.span) } }
      let active = last.flatMap { token in
        spec.parameters.firstIndex { $0.name == part.source.slice(token.span) }
      }
      return help(spec.usage, spec.summary, list, active: active)
    }
    guard let pipe = part.tree.tokens.lastIndex(where: { $0.kind == .pipe && $0.span.end <= offset }),
      pipe + 1 < part.tree.tokens.count
    else { return nil }
    let word = part.tree.tokens[pipe + 1]
    guard word.span.end < offset,
      !part.tree.tokens[pipe...].contains(where: { $0.kind == .endOfLine && $0.span.end <= offset }),
      let stage = StageDocs.all.first(where: { $0.name == part.source.slice(word.span) })
    else { return nil }
    return help(stage.usage, stage.summary, [], active: nil)
  }
}
