import ErpqBase
import ErpqDiagnostics
import ErpqWarehouse
import Foundation
import Synchronization

/// Where the company's facts are, before they are needed.
public enum CompanyChoice: Hashable, Sendable {
  /// The company file at this path.
  case file(String)
  /// A named earlier state of the company file at this path, read only.
  case snapshot(of: String, named: String)
  /// The demo company, made on first use in this folder.
  case demo(dataFolder: String)
  /// What a recording says of the company.
  case recording(FactTape)
  /// No company: only files can be read.
  case none
}

/// The company that statements speak of. The file is opened when a statement first needs it, so that a query over
/// a CSV file neither waits for a warehouse nor makes one.
public final class Company: Sendable {
  /// Where it is.
  public let choice: CompanyChoice
  private let readOnly: Bool
  private let state = Mutex<Result<Warehouse, Diagnostic>?>(nil)
  private let tape = Mutex<FactTape?>(nil)
  private let writeCount = Atomic<Int>(0)

  /// A company, not yet opened.
  public init(_ choice: CompanyChoice, readOnly: Bool = false) {
    self.choice = choice
    self.readOnly = readOnly
  }

  /// The open warehouse. Throws a sentence for the user.
  public func warehouse() throws(Diagnostic) -> Warehouse {
    let result = state.withLock { state in
      let opened = state ?? open()
      state = opened
      return opened
    }
    let warehouse = try result.get()
    if let tape = tape.withLock({ $0 }), warehouse.tape !== tape { warehouse.tape = tape }
    return warehouse
  }

  /// From now on what is asked of the company is noted on a tape; nil: no longer.
  func note(on newTape: FactTape?) {
    tape.withLock { $0 = newTape }
    if newTape == nil, case .success(let warehouse)? = state.withLock({ $0 }) { warehouse.tape = nil }
  }

  private func open() -> Result<Warehouse, Diagnostic> {
    do {
      switch choice {
      case .file(let path):
        if let missing = missing(path) { return .failure(missing) }
        return .success(try opened { try Warehouse(path: path, mode: $0) })
      case .snapshot(let path, let name):
        if let missing = missing(path) { return .failure(missing) }
        let snapshot = try Snapshot.named(name, of: path).path
        return .success(try opened { try Warehouse(path: snapshot, mode: $0) })
      case .demo(let folder):
        return .success(try opened { try DemoCompany.open(dataFolder: folder, mode: $0) })
      case .recording(let tape): return .success(try Warehouse(replaying: tape))
      case .none:
        return .failure(
          Diagnostic(
            .noCompany, "no company is open", label: "",
            notes: ["`--demo` opens the demo company, `-w FILE` a company file, `erpq import csv` makes one"])
        )
      }
    } catch {
      return .failure(Company.diagnostic(error))
    }
  }

  private func missing(_ path: String) -> Diagnostic? {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
      return Diagnostic(
        .warehouse, "there is no company file \(path)",
        notes: ["`erpq -w \(path) import csv …` makes one", "without `-w` the demo company is used"])
    }
    guard attributes[.size] as? Int == 0 else { return nil }
    return Diagnostic(
      .warehouse, "the company file \(path) is empty",
      notes: ["`erpq -w \(path) import csv …` loads facts into it"])
  }

  /// Statements only read, and opening for reading changes no byte. A file of an older layout is upgraded first.
  private func opened(_ open: (Warehouse.Mode) throws -> Warehouse) throws -> Warehouse {
    do {
      return try open(.readOnly)
    } catch let error as WarehouseError where error.kind == .readOnly && !readOnly {
      return try open(.readWrite)
    }
  }

  /// Runs work that writes into the company file beside the facts: models, kept forecasts.
  ///
  /// - Throws: a sentence for the user when the run may not write; `Cancellation.Interrupted`.
  public func write<T>(_ body: (Warehouse) throws -> T) throws -> T {
    defer { writeCount.add(1, ordering: .relaxed) }
    if readOnly {
      throw Diagnostic(
        .readOnly, "nothing may be written in a read-only run", label: "this writes into the company file")
    }
    if case .snapshot(_, let name) = choice {
      throw Diagnostic(
        .readOnly, "the snapshot \"\(name)\" is a state of the past, and nothing is written into it",
        label: "leave `--as-of` out")
    }
    if case .recording = choice {
      throw Diagnostic(
        .readOnly, "a replay has no company file to write into", label: "this wrote into the company file",
        notes: ["record what is computed from it instead"])
    }
    // Makes the demo company, and tells what is wrong with a file.
    let open = try warehouse()
    do {
      let writer = try Warehouse(path: open.path)
      defer { try? writer.close() }
      return try body(writer)
    } catch let error as Cancellation.Interrupted { throw error } catch { throw Company.diagnostic(error) }
  }

  /// How often this session has written into the company: what was read before may be no longer true.
  var writes: Int { writeCount.load(ordering: .relaxed) }

  /// What is known about the company; nil when it cannot be opened.
  public var info: Warehouse.CompanyInfo? { try? warehouse().info }

  /// A warehouse's error as a diagnostic.
  public static func diagnostic(_ error: any Error) -> Diagnostic {
    switch error {
    case let d as Diagnostic: return d
    case let w as WarehouseError:
      return Diagnostic(.warehouse, w.message, notes: w.advice.isEmpty ? [] : [w.advice])
    case is Cancellation.Interrupted: return Diagnostic(.interrupted, "interrupted")
    default: return Diagnostic(.warehouse, "the company file cannot be read: \(error)")
    }
  }
}
