import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// The site of a server, before and after certbot has created a certificate.
    @Suite struct SiteTests {
        @Test func itWorksBeforeThereIsACertificate() throws {
            let site = try Site("site.conf")
            let check = try site.check()
            #expect(check.code == 0, "\(check)")
            #expect(!check.errors.contains("[warn]"), "\(check)")
            try site.open()
            let visitor = site.visitor
            let answer = try visitor.send("GET", "/inventory/1").expect(200)
            #expect(answer["Strict-Transport-Security"] == nil)
            try visitor.send("GET", "/nowhere").expectProblem(404, "not_found")
            try expectChallenge(of: site, visitor)
        }

        /// nginx serves certbot's challenge file to Let's Encrypt, and no other file.
        private func expectChallenge(of site: Site, _ visitor: Visitor) throws {
            let folder = site.folder.file("www/.well-known/acme-challenge")
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            try Data("proof".utf8).write(to: URL(fileURLWithPath: "\(folder)/token"))
            let proof = try visitor.send("GET", "/.well-known/acme-challenge/token").expect(200)
            #expect(proof.text == "proof")
            for path in ["/.well-known/", "/.well-known/acme-challenge/other", "/index.html"] {
                let answer = try visitor.send("GET", path)
                #expect([404, 308].contains(answer.status), "\(answer)")
            }
        }

        /// nginx does not start without the certificate, and names the missing file.
        @Test func itWantsACertificateForTLS() throws {
            let site = try Site("site-tls.conf")
            let without = try site.check()
            #expect(without.code == 1)
            #expect(without.errors.contains("live/shop.example.org/fullchain.pem"), "\(without)")
            try site.makeCertificate()
            let with = try site.check()
            #expect(with.code == 0, "\(with)")
            #expect(!with.errors.contains("[warn]"), "\(with)")
        }

        @Test func itSpeaksTLS() throws {
            let site = try Site("site-tls.conf")
            try site.makeCertificate()
            try site.open()

            let answer = try site.curl("--include", "--http2", path: "/inventory/1")
            #expect(answer.code == 0, "\(answer)")
            #expect(answer.output.hasPrefix("HTTP/2 200"), "\(answer)")
            #expect(answer.output.contains("strict-transport-security: max-age=31536000\r\n"))
            // nginx's own problems have it too.
            let problem = try site.curl("--include", path: "/nowhere")
            #expect(problem.output.hasPrefix("HTTP/2 404"), "\(problem)")
            #expect(problem.output.contains("strict-transport-security: max-age=31536000\r\n"))
            #expect(problem.output.contains(#""code":"not_found""#))

            for (version, isSpoken) in [
                ("-tls1", false), ("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true),
            ] {
                let shake = try site.handshake(version, "-cipher", "ALL:@SECLEVEL=0")
                #expect((shake.code == 0) == isSpoken, "\(version) \(shake)")
                // The server rejects these, not the client.
                #expect(isSpoken || shake.errors.contains("alert protocol version"), "\(shake)")
            }
            // Suites without forward secrecy or with CBC have nothing in common with the server.
            for cipher in ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA"] {
                let shake = try site.handshake("-tls1_2", "-cipher", "\(cipher):@SECLEVEL=0")
                #expect(shake.code != 0 && shake.errors.contains("handshake failure"), "\(shake)")
            }
        }

        /// Status 444 of nginx: it closes the connection without a response, for any request.
        @Test(arguments: ["site.conf", "site-tls.conf"])
        func itClosesRequestsForUnknownHosts(template: String) throws {
            let site = try Site(template)
            if template == "site-tls.conf" { try site.makeCertificate() }
            try site.open()
            for head in [
                "GET /inventory/1 HTTP/1.1\r\nHost: shop.example.com",
                "GET / HTTP/1.1\r\nHost: 127.0.0.1:\(site.port)",
                "GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: evil.test",
                "POST /customers/login HTTP/1.1\r\nHost: evil.shop.example.org\r\nContent-Length: 0",
                "GET /inventory/1 HTTP/1.0",
            ] {
                let connection = try HTTPConnection(port: site.port)
                try connection.send(Array("\(head)\r\n\r\n".utf8))
                #expect(connection.isClosed(), "\(head)")
            }
            // An absolute request target takes precedence over Host (RFC 9112 section 3.2.2).
            let answer = try site.visitor.send(
                raw: Array(
                    "GET http://shop.example.org/nowhere HTTP/1.1\r\nHost: evil.test\r\n\r\n".utf8))
            #expect(answer.status == (template == "site.conf" ? 404 : 308))
            try site.visitor.send("GET", "/inventory/1").expect(template == "site.conf" ? 200 : 308)
        }

        /// Without the right name the server sends no certificate.
        ///
        /// With it, Host must be the name too.
        @Test func itRejectsHandshakesForUnknownHosts() throws {
            let site = try Site("site-tls.conf")
            try site.makeCertificate()
            try site.open()
            for name in [["-servername", "evil.test"], ["-noservername"]] {
                let shake = try site.handshake(as: name)
                #expect(shake.code != 0, "\(shake)")
                #expect(shake.errors.contains("unrecognized name"), "\(shake)")
                #expect(shake.output.contains("no peer certificate available"), "\(shake)")
            }
            #expect(try site.handshake().code == 0)
            for version in ["--http1.1", "--http2"] {
                let closed = try site.curl(
                    version, "--header", "Host: evil.test", path: "/inventory/1")
                #expect(closed.code != 0 && closed.output.isEmpty, "\(closed)")
                let served = try site.curl(version, path: "/inventory/1")
                #expect(served.code == 0 && served.output.contains(#""id":1"#), "\(served)")
            }
        }

        @Test func itSendsPlainCallersToTLS() throws {
            let site = try Site("site-tls.conf")
            try site.makeCertificate()
            try site.open()
            let visitor = site.visitor
            for (method, target) in [("GET", "/inventory?q=a%20b"), ("POST", "/sales")] {
                let answer = try visitor.send(method, target).expect(308)
                #expect(answer["Location"] == "https://shop.example.org\(target)")
                #expect(answer["Strict-Transport-Security"] == nil)
            }
            try expectChallenge(of: site, visitor)
        }

        /// X-Forwarded-For counts only from a proxy that souk-proxies.conf names.
        @Test(arguments: [true, false]) func itKnowsItsProxies(isNamed: Bool) throws {
            let file = "set_real_ip_from \(isNamed ? "127.0.0.1" : "192.0.2.1");\n"
            let site = try Site("site.conf", ["souk-proxies.conf": file])
            try site.open()
            let answer = try site.visitor.send(
                "GET", "/inventory/1", fields: [("X-Forwarded-For", "198.51.100.7, 203.0.113.9")])
            let id = try #require(answer["X-Request-Id"])
            let address = isNamed ? "203.0.113.9" : "127.0.0.1"
            let isLogged = eventually(within: 30) {
                (try? site.folder.text(of: "log/souk.log"))?.contains(
                    #""request_id":"\#(id)","address":"\#(address)""#) == true
            }
            #expect(isLogged)
        }
    }
}
