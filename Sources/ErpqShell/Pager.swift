import ErpqRendering

/// Shows what is longer than the screen through the user's pager.
///
/// The program is `$ERPQ_PAGER` or else `$PAGER`, by default `less -RFX`; `off`, `cat` or nothing as its name
/// means none. Only a terminal that can move its cursor has one.
struct Pager {
  let environment: [String: String]

  /// The shell command of the pager; nil for none.
  var command: String? {
    let term = environment["TERM"] ?? ""
    guard term != "", term != "dumb" else { return nil }
    let name = (environment["ERPQ_PAGER"] ?? environment["PAGER"] ?? "less -RFX").trimmingBlanks
    return ["", "off", "cat"].contains(name) ? nil : name
  }

  /// Lines of a screen of that width that a text takes, colours not counted.
  static func screenLines(_ text: String, width: Int) -> Int {
    var count = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      count += max(1, (displayWidth(withoutColours(line)) + max(1, width) - 1) / max(1, width))
    }
    return text.hasSuffix("\n") ? count - 1 : count
  }

  /// Runs the pager on a text until the user leaves it. Ctrl-C is the pager's meanwhile.
  ///
  /// - Returns: Whether the text was shown; false when the pager could not be started.
  func show(_ text: String) -> Bool {
    guard let command else { return false }
    // A bare `less` gets the flags without which colours would be noise.
    var settings = environment
    if settings["LESS"] == nil { settings["LESS"] = "RFX" }
    guard let code = ChildProcess.run(command, input: text, environment: settings) else { return false }
    // 126 and 127: the shell found no such program.
    return code != 126 && code != 127
  }
}
