import ErpqDiagnostics
import ErpqFiles

/// A notebook as Jupyter keeps them (nbformat 4.5), for the kernel of erpq.
public enum JupyterNotebook {
  /// The text of an `.ipynb` file. `outputs` are what the cells showed, in order; nil when they have not run.
  public static func text(_ notebook: Notebook, outputs: [[CellOutput]]?) -> String {
    var cells: [JSONValue] = []
    func markdown(_ text: String) {
      guard !text.isEmpty else { return }
      cells.append([
        "cell_type": "markdown", "id": .string("cell-\(cells.count + 1)"), "metadata": [:],
        "source": lines(text),
      ])
    }
    var count = 0
    markdown("# " + notebook.title)
    for piece in notebook.pieces {
      switch piece {
      case .markdown(let text): markdown(text)
      case .cell(let cell):
        let heading = cell.title.map { "### " + $0 } ?? ""
        markdown([heading, cell.caption].filter { !$0.isEmpty }.joined(separator: "\n\n"))
        let shown = outputs.flatMap { count < $0.count ? $0[count] : nil }
        count += 1
        var metadata: [String: JSONValue] = [:]
        if cell.isQuiet { metadata["jupyter"] = ["outputs_hidden": true] }
        if cell.isWide { metadata["erpq"] = ["wide": true] }
        let number: JSONValue = shown == nil ? nil : .int(count)
        cells.append([
          "cell_type": "code", "id": .string("cell-\(cells.count + 1)"), "metadata": .object(metadata),
          "source": lines(cell.text), "execution_count": number,
          "outputs": .array((shown ?? []).compactMap { output($0, number) }),
        ])
      }
    }
    let file: JSONValue = [
      "nbformat": 4, "nbformat_minor": 5, "cells": .array(cells),
      "metadata": [
        "kernelspec": ["name": "erpq", "display_name": "erpq", "language": "erpq"],
        "language_info": ["name": "erpq", "file_extension": ".erpq", "mimetype": "text/x-erpq"],
      ],
    ]
    return file.indented(by: 1) + "\n"
  }

  /// A text as the format has it: a list of lines with their ends.
  private static func lines(_ text: String) -> JSONValue {
    let all = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return .array(
      all.enumerated().map { .string($0.offset + 1 < all.count ? $0.element + "\n" : $0.element) })
  }

  private static func output(_ output: CellOutput, _ number: JSONValue) -> JSONValue? {
    func stream(_ name: String, _ text: String) -> JSONValue {
      [
        "output_type": "stream", "name": .string(name),
        "text": lines(text.hasSuffix("\n") ? text : text + "\n"),
      ]
    }
    switch output {
    case .table, .value, .picture:
      guard let bundle = MimeBundle.of(output) else { return nil }
      var members: [String: JSONValue] = [
        "output_type": "display_data", "metadata": [:], "data": .object(bundle.mapValues { lines($0) }),
      ]
      if case .picture = output {
      } else {
        members["output_type"] = "execute_result"
        members["execution_count"] = number
      }
      return .object(members)
    case .text(let text), .note(let text): return stream("stdout", text)
    case .warning(let diagnostic): return stream("stderr", CaretRenderer().render(diagnostic))
    case .error(let diagnostic, _):
      let picture = CaretRenderer().render(diagnostic).split(
        separator: "\n", omittingEmptySubsequences: false)
      return [
        "output_type": "error", "ename": .string(diagnostic.code.rawValue),
        "evalue": .string(diagnostic.message),
        "traceback": .array(picture.map { .string(String($0)) }),
      ]
    }
  }
}
