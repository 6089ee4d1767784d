import ErpqBase
import ErpqFiles
import ErpqSemantics
import ErpqWarehouse
import Foundation

/// Takes a session down while it runs.
public final class Recorder {
  private let session: Session
  private let sink: NotingSink
  private let tape = FactTape()
  private var recording = Recording()

  /// Begins to record a session whose results go to `sink`.
  ///
  /// - Parameter prelude: what was run before and later statements may need, with the answers for params; it is run
  ///   again, unseen, so that what it asks of the company is on the recording too.
  public init(
    _ session: Session, sink: NotingSink, version: String,
    prelude: [(source: SourceText, answers: [String: String])] = []
  ) {
    self.session = session
    self.sink = sink
    let clock = Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    session.beginNoting(tape, now: session.options.today.map { Instant($0) } ?? clock)
    let options = session.options
    recording.version = version
    recording.company = session.company.info?.name ?? ""
    recording.today = session.today
    recording.now = session.now
    recording.seed = options.seed
    recording.usesDocuments = options.usesDocuments
    recording.isReadOnly = options.isReadOnly
    recording.isInteractive = options.isInteractive
    recording.outlivesAssertions = options.outlivesAssertions
    recording.params = options.params
    recording.namedParams = options.namedParams
    let ask = session.asksForParam
    for (source, answers) in prelude {
      session.asksForParam = { param, problem in
        problem == nil ? answers[param.name].map { .text($0) } ?? .none : .none
      }
      _ = sink.muted { session.run(source) }
      recording.units.append(
        .init(name: source.name, text: source.text, isPrelude: true, answers: answers))
    }
    session.asksForParam = ask
    sink.begin()
  }

  /// Runs a text and takes down what it gives.
  public func run(_ source: SourceText, beforeStatement: ((BoundStatement) -> Void)? = nil) -> RunOutcome {
    let outcome = session.run(source) { [sink] statement in
      sink.statement(statement)
      beforeStatement?(statement)
    }
    recording.units.append(
      .init(
        name: source.name, text: source.text,
        answers: Dictionary(session.answers.map { ($0.name, $0.text) }) { $1 }, outcome: outcome.rawValue,
        results: sink.take()))
    return outcome
  }

  /// How many texts were run so far.
  public var count: Int { recording.units.count { !$0.isPrelude } }

  /// Ends the recording.
  public func finish() -> Recording {
    recording.facts = tape.bytes
    recording.files = session.files.tape.files
    session.endNoting()
    sink.end()
    return recording
  }
}

/// Runs a recording again, on nothing but what it holds.
public struct Replay {
  /// The recording.
  public let recording: Recording

  /// A replay of a recording.
  public init(_ recording: Recording) { self.recording = recording }

  /// The recording as it would be made now: the same statements with what they give today.
  ///
  /// Files that the statements write go into a folder that is removed.
  ///
  /// - Parameter sink: where the results are shown as well.
  public func run(
    sink: any ResultSink, standardLibrary: [SourceText],
    progress: (@Sendable (WorkProgress) -> Void)? = nil
  ) throws -> Recording {
    let folder = try TemporaryPlace.folder(to: "replay")
    let copies = folder + "/read"
    let written = folder + "/written"
    for path in [copies, written] {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var options = SessionOptions()
    options.company = .recording(try FactTape(bytes: recording.facts))
    options.today = recording.today
    options.now = recording.now
    options.seed = recording.seed
    options.folder = written
    options.isReadOnly = recording.isReadOnly
    options.usesDocuments = recording.usesDocuments
    options.isInteractive = recording.isInteractive
    options.outlivesAssertions = recording.outlivesAssertions
    options.params = recording.params
    options.namedParams = recording.namedParams
    let noted = NotingSink(sink)
    let session = Session(options, sink: noted, standardLibrary: standardLibrary)
    session.progress = progress
    try session.files.tape.put(recording.files, into: copies, home: written)
    var now = recording
    for (i, unit) in recording.units.enumerated() {
      let source = SourceText(unit.text, name: unit.name)
      session.asksForParam = { param, problem in
        problem == nil ? unit.answers[param.name].map { .text($0) } ?? .none : .none
      }
      if unit.isPrelude {
        _ = noted.muted { session.run(source) }
        continue
      }
      noted.begin()
      let outcome = session.run(source) { noted.statement($0) }
      if outcome == .interrupted { throw Cancellation.Interrupted() }
      now.units[i].outcome = outcome.rawValue
      now.units[i].results = noted.take().map { $0.replacing(written + "/", with: "") }
    }
    return now
  }

  /// What a recording made now says otherwise, a text for people for each thing that was run and gave another result.
  public func differences(_ now: Recording) -> [String] {
    zip(recording.units, now.units).compactMap { then, now in
      if then.results == now.results, then.outcome == now.outcome { return nil }
      var out = TextDifference.text(then.results, now.results)
      if then.outcome != now.outcome { out += "exit code: \(then.outcome) then, \(now.outcome) now\n" }
      return out
    }
  }
}
