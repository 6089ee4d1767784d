import ErpqBase
import ErpqDiagnostics
import ErpqSemantics

/// What came of asking someone for the value of a param.
public enum ParamAnswer: Sendable {
  /// The value as it would stand behind `--set name=`.
  case text(String)
  /// There is nobody to ask, or nothing was said.
  case none
  /// Ctrl-C: the run is not wanted any more.
  case interrupted
}

extension Session {
  /// Asks for the params that have no value, in the order of the script; what cannot be read is asked for again.
  ///
  /// nil: the run can go on, or says itself what is missing.
  func askForParams(_ source: SourceText) -> RunOutcome? {
    guard let ask = asksForParam else { return nil }
    var problem: String?
    while let missing = checked?.params.first(where: { isMissing($0) }) {
      switch ask(missing, problem) {
      case .none: return nil
      case .interrupted: return .interrupted
      case .text(let text):
        switch ParamReader.read(text, as: missing.type, optional: missing.isOptional) {
        case .success:
          problem = nil
          answers.append((missing.name, text))
          environment.givenParams[missing.name] = text
          _ = check(source)
        case .failure(let why): problem = why.message
        }
      }
    }
    return nil
  }

  /// An answer counts for the run that it was given in.
  func forgetAnswers() {
    for answer in answers where environment.givenParams[answer.name] == answer.text {
      environment.givenParams[answer.name] = options.params[answer.name]
    }
  }

  /// Whether a param of the script that was checked last has no value.
  func isMissing(_ param: Environment.ParamInfo) -> Bool {
    if case .value(_, nil)? = checked?.variables[param.name] { return true }
    return false
  }
}
