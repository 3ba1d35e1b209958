import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

/// The message about a login from a program or a network that was not used before.
@Suite struct SignInNoticeTests {
    /// A login of ben and the number of messages after it.
    private struct Row {
        let program: String
        let address: String
        let count: Int

        init(_ program: String, _ address: String, _ count: Int) {
            (self.program, self.address, self.count) = (program, address, count)
        }
    }

    private func play(_ rows: [Row], at location: SourceLocation = #_sourceLocation) throws {
        let shop = try TestShop()
        try shop.verifyAddress("ben@example.com", of: "ben")
        try shop.store.write { try $0.run("DELETE FROM refresh_tokens") }
        try shop.store.write { try $0.run("DELETE FROM sessions") }
        for row in rows {
            let answer = try shop.login(
                "ben", fields: [.userAgent: row.program], from: row.address)
            #expect(answer.status == .ok, sourceLocation: location)
            let count = try shop.mails().count { $0.hasPrefix("new-sign-in") }
            #expect(count == row.count, "\(row)", sourceLocation: location)
        }
    }

    @Test("another program causes a message, and the first login does not")
    func tellsOfAnotherProgram() throws {
        let home = "198.51.100.7"
        try play([
            Row("one", home, 0), Row("one", home, 0), Row("two", home, 1), Row("one", home, 1),
        ])
    }

    @Test("the same program in another network causes one message")
    func tellsOfAnotherNetwork() throws {
        try play([
            Row("one", "198.51.100.7", 0), Row("one", "203.0.113.9", 1),
            Row("one", "203.0.113.9", 1), Row("one", "198.51.100.7", 1),
            Row("one", "2001:db8::1", 2), Row("one", "::ffff:198.51.100.7", 2),
        ])
    }

    /// Providers give a phone other addresses in the same /16, or the same /32 of IPv6.
    @Test("another address of the same provider causes no message")
    func ignoresNearAddresses() throws {
        try play([
            Row("one", "198.51.100.7", 0), Row("one", "198.51.3.200", 0),
            Row("one", "198.52.100.7", 1), Row("one", "2001:db8:1:2::1", 2),
            Row("one", "2001:db8:ffff::1", 2), Row("one", "2001:db9:1:2::1", 3),
        ])
    }

    /// Both are known, although not together.
    @Test("a known program in a known network causes no message")
    func ignoresAKnownPair() throws {
        try play([
            Row("one", "198.51.100.7", 0), Row("two", "203.0.113.9", 1),
            Row("two", "198.51.100.7", 1), Row("one", "203.0.113.9", 1),
        ])
    }
}
