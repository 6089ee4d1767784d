import ErpqTooling
import Testing

@Suite struct HighlighterTests {
  /// The text with each styled part marked: `keyword<let>`.
  private func marked(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return Highlighter.spans(text).map {
      "\($0.style.rawValue)<\(String(decoding: bytes[$0.range], as: UTF8.self))>"
    }.joined(separator: " ")
  }

  @Test func tellsRolesApart() {
    #expect(
      marked("sales monthly since 2025-01-01 | summarize n = sum(amount) by month # note")
        == "command<sales> parameter<monthly> parameter<since> number<2025-01-01> operator<|> stage<summarize> "
        + "operator<=> function<sum> operator<(> operator<)> keyword<by> comment<# note>")
    #expect(
      marked("let x = r.sales days $d where a in [1] and true\nhelp let | x")
        == "keyword<let> operator<=> command<r> operator<.> command<sales> parameter<days> variable<$d> keyword<where> "
        + "keyword<in> operator<[> number<1> operator<]> keyword<and> keyword<true> keyword<help> parameter<let> "
        + "parameter<x>")
    #expect(
      marked("def f(days: duration = 90d) { stock status | plot line y vs line }")
        == "keyword<def> function<f> operator<(> operator<:> operator<=> number<90d> operator<)> operator<{> "
        + "command<stock> parameter<status> operator<|> stage<plot> keyword<line> keyword<vs> operator<}>")
    #expect(
      marked("explain sales | join left (stock status) on a | mine b")
        == "keyword<explain> command<sales> operator<|> stage<join> keyword<left> operator<(> command<stock> "
        + "parameter<status> operator<)> keyword<on> operator<|> stage<mine> parameter<b>")
    #expect(
      marked("scenario p { demand = -20% }") == "keyword<scenario> operator<{> parameter<demand> operator<=> "
        + "operator<-> number<20%> operator<}>")
  }

  @Test func coloursHolesAndWhatIsUnfinished() {
    #expect(
      marked(#"sales | extend t = "a {upper("x{y}")} b""#)
        == "command<sales> operator<|> stage<extend> operator<=> string<\"a > hole<{> function<upper> operator<(> "
        + "string<\"x> hole<{> hole<}> string<\"> operator<)> hole<}> string< b\">")
    #expect(
      marked("sales where name = \"unfin") == "command<sales> keyword<where> operator<=> string<\"unfin>")
    #expect(marked("sales | ") == "command<sales> operator<|>")
    #expect(marked("sales 3x \u{1F600}") == "command<sales> error<3x> error<\u{1F600}>")
    #expect(marked("") == "")
  }

  @Test func spansAreOrderedForEveryPrefix() throws {
    for text in try allExamples() + ["\"{\"{\"{\"{\"{\"{\"{\"{\"{\"{", "\u{0}|\u{0}", "}}}))]]{{{((([[["] {
      let characters = Array(text.prefix(1200))
      for end in 0...characters.count {
        let prefix = String(characters[0..<end])
        var last = 0
        for span in Highlighter.spans(prefix) {
          #expect(span.range.lowerBound >= last && !span.range.isEmpty, "\(prefix.debugDescription)")
          last = span.range.upperBound
        }
        #expect(last <= prefix.utf8.count)
      }
    }
  }
}
