import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

extension Binder {
  /// The columns of `accuracy` behind those it is told by.
  static let accuracyFields = [
    Field("count", .int, "forecasts compared with what came"),
    Field("mae", .quantity(nil), "mean absolute error"),
    Field("wape", .percent, "sum of absolute errors over the sum of what came"),
    Field("mase", .number, "mean absolute error over the mean change from day to day before"),
    Field("rmsse", .number, "root mean squared error over that of the change from day to day before"),
    Field("smape", .percent, "symmetric percentage error, 0 to 200 %"),
    Field("bias", .percent, "sum of forecasts less what came, over what came: positive when too high"),
    Field("wql", .percent, "loss of the quantiles, over what came: how good level and spread are together"),
    Field("coverage80", .percent, "share of what came between lo80 and hi80"),
    Field("coverage95", .percent, "share of what came between lo95 and hi95"),
    Field(
      "tracking_signal", .number,
      "of one product: sum of errors over the mean absolute error; beyond ±4 asks for a look"),
    Field("value_added", .percent, "by how much the mean absolute error is below that of the naive forecast"),
  ]

  /// `accuracy [by column, …]`: needs what came and what was forecast.
  mutating func accuracy(_ paths: [Path], _ stage: Stage, _ input: Schema) -> (BoundStage.Kind, Schema)? {
    var fields: [Field] = []
    var names: [String] = []
    for path in paths {
      guard let name = existingColumn(path, in: input) else { return nil }
      names.append(name)
      fields.append(input[name] ?? Field(name, .unknown))
    }
    for name in ["actual", "mean"] {
      guard let field = input[name] else {
        if input.isOpen { continue }
        report(
          Diagnostic(
            .unknownColumn,
            "`accuracy` compares the columns `actual` and `mean`, and there is no `\(name)` here",
            at: stage.word.span, label: "needs `\(name)`",
            notes: ["`forecast … holdout 60d | accuracy` forecasts days whose sales are known"]))
        return nil
      }
      if !field.type.isNumeric, field.type != .unknown {
        report(
          .wrongType(
            "`accuracy`", wanted: "numbers in the column `\(name)`", found: field.type.spoken, stage.word.span
          ))
        return nil
      }
    }
    return (.accuracy(names), Schema(fields + Binder.accuracyFields))
  }
}

extension Stage {
  /// Whether it compares what was forecast with what came.
  var isAccuracy: Bool { if case .accuracy = kind { true } else { false } }
}
