/// What came of asking for a statement.
public enum LineInput: Equatable, Sendable {
  /// A statement, of one or more lines, without the final line end.
  case text(String)
  /// Ctrl-C: what was typed is dropped; ask again.
  case interrupted
  /// Ctrl-D on an empty line, or no more input.
  case endOfInput
}

/// Asks for statements, one after another.
///
/// An editor belongs to the thread that made it; it keeps no lock.
public protocol LineEditor: AnyObject {
  /// Waits for the next statement. `prompt` is plain text; control characters in it are not shown.
  ///
  /// `draft` is a text to begin with, where someone sees it and can change it.
  func readStatement(prompt: String, draft: String) -> LineInput

  /// Remembers a statement for the keys that recall earlier ones.
  ///
  /// Blank statements and a repetition of the last one are not remembered.
  func addHistory(_ statement: String)

  /// The remembered statements, oldest first; empty for an editor without history.
  var history: [String] { get }

  /// The error number of a read that failed and ended the input; nil when all went well.
  var readError: Int32? { get }

  /// The line of the input, from 1, on which the last statement began; 1 for an editor on a terminal.
  var statementLine: Int { get }

  /// Whether someone sees prompts and can correct mistakes: a terminal, drawn on or not.
  var isInteractive: Bool { get }

  /// Gives the terminal back. Further reads are `endOfInput`. More than one call does no harm.
  func close()
}

extension LineEditor {
  /// Waits for the next statement.
  public func readStatement(prompt: String) -> LineInput { readStatement(prompt: prompt, draft: "") }
}

/// A statement of earlier times, and a few words on it: when, how long, what came of it.
public struct EarlierStatement: Equatable, Sendable {
  /// The statement.
  public var text: String
  /// The words.
  public var detail: String

  /// A statement.
  public init(_ text: String, detail: String = "") {
    self.text = text
    self.detail = detail
  }
}

/// What an editor asks of the language.
public struct EditorHooks {
  /// Whether Enter may hand the text over; otherwise it begins another line.
  public var isComplete: (String) -> Bool
  /// Proposals for the place of the cursor, an offset in UTF-8 bytes.
  public var complete: (String, Int) -> CompletionList
  /// Styles of parts of the text.
  public var highlight: (String) -> [StyledSpan]
  /// What would probably follow the text, shown faintly behind it; for an empty text, a whole statement.
  public var hint: (String) -> String?
  /// Everything that the search of earlier statements looks through, oldest first; nil: the editor's own history.
  public var searchable: () -> [EarlierStatement]?

  /// Hooks; what is not given does nothing, and every line is complete.
  public init(
    isComplete: @escaping (String) -> Bool = { _ in true },
    complete: @escaping (String, Int) -> CompletionList = { _, cursor in .none(at: cursor) },
    highlight: @escaping (String) -> [StyledSpan] = { _ in [] },
    hint: @escaping (String) -> String? = { _ in nil },
    searchable: @escaping () -> [EarlierStatement]? = { nil }
  ) {
    self.isComplete = isComplete
    self.complete = complete
    self.highlight = highlight
    self.hint = hint
    self.searchable = searchable
  }
}

/// What a proposal is, shown beside it.
public enum CompletionKind: String, Sendable, CaseIterable {
  case command, stage, parameter, keyword, field, function, value, file, name

  /// Whether something always follows such a word, so that the space can be typed for the user.
  public var isFollowedBySpace: Bool {
    switch self {
    case .command, .stage, .parameter, .keyword: true
    case .field, .function, .value, .file, .name: false
    }
  }
}

/// One proposal.
public struct CompletionItem: Equatable, Sendable {
  /// The text that takes the place of the replaced range.
  public var text: String
  /// What it is.
  public var kind: CompletionKind
  /// A few words on it, shown in the list; may be empty.
  public var detail: String
  /// Whether a space is typed after it when it is the only proposal.
  public var appendsSpace: Bool

  /// A proposal; whether a space follows depends on the kind.
  public init(_ text: String, kind: CompletionKind, detail: String = "") {
    self.text = text
    self.kind = kind
    self.detail = detail
    self.appendsSpace = kind.isFollowedBySpace
  }
}

/// Proposals and the part of the text that each of them would replace.
public struct CompletionList: Equatable, Sendable {
  /// UTF-8 offsets into the text; normally from the start of the word to the cursor.
  public var replaceRange: Range<Int>
  /// The proposals, best first; an empty list means there are none.
  public var items: [CompletionItem]

  /// Proposals for a range of UTF-8 offsets.
  public init(replaceRange: Range<Int>, items: [CompletionItem]) {
    self.replaceRange = replaceRange
    self.items = items
  }

  /// No proposal.
  public static func none(at cursor: Int) -> CompletionList {
    CompletionList(replaceRange: cursor..<cursor, items: [])
  }
}

/// How text looks: the parameters of the terminal sequence "select graphic rendition" (ECMA-48, 8.3.117).
public struct TextStyle: RawRepresentable, Hashable, Sendable {
  /// Numbers with semicolons between them, such as `1;34`; empty is plain text.
  public let rawValue: String

  /// A style; anything but digits and semicolons is left out.
  public init(rawValue: String) {
    self.rawValue = String(
      String.UnicodeScalarView(rawValue.unicodeScalars.filter { "0123456789;".unicodeScalars.contains($0) }))
  }

  /// The terminal's own look.
  public static let plain = TextStyle(rawValue: "")
  /// Fainter than the rest: hints, details of a list.
  public static let faint = TextStyle(rawValue: "2")
  /// Heavier than the rest.
  public static let bold = TextStyle(rawValue: "1")
  /// The name of a source or a command.
  public static let command = TextStyle(rawValue: "1;36")
  /// The name of a stage after a pipe.
  public static let stage = TextStyle(rawValue: "36")
  /// The name of a parameter.
  public static let parameter = TextStyle(rawValue: "34")
  /// A word of the language.
  public static let keyword = TextStyle(rawValue: "35")
  /// The name of a function.
  public static let function = TextStyle(rawValue: "33")
  /// A number, a date or a duration.
  public static let number = TextStyle(rawValue: "32")
  /// A text in quotes.
  public static let string = TextStyle(rawValue: "33")
  /// A comment.
  public static let comment = TextStyle(rawValue: "2;3")
  /// Something that cannot be right.
  public static let error = TextStyle(rawValue: "4;31")
}

/// A part of a text and how it looks.
public struct StyledSpan: Equatable, Sendable {
  /// UTF-8 offsets into the text.
  public var range: Range<Int>
  /// Its look.
  public var style: TextStyle

  /// A part of a text and its look. Where parts overlap, the later one wins.
  public init(_ range: Range<Int>, _ style: TextStyle) {
    self.range = range
    self.style = style
  }
}

/// The meaning of the keys.
public enum EditorKeys: String, Sendable {
  case emacs, vi
}

/// How an editor looks and what it keeps.
public struct EditorOptions: Sendable {
  /// The statements of earlier runs, oldest first.
  public var history: [String]
  /// The most statements that are remembered.
  public var historyLimit: Int
  /// Whether colours, and with them hints, may be shown.
  public var colour: Bool
  /// The look of the prompt where colour is allowed.
  public var promptStyle: TextStyle
  /// What is shown before the second and further lines of a statement.
  public var continuationPrompt: String
  /// The meaning of the keys; nil is what `ERPQ_EDIT_MODE` or the user's `~/.editrc` says, and emacs's otherwise.
  public var keys: EditorKeys?
  /// Whether `~/.editrc`, or the file that `EDITRC` names, is read.
  public var readsSettings: Bool

  /// Options; the history limit is at least 1.
  public init(
    history: [String] = [], historyLimit: Int = 10_000, colour: Bool = true,
    promptStyle: TextStyle = .bold, continuationPrompt: String = "", keys: EditorKeys? = nil,
    readsSettings: Bool = true
  ) {
    self.history = history
    self.historyLimit = Swift.max(1, historyLimit)
    self.colour = colour
    self.promptStyle = promptStyle
    self.continuationPrompt = continuationPrompt
    self.keys = keys
    self.readsSettings = readsSettings
  }
}
