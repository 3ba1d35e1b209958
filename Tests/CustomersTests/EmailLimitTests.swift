import HTTP
import Service
import Storage
import TestShop
import Testing

/// Limits of messages with tokens, and of the tokens.
@Suite struct EmailLimitTests {
    /// Accounts of one stranger after another, each with three messages.
    @Test("an address gets few verifications, whatever the number of accounts")
    func limitsVerifications() throws {
        let shop = try TestShop()
        let names = (1...4).map { "eve\($0)" }
        let spellings = ["vic@example.com", "VIC@example.com", "vic+a@example.com"]
        for (number, name) in names.enumerated() {
            let address = spellings[number % 3]
            let response = try shop.send(EmailTests.register(address, name))
            #expect(response.status == .created && response.text.contains(address))
            let again = Scenario.Step(.post, "/customers/\(name)/email-verification", as: name)
            for _ in 1...3 {
                let answer = try shop.send(again)
                #expect(answer.status == .accepted && answer.text == #"{"status":"accepted"}"#)
            }
            try shop.expect(EmailTests.change("null", as: name), 200)
        }
        func count() throws -> Int {
            try shop.mails().count { $0.lowercased().contains("verification to vic") }
        }
        #expect(try count() == 5)
        // An erasure of the account does not reset the limit.
        try shop.expect(.init(.delete, "/customers/eve1", as: "adil"), 204)
        try shop.expect(EmailTests.change(#""vic@example.com""#), 200)
        #expect(try count() <= 5)
        try shop.expect(EmailTests.change(#""other@example.com""#), 200)
        #expect(try shop.mails().contains("email-verification to other@example.com"))
        // At most 20 a day.
        for _ in 1...30 {
            shop.clock.pass(seconds: 3600)
            shop.forgetTokens()
            try shop.expect(EmailTests.change(#""vic@example.com""#), 200)
            try shop.expect(EmailTests.again, 202)
            try shop.expect(EmailTests.change("null"), 200)
        }
        let day: Int64 = try shop.value(
            """
            SELECT COUNT(*) AS value FROM jobs WHERE payload LIKE '%"to":"vic@example.com"%'
                AND created_at > \(shop.clock.now.adding(seconds: -24 * 60 * 60).milliseconds)
            """)
        #expect((10...20).contains(day), "\(day)")
    }

    @Test("of 50 completions of a reset at once, one succeeds")
    func isResetOnce() throws {
        let shop = try TestShop()
        try shop.verifyAddress("ada@example.com")
        try shop.expect(EmailTests.reset(#"{"username":"ada"}"#), 202)
        try shop.deliverResets()
        let token = try shop.mailedToken(.passwordReset)
        let codes = atOnce(50) { number in
            let body = #"{"token":"\#(token)","new_password":"new horse number \#(number)"}"#
            return try? shop.send(
                Scenario.Step(.post, "/customers/password-resets/complete", body)
            ).status.code
        }
        #expect(codes.count { $0 == 204 } == 1)
        // The others lost, or found no free place for their hash.
        #expect(codes.allSatisfy { [204, 422, 503].contains($0) }, "\(codes)")
        let winner = try #require(codes.firstIndex(of: 204))
        #expect(try shop.login("ada", "new horse number \(winner)").status == .ok)
        let other = (winner + 1) % 50
        #expect(try shop.login("ada", "new horse number \(other)").status == .unauthorized)
        #expect(try shop.mails().count { $0.hasPrefix("password-changed") } == 1)
        try shop.expect(shop.complete(token), 422)
    }
}
