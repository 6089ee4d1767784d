/// The codes of everything erpq can complain about. `explain E0203` prints the entry of the catalogue.
///
/// E01 text and grammar · E02 names · E03 types and units · E04 arguments · E05 files and data ·
/// E06 while running · E07 assertions · W warnings.
public enum DiagnosticCode: String, CaseIterable, Sendable {
  // The text
  case unexpectedCharacter = "E0101"
  case unclosedQuote = "E0102"
  case badNumber = "E0103"
  case badDate = "E0104"
  case badDuration = "E0105"
  case badEscape = "E0106"
  case unclosedBracket = "E0107"
  case expected = "E0108"
  case tooDeep = "E0109"
  case foreignSyntax = "E0110"
  case notUTF8 = "E0111"
  case edition = "E0112"
  case chainedComparison = "E0113"
  case lastResultInScript = "E0114"
  // Names
  case unknownCommand = "E0201"
  case unknownStage = "E0202"
  case unknownColumn = "E0203"
  case unknownFunction = "E0204"
  case unknownVariable = "E0205"
  case unknownName = "E0206"
  case duplicateName = "E0207"
  case importCycle = "E0209"
  case recursiveDefinition = "E0210"
  case notBuiltYet = "E0211"
  // Types and units
  case typeClash = "E0301"
  case unitClash = "E0302"
  case wrongArgumentType = "E0303"
  case notATable = "E0304"
  case notAValue = "E0305"
  case aggregateHere = "E0306"
  case notConstant = "E0307"
  case percentShare = "E0308"
  // Arguments
  case unknownParameter = "E0401"
  case missingArgument = "E0402"
  case duplicateArgument = "E0403"
  case parameterEquals = "E0404"
  case badWord = "E0405"
  case outOfRange = "E0406"
  case tooManyArguments = "E0407"
  case ambiguousRecord = "E0408"
  case unknownRecord = "E0409"
  case missingParameterValue = "E0410"
  // Files and data
  case file = "E0501"
  case badFile = "E0502"
  case warehouse = "E0503"
  case outsideFiles = "E0504"
  case noCompany = "E0505"
  case connection = "E0506"
  case server = "E0507"
  // While running
  case arithmetic = "E0601"
  case interrupted = "E0602"
  case runtime = "E0603"
  case readOnly = "E0604"
  // Assertions
  case assertionFailed = "E0701"
  // Warnings
  case rejectedRows = "W0501"
  case emptyAssertion = "W0701"
  case dataNote = "W0502"

  /// Whether it only warns.
  public var isWarning: Bool { rawValue.hasPrefix("W") }
}
