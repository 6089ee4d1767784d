import ErpqBase
import ErpqTables

extension HistoryStore {
  /// The columns of the history as a source.
  public static let schema = Schema([
    Field("id", .int, "its number; later statements have higher ones"),
    Field("time", .datetime, "when it was typed, UTC"),
    Field("session", .int, "the prompt that it was typed at"),
    Field("company", .text, "the company that was open"),
    Field("statement", .text, "what was typed"),
    Field("took", .duration(.time), "how long it ran"),
    Field("outcome", .text, "ok, failed or interrupted"),
  ])

  /// The history as rows, in the order given.
  public static func table(_ entries: [Entry]) -> Table {
    var columns: [[Value]] = [[], [], [], [], [], [], []]
    for entry in entries {
      columns[0].append(.int(entry.id))
      columns[1].append(entry.time.microseconds == 0 ? .null : .datetime(entry.time))
      columns[2].append(entry.session == 0 ? .null : .int(entry.session))
      columns[3].append(entry.company.isEmpty ? .null : .text(entry.company))
      columns[4].append(.text(entry.text))
      if let took = entry.milliseconds {
        columns[5].append(.duration(CalendarDuration(amount: took, family: .time)))
      } else {
        columns[5].append(.null)
      }
      columns[6].append(entry.outcome.map { .text($0) } ?? .null)
    }
    let made = zip(schema.fields, columns).map { Column($0.type, values: $1) }
    return Table(schema, made, rowCount: entries.count)
  }
}
