import ErpqBase
import ErpqEngine
import ErpqFiles
import ErpqSemantics
import ErpqSyntax

/// The TextMate grammar, for editors that colour by patterns: made from the tables of the language.
///
/// Patterns see a line at a time and no grammar, so they know what a token is (a text, a number, a comment) and the words
/// of the language, but not every place: a command is known at the start of a line and behind `let … =`, a stage behind
/// its `|`. The colours that a language server gives are exact.
public enum TextMateGrammar {
  /// The scope of the language.
  public static let scope = "source.erpq"

  /// The grammar as JSON.
  public static var json: String { grammar.indented(by: 2) + "\n" }

  private static let name = "[\\p{L}_][\\p{L}\\p{M}\\p{Nd}_]*"
  /// Behind a word: nothing that would make it longer.
  private static let end = "(?![\\p{L}\\p{M}\\p{Nd}_])"

  private static func words(_ list: [String]) -> String {
    let sorted = Set(list).sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    return "(?:" + sorted.map { $0.replacing(" ", with: "[ \\t]+") }.joined(separator: "|") + ")" + end
  }

  private static func match(_ pattern: String, _ scope: String) -> JSONValue {
    ["match": .string(pattern), "name": .string(scope + ".erpq")]
  }

  private static func match(_ pattern: String, captures: [String]) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for (i, scope) in captures.enumerated() where !scope.isEmpty {
      members[String(i + 1)] = ["name": .string(scope + ".erpq")]
    }
    return ["match": .string(pattern), "captures": .object(members)]
  }

  private static func include(_ names: String...) -> JSONValue {
    .array(names.map { ["include": .string("#" + $0)] })
  }

  static var grammar: JSONValue {
    let commands = words(Commands.catalog.commands.map(\.name))
    let functions = words(Commands.catalog.functions.map(\.name))
    let constants = ["true", "false", "null", "today", "now"]
    let keywords = hardWords.subtracting(constants).sorted()
    let units = words(CalendarDuration.units.flatMap { [$0.suffix] + $0.long })
    let year = "(?:19|20|21)[0-9]{2}"
    return [
      "name": "erpq", "scopeName": .string(scope), "fileTypes": ["erpq"],
      "patterns": include("comment", "help", "statement", "line-command", "expression"),
      "repository": [
        "comment": [
          "patterns": [
            match("##.*$", "comment.line.documentation"), match("#.*$", "comment.line.number-sign"),
            // Another language's comment, which is told as a mistake.
            match("(?<![^ \\t])--(?=[ \\t]|$).*$", "comment.line.double-dash"),
          ]
        ],
        // Behind `help` stand any words.
        "help": [
          "begin": .string("^[ \\t]*(help)\(end)(?!\\()"), "end": "$",
          "beginCaptures": ["1": ["name": "keyword.control.erpq"]], "patterns": include("comment"),
        ],
        "statement": [
          "patterns": [
            match(
              "^[ \\t]*(let|metric|scenario|param)[ \\t]+(\(name))[ \\t]*(=)[ \\t]*(\(commands))(?!\\()",
              captures: [
                "keyword.control", "variable.other.declaration", "keyword.operator", "support.class",
              ]),
            match(
              "^[ \\t]*(metric)[ \\t]+(\(name))[ \\t]*:[ \\t]*(\(name))[ \\t]*(=)[ \\t]*(\(commands))(?!\\()",
              captures: [
                "keyword.control", "variable.other.declaration", "", "keyword.operator", "support.class",
              ]),
            match(
              "^[ \\t]*(let|metric|scenario|param)[ \\t]+(\(name))",
              captures: ["keyword.control", "variable.other.declaration"]),
            match(
              "^[ \\t]*(\\})[ \\t]*(=)[ \\t]*(\(commands))(?!\\()",
              captures: ["punctuation.section.block.end", "keyword.operator", "support.class"]),
            match("^[ \\t]*(def)[ \\t]+(\(name))", captures: ["keyword.control", "entity.name.function"]),
            match(
              "^[ \\t]*(explain|profile|describe)[ \\t]+(\(commands))(?!\\()",
              captures: ["keyword.control", "support.class"]),
            match(
              "^[ \\t]*(explain|profile|describe|use|import)\(end)(?=[ \\t])", captures: ["keyword.control"]),
          ]
        ],
        "line-command": [
          "patterns": [
            match("^(\(commands))(?!\\()", captures: ["support.class"]),
            // Further in, only where no column of that name could stand.
            match("^[ \\t]+(\(commands))(?=[ \\t]+[\\p{L}_\\[|]|[ \\t]*$)", captures: ["support.class"]),
          ]
        ],
        "semicolon-command": match(
          "(;)[ \\t]*(\(commands))(?!\\()", captures: ["keyword.operator", "support.class"]),
        // A query in brackets.
        "bracket-command": match(
          "(\\()[ \\t]*(\(commands))(?=[ \\t]+[\\p{L}_\\[|0-9\"']|\\))",
          captures: ["punctuation.section.group.begin", "support.class"]),
        "expression": [
          "patterns": include(
            "comment", "text", "raw-text", "quoted-name", "variable", "number", "stage", "keyword",
            "function", "bracket-command",
            "semicolon-command", "name",
            "operator")
        ],
        "text": [
          "name": "string.quoted.double.erpq", "begin": "\"", "end": "\"|$",
          "patterns": [
            match("\\\\(?:u\\{[0-9A-Fa-f]*\\}|.)", "constant.character.escape"), ["include": "#hole"],
          ],
        ],
        "hole": [
          "name": "meta.embedded.hole.erpq", "begin": "\\{", "end": "\\}|(?=$)",
          "beginCaptures": ["0": ["name": "punctuation.section.embedded.begin.erpq"]],
          "endCaptures": ["0": ["name": "punctuation.section.embedded.end.erpq"]],
          "patterns": include("expression"),
        ],
        "raw-text": ["name": "string.quoted.single.erpq", "begin": "'", "end": "'|$"],
        "quoted-name": match("`[^`]*`", "variable.other.quoted"),
        "variable": match("\\$\(name)", "variable.other"),
        "number": [
          "patterns": [
            match("\(year)-[0-9]{2}-[0-9]{2}\(end)", "constant.numeric.date"),
            match("\(year)-(?:[0-9]{2}|Q[1-4]|W[0-9]{2})\(end)", "constant.numeric.period"),
            match(
              "[0-9](?:_?[0-9])*(?:\\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9]+)?(?:%|\(units)|[A-Z]{3}\(end)|\(end))",
              "constant.numeric"),
          ]
        ],
        "stage": [
          "patterns": [
            match("(\\|)[ \\t]*(where)\(end)", captures: ["keyword.operator", "keyword.control"]),
            match(
              "(\\|)[ \\t]*(\(words(stageWords)))", captures: ["keyword.operator", "support.function.stage"]),
            match(
              "(\\|)[ \\t]*(\(name)(?:\\.\(name))*)",
              captures: ["keyword.operator", "entity.name.function.stage"]),
          ]
        ],
        "keyword": [
          "patterns": [
            match(words(keywords), "keyword.control"), match(words(constants), "constant.language"),
          ]
        ],
        "function": [
          "patterns": [
            match("(\(functions))(?=\\()", captures: ["support.function"]),
            match("(\(name))(?=\\()", captures: ["entity.name.function"]),
          ]
        ],
        // A word is taken whole, so that no pattern matches within it.
        "name": ["match": .string(name)],
        "operator": match("->|\\?\\?|\\.\\.|==|!=|<>|<=|>=|[-+*/=<>|]", "keyword.operator"),
      ],
    ]
  }
}
