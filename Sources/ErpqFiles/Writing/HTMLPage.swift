/// The frame of every page that is written: in the reader's light or dark, and with nothing from elsewhere.
public enum HTMLPage {
  /// Everything before the body.
  ///
  /// - Parameters:
  ///   - title: markup, that is, escaped.
  ///   - style: the page's own style sheet.
  ///   - meta: further lines of the head.
  public static func head(title: String, style: String, meta: String = "") -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">\(meta)
    <title>\(title)</title>
    <style>
    \(style)
    </style>
    </head>
    <body>

    """
  }

  /// What ends a page.
  public static let end = "</body>\n</html>\n"
}
