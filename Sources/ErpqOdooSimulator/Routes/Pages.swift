/// The HTML pages that Odoo and its web server answer with.
enum Pages {
  /// No such path, or no database to look it up in.
  static func notFound(_ version: OdooVersion) -> String {
    version == .v16
      ? """
      <!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
      <title>404 Not Found</title>
      <h1>Not Found</h1>
      <p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>

      """
      : """
      <!DOCTYPE html>
      <title>404 Not Found</title>
      <h1>Not Found</h1>
      <p>No database is selected and the requested URL was not found in the server-wide controllers.</p>
      <p>Please verify the hostname, <a href=/web/login>login</a> and try again.</p>

      <!-- Alternatively, use the X-Odoo-Database header. -->

      """
  }

  /// The website's own page for a path that does not exist.
  static let websiteNotFound = """
    <!DOCTYPE html>
    <html>
        <head>
            <meta charset="utf-8"/>
            <title>Odoo</title>
        </head>
        <body>
            <h1>404: Page not found!</h1>
        </body>
    </html>

    """

  /// A body of a kind that the path does not take.
  static func wrongType(_ version: OdooVersion, path: String, kind: String) -> String {
    version == .v16
      ? """
      <!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
      <title>400 Bad Request</title>
      <h1>Bad Request</h1>
      <p>Request inferred type is compatible with [&#x27;http&#x27;] but &#x27;\(path)&#x27; is type=&#x27;\(kind)&#x27;.</p>

      """
      : """
      <!doctype html>
      <html lang=en>
      <title>415 Unsupported Media Type</title>
      <h1>Unsupported Media Type</h1>
      <p>Request inferred type is compatible with [&#39;http&#39;] but &#39;\(path)&#39; is type=&#39;\(kind)&#39;.<br><br>Please verify the Content-Type request header and try again.</p>

      """
  }

  static func redirect(to address: String) -> String {
    """
    <!doctype html>
    <html lang=en>
    <title>Redirecting...</title>
    <h1>Redirecting...</h1>
    <p>You should be redirected automatically to the target URL: <a href="\(address)">\(address)</a>. If not, click the link.

    """
  }

  /// What a proxy in front says when the server behind it is not there.
  static func proxy(_ status: Int) -> String {
    let title = "\(status) \(HTTPStatus.title(status))"
    return """
      <html>
      <head><title>\(title)</title></head>
      <body>
      <center><h1>\(title)</h1></center>
      <hr><center>nginx</center>
      </body>
      </html>

      """
  }
}
