import HTTP
import HTTPTypes
import Service
import Storage
import TestShop
import Testing
import Values

/// Guesses of codes, redemptions at once, and key rotations.
@Suite struct GiftCardGuessTests {
    private func code(_ shop: TestShop) throws -> String {
        let made = try shop.send(
            .post, "/sales/gift-cards", as: "sami", #"{"amount":5000,"count":1}"#)
        return try #require(try made.json["data"]?[0]?["code"]?.text)
    }

    private func redeem(_ shop: TestShop, _ code: String, as name: String = "ben") throws
        -> Response
    {
        try shop.send(
            .post, "/customers/\(name)/wallet/gift-cards", as: name, #"{"code":"\#(code)"}"#)
    }

    /// Five wrong codes, then one after 1, 2, 4 … seconds, from any network.
    @Test func slowsDownAnAccount() throws {
        let shop = try TestShop()
        let code = try code(shop)
        for _ in 1...4 { #expect(try redeem(shop, "wrong").status.code == 409) }
        for seconds in [1, 2, 4, 8] {
            #expect(try redeem(shop, "wrong").status.code == 409)
            let locked = try redeem(shop, code)
            #expect(locked.status.code == 429)
            #expect(try locked.json["code"] == "too_many_guesses")
            #expect(locked.fields[.retryAfter] == "\(seconds)")
            shop.clock.pass(seconds: Int64(seconds))
        }
        #expect(try redeem(shop, "wrong", as: "ada").status.code == 409)
        #expect(try redeem(shop, code).status.code == 201)
        // A right code forgets no wrong ones.
        #expect(try redeem(shop, "wrong").status.code == 409)
        #expect(try redeem(shop, "wrong").fields[.retryAfter] == "16")
        #expect(try shop.breaches() == [])
    }

    @Test func countsNothingForARightCode() throws {
        let shop = try TestShop()
        for _ in 1...7 { #expect(try redeem(shop, code(shop)).status.code == 201) }
        let failures: Int64 = try shop.value("SELECT COUNT(*) AS value FROM login_failures")
        #expect(failures == 0)
    }

    /// Of 30 concurrent guesses, at most five are compared.
    @Test func guessesAtOnceGainNothing() throws {
        let shop = try TestShop()
        _ = try code(shop)
        _ = try shop.token(of: "ben")
        let codes = atOnce(30) { number in
            try? redeem(shop, "wrong \(number)").status.code
        }
        #expect(codes.count { $0 == 409 } == 5)
        #expect(codes.count { $0 == 429 } == 25)
    }

    /// Fifty customers redeem one card at once.
    @Test func oneOfFiftyRedeems() throws {
        let shop = try TestShop()
        let code = try code(shop)
        let names = (1...50).map { "buyer\($0)" }
        try shop.addCustomers(names)
        for name in names { _ = try shop.token(of: name) }
        let codes = atOnce(50) { try? redeem(shop, code, as: names[$0]).status.code }
        #expect(codes.count { $0 == 201 } == 1)
        #expect(codes.count { $0 == 409 } == 49)
        let credited: Int64 = try shop.value(
            "SELECT SUM(balance) AS value FROM customers WHERE username LIKE 'buyer%'")
        #expect(credited == 5000)
        #expect(try shop.breaches() == [])
    }

    /// Many redemptions by one account at once: the card is credited once.
    @Test func oneOfManyByOneAccount() throws {
        let shop = try TestShop()
        let code = try code(shop)
        _ = try shop.token(of: "ben")
        let codes = atOnce(50) { _ in try? redeem(shop, code).status.code }
        #expect(codes.count { $0 == 201 } == 1)
        #expect(codes.allSatisfy { [201, 409, 429].contains($0) })
        #expect(try shop.send(.get, "/customers/ben/wallet", as: "ben").json["balance"] == 5000)
        #expect(try shop.breaches() == [])
    }

    /// The hashes do not depend on the shop's keys, which are replaced in a rotation.
    @Test func aKeyRotationVoidsNoCard() throws {
        let shop = try TestShop()
        let code = try code(shop)
        let stored: String = try shop.value("SELECT code_hash AS value FROM gift_cards")
        let key: String = try shop.value("SELECT hash_key AS value FROM gift_card_keys")
        let rotated = try TestShop(
            beside: shop, secret: Array("another key of at least 32 bytes".utf8))
        let answer = try redeem(rotated, code)
        #expect(answer.status.code == 201, "\(answer.text)")
        #expect(stored.utf8.count == 43 && key.utf8.count == 43)
    }

    @Test func checkFindsAMissingEntry() throws {
        let shop = try TestShop()
        _ = try redeem(shop, code(shop))
        try shop.store.write {
            try $0.run("UPDATE gift_cards SET wallet_entry_id = NULL")
        }
        let breaches = try shop.breaches()
        #expect(breaches.contains("gift card 1"))
        #expect(
            breaches.contains { $0.hasPrefix("wallet entry ") && $0.hasSuffix(" 0 gift cards") })
    }
}
