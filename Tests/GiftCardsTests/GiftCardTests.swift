import HTTP
import HTTPTypes
import Service
import Storage
import TestShop
import Testing

/// Gift cards: how staff create and cancel them, and how customers redeem them.
@Suite struct GiftCardTests {
    private static let target = "/customers/ben/wallet/gift-cards"
    private static func create(_ body: String) -> Scenario.Step {
        .init(.post, "/sales/gift-cards", as: "sami", body)
    }
    private static let one = create(#"{"amount":5000,"count":1}"#)
    private static let cancel = Scenario.Step(.post, "/sales/gift-cards/1/cancel", as: "sami")
    private static let unknown = #"{"code":"aaaa-bbbb-cccc-dddd"}"#

    static let rows = creations + cancellations + redemptions

    private static let creations = [
        Scenario(
            "creates a batch", create(#"{"amount":5000,"count":2}"#), gives: 201,
            shows: #"""
                {"data":[{"id":1,"amount":5000,"currency":"USD","status":"open",\#
                "expires_at":null,"created_by":"sami","redeemed_by":null,"redeemed_at":null,\#
                "cancelled_at":null},{"id":2}]}
                """#, fields: ["Location": "/sales/gift-cards"]),
        Scenario(
            "reports every fault",
            create(#"{"amount":0,"count":101,"expires_at":"2027","code":"a"}"#),
            gives: 422, code: "invalid_request",
            shows: #"""
                {"errors":[{"field":"amount"},{"field":"count"},{"field":"expires_at"},\#
                {"field":"code"}]}
                """#),
        Scenario(
            "rejects an expiry in the past",
            create(#"{"amount":1,"count":1,"expires_at":"2026-11-18T11:06:40Z"}"#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"expires_at"}]}"#),
        Scenario(
            "creates nothing in a dry run",
            after: [
                .init(
                    .post, "/sales/gift-cards?dry_run=true", as: "sami",
                    #"{"amount":1,"count":1}"#)
            ], .init(.get, "/sales/gift-cards", as: "sami"), gives: 200,
            shows: #"{"data":[],"next":null}"#),
        Scenario(
            "rejects a moderator", .init(.get, "/sales/gift-cards", as: "mona"), gives: 403,
            code: "forbidden"),
        Scenario(
            "lists the newest first without codes", after: [create(#"{"amount":1,"count":2}"#)],
            .init(.get, "/sales/gift-cards", as: "sami"), gives: 200,
            shows: #"{"data":[{"id":2},{"id":1}],"next":null}"#),
        Scenario(
            "lists by status", after: [create(#"{"amount":1,"count":2}"#), cancel],
            .init(.get, "/sales/gift-cards?status=cancelled", as: "sami"), gives: 200,
            shows: #"{"data":[{"id":1,"status":"cancelled"}],"next":null}"#),
        Scenario(
            "shows one", after: [one], .init(.get, "/sales/gift-cards/1", as: "sami"), gives: 200,
            shows: #"{"id":1,"amount":5000}"#),
        Scenario(
            "reports an unknown card", .init(.get, "/sales/gift-cards/7", as: "sami"), gives: 404,
            code: "gift_card_not_found"),
    ]

    private static let cancellations = [
        Scenario(
            "cancels a card", after: [one], cancel, gives: 200,
            shows: #"{"status":"cancelled","cancelled_at":"2026-11-18T11:06:40.000Z"}"#),
        Scenario(
            "does not cancel a card twice", after: [one, cancel], cancel, gives: 409,
            code: "invalid_transition"),
        Scenario(
            "does not cancel another version", after: [one],
            .init(
                .post, "/sales/gift-cards/1/cancel", as: "sami", fields: [.ifMatch: #""x""#]),
            gives: 412, code: "precondition_failed"),
        Scenario(
            "does not cancel an unknown card", cancel, gives: 404, code: "gift_card_not_found"),
    ]

    private static let redemptions = [
        Scenario(
            "rejects staff", .init(.post, target, as: "sami", unknown), gives: 403,
            code: "forbidden"),
        Scenario(
            "hides the wallet from another customer", .init(.post, target, as: "ada", unknown),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "rejects an empty code", .init(.post, target, as: "ben", #"{"code":""}"#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"code"}]}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    private func codes(_ shop: TestShop, _ body: String = #"{"amount":5000,"count":1}"#) throws
        -> [String]
    {
        try Self.create(body).succeeds(in: shop).json["data"]?.elements.compactMap {
            $0["code"]?.text
        } ?? []
    }

    private func redeem(
        _ shop: TestShop, _ code: String, as name: String = "ben", fields: HTTPFields = [:]
    ) throws -> Response {
        try shop.send(
            .post, "/customers/\(name)/wallet/gift-cards", as: name, #"{"code":"\#(code)"}"#,
            fields: fields)
    }

    @Test func creditsTheWalletOnce() throws {
        let shop = try TestShop()
        let code = try codes(shop)[0]
        let entry = try redeem(shop, code)
        #expect(entry.status.code == 201, "\(entry.text)")
        #expect(entry.fields[.location] == "/customers/ben/wallet/entries")
        #expect(
            try entry.json.includes(
                JSON(
                    parsing: Array(
                        #"{"amount":5000,"balance_after":5000,"kind":"gift_card","actor":"ben"}"#
                            .utf8
                    ))))
        let event: String = try shop.value(
            "SELECT subject AS value FROM outbox WHERE type = 'wallet.credited'")
        #expect(event == "/customers/ben/wallet")
        let again = try redeem(shop, code, as: "ada")
        #expect(try again.json["code"] == "gift_card_invalid")
        #expect(try shop.send(.get, "/customers/ben/wallet", as: "ben").json["balance"] == 5000)
        let card = try shop.send(.get, "/sales/gift-cards/1", as: "sami").json
        #expect(card["status"] == "redeemed" && card["redeemed_by"] == "ben")
        #expect(try shop.send(Self.cancel).json["code"] == "invalid_transition")
        let export = try shop.send(.get, "/customers/ben/export", as: "ben").json["gift_cards"]
        #expect(export?[0]?["amount"] == 5000 && export?.elements.count == 1)
        #expect(try shop.breaches() == [])
    }

    /// As people type it, but not with other letters.
    @Test func acceptsTheCodeAsTyped() throws {
        let shop = try TestShop()
        let all = try codes(shop, #"{"amount":1,"count":4}"#)
        let pattern = #/[2-9a-km-np-z]{4}(-[2-9a-km-np-z]{4}){3}/#
        #expect(Set(all).count == 4 && all.allSatisfy { $0.wholeMatch(of: pattern) != nil })
        let bare = all[0].filter { $0 != "-" }
        for typed in [bare, all[1].uppercased(), " \(all[2].replacing("-", with: " ")) "] {
            #expect(try redeem(shop, typed).status.code == 201, "\(typed)")
        }
        for typed in [String(all[3].dropLast()), all[3] + "2", "x"] {
            #expect(try redeem(shop, typed).json["code"] == "gift_card_invalid", "\(typed)")
        }
    }

    @Test func rejectsCancelledAndExpiredCards() throws {
        let shop = try TestShop()
        let code = try codes(shop)[0]
        try Self.cancel.succeeds(in: shop)
        #expect(try redeem(shop, code).json["code"] == "gift_card_invalid")
        let late = try codes(
            shop, #"{"amount":1,"count":2,"expires_at":"2026-11-18T11:06:50Z"}"#)
        shop.clock.pass(seconds: 9)
        #expect(try redeem(shop, late[0]).status.code == 201)
        shop.clock.pass(seconds: 1)
        #expect(try redeem(shop, late[1]).json["code"] == "gift_card_invalid")
        let card = try shop.send(.get, "/sales/gift-cards/3", as: "sami").json
        #expect(card["status"] == "expired")
    }

    /// Staff cannot move money into their own wallet by a card of their own.
    @Test func rejectsTheCreator() throws {
        let shop = try TestShop()
        let code = try codes(shop)[0]
        let answer = try redeem(shop, code, as: "sami")
        #expect(answer.status.code == 403)
        #expect(try answer.json["code"] == "own_account")
        #expect(try redeem(shop, code, as: "adil").status.code == 201)
    }

    @Test func storesNoCode() throws {
        let shop = try TestShop()
        for _ in 1...2 {
            let made = try shop.send(
                .post, "/sales/gift-cards", as: "sami", #"{"amount":1,"count":3}"#,
                fields: [HTTPField.Name("Idempotency-Key") ?? .accept: "once"])
            #expect(made.status.code == 201)
            let rows = try shop.dump().joined(separator: "\n")
            for card in try made.json["data"]?.elements ?? [] {
                let code = try #require(card["code"]?.text)
                #expect(!rows.contains(code) && !rows.contains(code.filter { $0 != "-" }))
            }
        }
        let cards: Int64 = try shop.value("SELECT COUNT(*) AS value FROM gift_cards")
        #expect(cards == 3)
        #expect(try shop.breaches() == [])
    }

    @Test func anIdempotencyKeyRepeatsTheEntry() throws {
        let shop = try TestShop()
        let code = try codes(shop)[0]
        let key: HTTPFields = [HTTPField.Name("Idempotency-Key") ?? .accept: "card"]
        let first = try redeem(shop, code, fields: key)
        let second = try redeem(shop, code, fields: key)
        #expect(first.status.code == 201 && second.status.code == 201)
        #expect(first.text == second.text)
        #expect(try shop.send(.get, "/customers/ben/wallet", as: "ben").json["balance"] == 5000)
    }

    /// A batch and its redemption are audited without a code.
    @Test func staffAreAudited() throws {
        let shop = try TestShop()
        let code = try codes(shop)[0]
        try Self.cancel.succeeds(in: shop)
        let log = try shop.send(.get, "/customers/audit", as: "adil")
        let entries = try log.json["data"]?.elements ?? []
        #expect(entries.map { $0["action"] } == ["cancelled_gift_card", "created_gift_cards"])
        #expect(entries.map { $0["subject"] } == ["/sales/gift-cards/1", "/sales/gift-cards"])
        #expect(entries[1]["after"] == #"{"amount":5000,"count":1}"#)
        #expect(!log.text.contains(code))
    }
}
