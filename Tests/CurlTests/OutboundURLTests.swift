import Testing

@testable import Curl

@Suite struct OutboundURLTests {
    static let refused: [(text: String, fault: OutboundURL.Fault)] = [
        ("", .notHTTPS), ("example.com", .notHTTPS), ("//example.com/", .notHTTPS),
        ("http://example.com/", .notHTTPS), ("ftp://example.com/", .notHTTPS),
        ("file:///etc/passwd", .notHTTPS), ("gopher://example.com/", .notHTTPS),
        ("javascript:alert(1)", .notHTTPS), ("https:/example.com/", .notHTTPS),
        ("https:///example.com/", .notHTTPS), ("https:example.com", .notHTTPS),
        ("https://", .notHTTPS), ("https://:443/", .notHTTPS), ("https://?", .notHTTPS),
        ("https://example.com:0/", .notHTTPS), ("https://example.com:65536/", .notHTTPS),
        ("https://example.com:x/", .notHTTPS), ("https://[::1/", .notHTTPS),
        ("https://exa mple.com/", .notHTTPS), (" https://example.com/", .notHTTPS),
        ("https://example.com/ ", .notHTTPS), ("https://example.com/\r\nX: 1", .notHTTPS),
        ("https://example.com/\u{0}", .notHTTPS), ("https://example.com/\u{7F}", .notHTTPS),
        ("https://exämple.com/", .notHTTPS), ("https://１２７.0.0.1/", .notHTTPS),
        ("https://example.com/ü", .notHTTPS), ("https://%31%32%37.0.0.1/", .notHTTPS),
        ("https://[fe80::1%25lo]/", .notHTTPS), ("https://example.com\\@127.0.0.1/", .notHTTPS),
        ("https://user@example.com/", .hasUser), ("https://user:pass@example.com/", .hasUser),
        ("https://:pass@example.com/", .hasUser), ("https://example.com@127.0.0.1/", .hasUser),
        ("https://example.com/#part", .hasFragment), ("https://example.com/#", .hasFragment),
        ("https://127.0.0.1/", .addressNotAllowed), ("https://127.1/", .addressNotAllowed),
        ("https://0x7f.1/", .addressNotAllowed), ("https://0177.0.0.1/", .addressNotAllowed),
        ("https://2130706433/", .addressNotAllowed), ("https://0x7F000001/", .addressNotAllowed),
        ("https://017700000001/", .addressNotAllowed), ("https://127.0.0.1./", .addressNotAllowed),
        ("https://0/", .addressNotAllowed), ("https://10.1/", .addressNotAllowed),
        ("https://169.254.169.254/latest/meta-data", .addressNotAllowed),
        ("https://192.168.0.1:8443/", .addressNotAllowed),
        ("https://1.2.3.4.5/", .addressNotAllowed),
        ("https://256.1.1.1/", .addressNotAllowed), ("https://[::1]/", .addressNotAllowed),
        ("https://[::]/", .addressNotAllowed), ("https://[::ffff:127.0.0.1]/", .addressNotAllowed),
        ("https://[::FFFF:7F00:1]/", .addressNotAllowed),
        ("https://[fd00::1]/", .addressNotAllowed),
        ("https://[64:ff9b::7f00:1]/", .addressNotAllowed),
        ("https://localhost/", .addressNotAllowed),
        ("https://LOCALHOST:8443/", .addressNotAllowed),
        ("https://a.localhost/", .addressNotAllowed),
        ("https://localhost./", .addressNotAllowed),
        ("https://example.com/" + String(repeating: "a", count: 2000), .tooLong),
    ]

    @Test(arguments: refused) func refuses(row: (text: String, fault: OutboundURL.Fault)) {
        #expect(throws: row.fault) { try OutboundURL(row.text, allowing: .none) }
    }

    @Test(arguments: [
        "https://example.com", "https://example.com/", "https://example.com:8443/hook?a=1&b=%20",
        "HTTPS://Example.COM/Hook", "https://xn--exmple-cua.com/", "https://1.1.1.1/hook",
        "https://[2606:4700::1111]:8443/", "https://example.com./", "https://0x7f.example/",
    ])
    func acceptsPublicHosts(text: String) throws {
        #expect(try OutboundURL(text, allowing: .none).text == text)
    }

    @Test func knowsHostAndPort() throws {
        let plain = try OutboundURL("https://Example.com/", allowing: .none)
        #expect(plain.host == "example.com" && plain.port == 443 && !plain.reachesAnyAddress)
        let v6 = try OutboundURL("https://[2606:4700::1111]:8443/", allowing: .none)
        #expect(v6.host == "2606:4700::1111" && v6.port == 8443)
    }

    @Test func allowedHostsMayBePrivateAndPlain() throws {
        let hosts = try #require(
            AllowedHosts("hooks.lan Erp.example:8080 127.0.0.1:9000 [::1]:9001"))
        for text in [
            "http://hooks.lan/", "http://HOOKS.lan:81/x", "https://hooks.lan/",
            "http://erp.example:8080/", "http://127.0.0.1:9000/", "http://127.1:9000/",
            "http://[::1]:9001/", "https://[0:0::1]:9001/",
        ] {
            #expect(try OutboundURL(text, allowing: hosts).reachesAnyAddress, "\(text)")
        }
        for text in [
            "http://erp.example/", "http://erp.example:80/", "http://hooks.lan.example/",
            "http://sub.hooks.lan/",
        ] {
            #expect(throws: OutboundURL.Fault.notHTTPS, "\(text)") {
                try OutboundURL(text, allowing: hosts)
            }
        }
        #expect(throws: OutboundURL.Fault.addressNotAllowed) {
            try OutboundURL("https://127.0.0.1:9002/", allowing: hosts)
        }
        #expect(throws: OutboundURL.Fault.hasUser) {
            try OutboundURL("http://a@hooks.lan/", allowing: hosts)
        }
    }

    @Test(arguments: [
        "http://a", "a/b", "a/", "a:0", "a:99999", "a:b", "::1", "a@b", "a?b", "a#b", "ä", "a\tb",
    ])
    func refusesBadHosts(text: String) {
        #expect(AllowedHosts(text) == nil)
        #expect(AllowedHosts("good.example \(text)") == nil)
    }

    @Test func noHostsAreAllowedByDefault() {
        #expect(AllowedHosts("") == AllowedHosts.none)
        #expect(AllowedHosts("a:443")?.contains("a", port: 80) == false)
        #expect(AllowedHosts("a:443")?.contains("a", port: 443) == true)
        #expect(AllowedHosts("a:80")?.contains("a", port: 443) == false)
    }

    @Test func settingsMayNameAnyAddress() {
        #expect(OutboundURL(trusted: "http://127.0.0.1:12111")?.reachesAnyAddress == true)
        #expect(OutboundURL(trusted: "https://api.stripe.com")?.port == 443)
        for text in ["", "ftp://a/", "a.example", "https://a@b/", "https://a/#b"] {
            #expect(OutboundURL(trusted: text) == nil, "\(text)")
        }
    }
}
