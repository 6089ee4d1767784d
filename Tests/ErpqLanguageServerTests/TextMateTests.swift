import ErpqBase
import ErpqEngine
import ErpqSyntax
import ErpqTooling
import Foundation
import Testing

@testable import ErpqLanguageServer

@Suite struct TextMateTests {
  /// What a scope says a piece of text is.
  private enum Class: String {
    case comment, text, number, variable, keyword, stage, function, command, other
  }

  private func classOf(_ scope: String) -> Class {
    switch scope.split(separator: ".").first {
    case "comment": return .comment
    case "string": return .text
    case "punctuation": return .other
    case "constant":
      return scope.hasPrefix("constant.numeric")
        ? .number : scope.hasPrefix("constant.character") ? .text : .keyword
    case "variable": return scope.contains("quoted") || scope.contains("declaration") ? .other : .variable
    case "keyword": return scope.contains("operator") ? .other : .keyword
    case "support", "entity":
      return scope.contains("stage") ? .stage : scope.hasPrefix("support.class") ? .command : .function
    default: return .other
    }
  }

  /// On every text of the repository the patterns and the lexer agree on what is a comment, a text, a number, a
  /// variable and a word of the grammar; where patterns claim a stage, function or command, the highlighter says so.
  @Test func patternsAgreeWithTheLexer() throws {
    let engine = try TextMate(TextMateGrammar.json)
    var tokens = 0
    var commands = (found: 0, all: 0)
    for (name, text) in corpusTexts() where !name.hasSuffix(".md") {
      // Bytes that are no text, and quotes that do not close, are the lexer's to judge.
      let statements = text.split(separator: "\n", omittingEmptySubsequences: false).filter {
        !$0.contains("\u{FFFD}")
      }
      .joined(separator: "\n")
      let tree = Parser.parse(SourceText(statements, name: name))
      if tree.diagnostics.contains(where: {
        ["E0101", "E0102", "E0103", "E0104", "E0105", "E0106"].contains($0.code.rawValue)
      }) {
        continue
      }
      let scopes = try engine.scopes(statements)
      let bytes = Array(statements.utf8)
      for (range, style) in Highlighter.spans(statements) {
        let before = String(decoding: bytes[..<range.lowerBound], as: UTF8.self).utf16.count
        let length = String(decoding: bytes[range], as: UTF8.self).utf16.count
        let word = String(decoding: bytes[range], as: UTF8.self)
        let found = Set(scopes[before..<(before + length)].map(classOf))
        tokens += 1
        let place =
          "\(name): `\(word)` is \(style.rawValue), the patterns say \(found.map(\.rawValue).sorted())"
        switch style {
        case .comment: #expect(found == [.comment], "\(place)")
        case .string: #expect(found == [.text], "\(place)")
        case .number: #expect(found == [.number], "\(place)")
        case .variable: #expect(found == [.variable], "\(place)")
        case .stage: #expect(found == [.stage] || word == "where", "\(place)")
        case .function: #expect(found == [.function] || found == [.other], "\(place)")
        case .command:
          // Slips and definitions are no command that patterns could know.
          if !Commands.catalog.commands(beginningWith: word).isEmpty {
            commands.all += 1
            if found == [.command] { commands.found += 1 }
          }
          #expect(found == [.command] || found == [.other] || found == [.function], "\(place)")
        case .keyword where hardWords.contains(word): #expect(found == [.keyword], "\(place)")
        case .parameter:
          // The second word of `stock status` is a parameter for the highlighter.
          #expect(found.isDisjoint(with: [.comment, .text, .number, .stage]), "\(place)")
        case .keyword, .operator, .hole, .error: break
        }
      }
    }
    #expect(tokens > 5000)
    #expect(Double(commands.found) > 0.75 * Double(commands.all), "\(commands)")
  }
}
