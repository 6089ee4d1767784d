import ErpqBase

// How errors about names and arguments are worded.
extension Diagnostic {
  private static func didYouMean(_ near: [String]) -> String {
    near.isEmpty ? "" : "did you mean " + listed(near, quoting: "`") + "?"
  }

  private static func replacements(_ span: SourceSpan, _ near: [String]) -> [Fix] {
    near.map { .replace(span, with: $0) }
  }

  /// A statement or stage begins with a word that is no command.
  public static func unknownCommand(_ name: String, _ span: SourceSpan, near: [String], isVariable: Bool)
    -> Diagnostic
  {
    if isVariable {
      return Diagnostic(
        .unknownCommand, "`\(name)` is a variable, and a variable is written with `$`", at: span,
        label: "write `$\(name)`", fixes: [.replace(span, with: "$" + name)])
    }
    return Diagnostic(
      .unknownCommand, "there is no command `\(name)`", at: span, label: didYouMean(near),
      notes: near.isEmpty ? ["`help` lists the commands; a variable is written `$\(name)`"] : [],
      fixes: replacements(span, near))
  }

  /// A command that exists only with a second word: `stock` for `stock status`.
  public static func incompleteCommand(_ name: String, _ span: SourceSpan, options: [String], found: String?)
    -> Diagnostic
  {
    let message = found.map { "there is no command `\(name) \($0)`" } ?? "`\(name)` needs a second word"
    let gap = found == nil ? " " : ""
    return Diagnostic(
      .unknownCommand, message, at: span,
      label: "write " + listed(options.prefix(6).map { $0 }, quoting: "`"),
      fixes: options.count <= 3 ? options.map { .replace(span, with: gap + $0, "write `\($0)`") } : [])
  }

  /// A stage that does not exist.
  public static func unknownStage(_ name: String, _ span: SourceSpan, near: [String], isCommand: Bool)
    -> Diagnostic
  {
    if isCommand {
      return Diagnostic(
        .unknownStage, "`\(name)` begins a query and cannot stand after `|`", at: span,
        label: "to bring in its rows use `join` or `union`",
        notes: ["`… | join \(name)` or `… | union (\(name) …)`"])
    }
    return Diagnostic(
      .unknownStage, "there is no stage `\(name)`", at: span, label: didYouMean(near),
      notes: near.isEmpty ? ["`help stages` lists them"] : [], fixes: replacements(span, near))
  }

  /// A function at the place of a stage.
  public static func functionAsStage(_ name: String, _ span: SourceSpan, makesOneValue: Bool) -> Diagnostic {
    let stage = makesOneValue ? "summarize" : "extend"
    return Diagnostic(
      .unknownStage, "`\(name)` is a function, and a stage is expected after `|`", at: span,
      label: "write `\(stage) \(name)(…)`",
      fixes: [.insert(stage + " ", at: span.start, "write `\(stage) \(name)`")])
  }

  /// A format that files are not written in.
  public static func badFormat(_ word: String, _ span: SourceSpan, near: [String], formats: [String])
    -> Diagnostic
  {
    Diagnostic(
      .badWord, "files are not written as `\(word)`", at: span,
      label: near.isEmpty ? "a format or a file name in quotes is expected" : didYouMean(near),
      notes: ["the formats are " + listed(formats, "and")], fixes: replacements(span, near))
  }

  /// A column that the rows at hand do not have.
  public static func unknownColumn(
    _ name: String, _ span: SourceSpan, near: [String], columns: [String], quoted: Bool, isVariable: Bool
  ) -> Diagnostic {
    var notes: [String] = []
    if columns.isEmpty {
      notes = isVariable ? [] : ["there are no columns here"]
    } else if columns.count == 1 {
      notes = ["the only column here is \(columns[0])"]
    } else if near.isEmpty || columns.count <= 8 {
      let shown = columns.prefix(12).joined(separator: ", ")
      notes = [
        "the columns here are \(shown)" + (columns.count > 12 ? " and \(columns.count - 12) more" : "")
      ]
    }
    var fixes = replacements(span, near.map(writable))
    var label = didYouMean(near)
    if isVariable {
      label = "a variable is written `$\(name)`"
      fixes.insert(.replace(span, with: "$" + name), at: 0)
    } else if quoted {
      label = label.isEmpty ? "a text stands in quotes: `\"\(name)\"`" : label + " A text stands in quotes."
      fixes.append(.replace(span, with: "\"\(name)\""))
    }
    return Diagnostic(
      .unknownColumn, "there is no column `\(name)` here", at: span, label: label, notes: notes, fixes: fixes)
  }

  /// A column name as a statement has to write it.
  static func writable(_ name: String) -> String {
    let plain =
      !name.isEmpty
      && name.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0) || $0 == "."
      }
    return plain && !("0"..."9").contains(name.first ?? "a") ? name : "`\(name)`"
  }

  /// A function that does not exist.
  public static func unknownFunction(_ name: String, _ span: SourceSpan, near: [String]) -> Diagnostic {
    Diagnostic(
      .unknownFunction, "there is no function `\(name)`", at: span, label: didYouMean(near),
      notes: near.isEmpty ? ["`help functions` lists them"] : [], fixes: replacements(span, near))
  }

  /// A variable nobody has set.
  public static func unknownVariable(_ name: String, _ span: SourceSpan, near: [String], isColumn: Bool)
    -> Diagnostic
  {
    if isColumn {
      return Diagnostic(
        .unknownVariable, "`$\(name)` is not set, but there is a column `\(name)`", at: span,
        label: "a column is written without `$`", fixes: [.replace(span, with: name)])
    }
    return Diagnostic(
      .unknownVariable, "`$\(name)` is not set", at: span,
      label: near.isEmpty ? "set it before with `let \(name) = …`" : didYouMean(near.map { "$" + $0 }),
      fixes: replacements(span, near.map { "$" + $0 }))
  }

  /// A word among the arguments that is neither a parameter nor an allowed word.
  public static func unknownParameter(
    _ word: String, of command: String, _ span: SourceSpan, near: [String], parameters: [String]
  ) -> Diagnostic {
    var notes: [String] = []
    if near.isEmpty {
      notes.append(
        parameters.isEmpty
          ? "`\(command)` takes no parameters"
          : "`\(command)` takes " + listed(parameters.prefix(14).map { $0 }, "and"))
      if !parameters.isEmpty { notes.append("to give the text itself, put it in quotes: `\"\(word)\"`") }
    }
    return Diagnostic(
      .unknownParameter, "`\(command)` has no parameter `\(word)`", at: span, label: didYouMean(near),
      notes: notes,
      fixes: replacements(span, near))
  }

  /// A value with no parameter left to take it.
  public static func tooManyArguments(
    _ command: String, _ span: SourceSpan, parameters: [String], notes: [String] = []
  ) -> Diagnostic {
    Diagnostic(
      .tooManyArguments, "`\(command)` has no use for this value", at: span,
      label: parameters.isEmpty ? "it takes no arguments" : "say which parameter it is for",
      notes: notes.isEmpty && !parameters.isEmpty
        ? ["`\(command)` takes " + listed(parameters.prefix(14).map { $0 }, "and")] : notes)
  }

  /// A parameter named without a value.
  public static func missingValue(_ parameter: String, takes: String, _ span: SourceSpan, example: String?)
    -> Diagnostic
  {
    Diagnostic(
      .missingArgument, "`\(parameter)` is named, but its value is missing", at: span,
      label: "\(takes) should follow" + (example.map { ": `\(parameter) \($0)`" } ?? ""))
  }

  /// A required parameter that was not given.
  public static func missingArgument(
    _ parameter: String, of command: String, takes: String, _ span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .missingArgument, "`\(command)` needs its `\(parameter)`", at: span, label: "\(takes) is missing",
      notes: ["`help \(command)` shows examples"])
  }

  /// A parameter given twice.
  public static func duplicateArgument(_ parameter: String, takesMany: Bool = false, _ span: SourceSpan)
    -> Diagnostic
  {
    Diagnostic(
      .duplicateArgument, "`\(parameter)` is given twice", at: span, label: "leave one of them out",
      notes: takesMany ? ["several values are a list: `\(parameter) [a, b]`"] : [])
  }

  /// A word that the parameter does not know.
  public static func badWord(
    _ word: String, parameter: String, allowed: [String], _ span: SourceSpan, near: [String]
  ) -> Diagnostic {
    Diagnostic(
      .badWord, "`\(parameter)` cannot be `\(word)`", at: span,
      label: near.isEmpty ? "it is one of " + listed(allowed) : didYouMean(near),
      notes: near.isEmpty ? [] : ["it is one of " + listed(allowed)], fixes: replacements(span, near))
  }

  /// A word where the text itself was meant.
  public static func quoteWord(_ word: String, parameter: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .unknownParameter, "`\(parameter)` takes a value, and a text stands in quotes", at: span,
      label: "write `\"\(word)\"`", fixes: [.replace(span, with: "\"\(word)\"")])
  }

  /// A name declared twice.
  public static func duplicateName(_ name: String, _ span: SourceSpan, what: String) -> Diagnostic {
    Diagnostic(
      .duplicateName, "there are two \(what) called `\(name)`", at: span,
      label: "give one of them another name")
  }

  /// Any other unknown name.
  public static func unknownName(
    _ what: String, _ name: String, _ span: SourceSpan, near: [String], options: [String]
  ) -> Diagnostic {
    Diagnostic(
      .unknownName, "there is no \(what) `\(name)`", at: span, label: didYouMean(near),
      notes: near.isEmpty && !options.isEmpty
        ? ["there " + (options.count == 1 ? "is " : "are ") + listed(options.prefix(12).map { $0 }, "and")]
        : [],
      fixes: replacements(span, near))
  }
}
