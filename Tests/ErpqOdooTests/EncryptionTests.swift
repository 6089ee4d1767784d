import ErpqBase
import Foundation
import Testing

@testable import ErpqOdoo

/// Certificates of every sort, made once, and servers that show them.
private enum Certificates {
  /// The folder with `ca.pem` and NAME.pem, NAME.key; nil without the `openssl` program.
  static let folder: String? = {
    let path = NSTemporaryDirectory() + "erpq-tls-\(getpid())"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let script = """
      set -e
      new="openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
      $new -x509 -keyout ca.key -out ca.pem -subj "/CN=Test authority" -days 30
      cat >ca.cnf <<END
      [ca]
      default_ca = d
      [d]
      database = index.txt
      serial = serial
      new_certs_dir = .
      default_md = sha256
      policy = p
      copy_extensions = copy
      unique_subject = no
      [p]
      commonName = supplied
      END
      : >index.txt
      echo 01 >serial
      sign() {
        $new -keyout $1.key -out $1.csr -subj "/CN=$1" -addext "subjectAltName=$2"
        openssl ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in $1.csr -out $1.pem \\
          -startdate $3 -enddate $4
      }
      sign good IP:127.0.0.1 20200101000000Z 20991231000000Z
      sign other DNS:erp.example 20200101000000Z 20991231000000Z
      sign expired IP:127.0.0.1 20200101000000Z 20200201000000Z
      sign future IP:127.0.0.1 20980101000000Z 20990101000000Z
      $new -x509 -keyout self.key -out self.pem -subj "/CN=127.0.0.1" -addext "subjectAltName=IP:127.0.0.1" -days 30
      printf 'HTTP/1.1 302 Found\\r\\nLocation: http://127.0.0.1:9/web?key=s3cret\\r\\nContent-Length: 0\\r\\n\\r\\n' >away
      echo nonsense >nonsense.pem
      """
    return run(script, in: path) ? path : nil
  }()

  static func run(_ script: String, in folder: String) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}

/// `openssl s_server` with one of the certificates, on a free port.
private final class EncryptedServer {
  let port: Int
  private let process = Process()

  init(_ certificate: String, _ options: [String] = []) throws {
    let folder = try #require(Certificates.folder)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "openssl", "s_server", "-accept", "0", "-cert", certificate + ".pem", "-key", certificate + ".key",
        "-HTTP",
      ]
      + options
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    var said = ""
    var found: Int?
    while found == nil {
      let data = pipe.fileHandleForReading.availableData
      guard !data.isEmpty else { break }
      said += String(decoding: data, as: UTF8.self)
      if let line = said.split(separator: "\n", omittingEmptySubsequences: false).dropLast().last(where: {
        $0.hasPrefix("ACCEPT")
      }) {
        found = line.split(separator: ":").last.flatMap { Int($0) }
      }
    }
    port = try #require(found)
  }

  deinit {
    // Milder signals are blocked in threads of the test, and so in what they start.
    kill(process.processIdentifier, SIGKILL)
  }
}

/// What is said about certificates, and that nothing goes over a connection that is not trusted.
@Suite(.enabled(if: Certificates.folder != nil)) struct EncryptionTests {
  private func failure(
    _ server: EncryptedServer, host: String = "127.0.0.1", trusts file: String? = "ca.pem"
  ) -> OdooError? {
    do {
      var options = HTTPOptions()
      options.certificateFile = file.flatMap { name in Certificates.folder.map { $0 + "/" + name } }
      options.totalTimeout = 2
      let client = try CurlClient(address: "https://\(host):\(server.port)", options: options)
      _ = try OdooConnection.open(
        ConnectionSettings(url: client.address, database: "demo", login: "ada"),
        credential: .password(Secret("a-password")), over: client)
      return nil
    } catch let error as OdooError {
      return error
    } catch {
      return OdooError(.server, "\(error)")
    }
  }

  private func isAboutTrust(_ error: OdooError?, _ words: [String], _ title: Comment) {
    #expect(error?.kind == .certificate, title)
    let text = (error?.description ?? "").lowercased()
    #expect(words.contains { text.contains($0) }, "\(title): \(text)")
    #expect(text.contains("127.0.0.1") && !text.contains("a-password"))
  }

  @Test func anAuthorityThatNobodyKnows() throws {
    let server = try EncryptedServer("good")
    isAboutTrust(
      failure(server, trusts: nil), ["issuer", "self-signed", "self signed"], "an unknown authority")
    #expect(failure(server, trusts: nil)?.advice.contains("--ca-file") == true)
  }

  @Test func aCertificateThatSignsItself() throws {
    let server = try EncryptedServer("self")
    isAboutTrust(failure(server, trusts: nil), ["self-signed", "self signed"], "self-signed")
    // Trusted by name it serves; what answers is no Odoo, but it was reached.
    #expect(failure(server, trusts: "self.pem")?.kind != .certificate)
  }

  @Test func aCertificateOfAnotherHost() throws {
    isAboutTrust(
      failure(try EncryptedServer("other")), ["does not match", "no alternative", "mismatch"], "another host")
  }

  @Test func aCertificateThatHasExpired() throws {
    isAboutTrust(failure(try EncryptedServer("expired")), ["expired"], "expired")
    isAboutTrust(failure(try EncryptedServer("future")), ["not yet valid"], "not valid yet")
  }

  @Test func aFileOfCertificatesThatIsNone() throws {
    let server = try EncryptedServer("good")
    for name in ["nonsense.pem", "not-there.pem"] {
      let error = failure(server, trusts: name)
      #expect(
        error?.kind == .certificate && error?.message.contains(name) == true,
        "\(name): \(String(describing: error))")
    }
  }

  @Test func encryptionThatIsTooOld() throws {
    guard let server = try? EncryptedServer("good", ["-tls1_1"]) else { return }
    let error = failure(server)
    #expect([.certificate, .connectionLost].contains(error?.kind))
  }

  /// A trusted server that sends the client to an address without encryption is not followed.
  @Test func sentToAnAddressWithoutEncryption() throws {
    let server = try EncryptedServer("good")
    var options = HTTPOptions()
    options.certificateFile = try #require(Certificates.folder) + "/ca.pem"
    options.totalTimeout = 2
    let client = try CurlClient(address: "https://127.0.0.1:\(server.port)", options: options)
    let response = try client.exchange(HTTPRequest("GET", "/away"))
    #expect(response.status == 302)
    let error = OdooError.strange(response, address: client.address, path: "/away")
    #expect(error.kind == .redirected)
    #expect(error.message.contains("http://127.0.0.1:9/web") && !error.description.contains("s3cret"))
  }

  @Test func encryptionWhereThereIsNone() throws {
    let server = try EncryptedServer("good")
    do {
      var options = HTTPOptions()
      options.totalTimeout = 3
      _ = try CurlClient(address: "http://127.0.0.1:\(server.port)", options: options)
        .exchange(HTTPRequest("GET", "/"))
      Issue.record("plain text was answered")
    } catch let error as OdooError {
      #expect([.connectionLost, .timedOut, .badAnswer].contains(error.kind), "\(error)")
    }
  }
}
