import Customers
import HTTP
import Storage
import TestShop
import Testing
import Values

@Suite struct ChangeWalletTests {
    private static func credit(_ name: String, as account: String?, _ body: String) -> Scenario.Step
    {
        .init(.post, "/customers/\(name)/wallet/credit", as: account, body)
    }

    private static func debit(_ name: String, as account: String?, _ body: String) -> Scenario.Step
    {
        .init(.post, "/customers/\(name)/wallet/debit", as: account, body)
    }

    static let rows = [
        Scenario(
            "staff credit", credit("ada", as: "sami", #"{"amount":5,"note":"thanks"}"#), gives: 201,
            shows:
                #"""
                {"id":2,"amount":5,"balance_after":100005,"currency":"USD",\#
                "kind":"credited","order_id":null,"actor":"sami","note":"thanks",\#
                "created_at":"2026-11-18T11:06:40.000Z"}
                """#,
            fields: ["Location": "/customers/ada/wallet/entries"]),
        Scenario(
            "staff debit", debit("ada", as: "adil", #"{"amount":5}"#), gives: 201,
            shows:
                #"""
                {"amount":-5,"balance_after":99995,"currency":"USD","kind":"debited",\#
                "order_id":null,"actor":"adil","note":null}
                """#,
            fields: ["Location": "/customers/ada/wallet/entries"]),
        Scenario(
            "the smallest amount", credit("ben", as: "sami", #"{"amount":1}"#), gives: 201,
            shows: #"{"amount":1,"balance_after":1}"#),
        Scenario(
            "the largest amount", credit("ben", as: "sami", #"{"amount":100000000000}"#),
            gives: 201, shows: #"{"balance_after":100000000000}"#),
        Scenario(
            "above the largest amount", credit("ben", as: "sami", #"{"amount":100000000001}"#),
            gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario(
            "zero", credit("ben", as: "sami", #"{"amount":0}"#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario(
            "a negative amount", credit("ben", as: "sami", #"{"amount":-1}"#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario(
            "the largest amount, debit",
            after: [credit("ben", as: "sami", #"{"amount":100000000000}"#)],
            debit("ben", as: "sami", #"{"amount":100000000000}"#), gives: 201,
            shows: #"{"amount":-100000000000,"balance_after":0}"#),
        Scenario(
            "above the largest amount, debit",
            debit("ada", as: "sami", #"{"amount":100000000001}"#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario(
            "zero, debit", debit("ada", as: "sami", #"{"amount":0}"#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario(
            "a negative amount, debit", debit("ada", as: "sami", #"{"amount":-5}"#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario(
            "every fault", credit("ada", as: "sami", #"{"note":7,"currency":"EUR"}"#), gives: 422,
            code: "invalid_request",
            shows:
                #"{"errors":[{"field":"amount","message":"is missing"},{"field":"note"},{"field":"currency"}]}"#
        ),
        Scenario(
            "a long note",
            credit(
                "ada", as: "sami", #"{"amount":1,"note":"\#(String(repeating: "n", count: 500))"}"#),
            gives: 201),
        Scenario(
            "too long a note",
            credit(
                "ada", as: "sami", #"{"amount":1,"note":"\#(String(repeating: "n", count: 501))"}"#),
            gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"note"}]}"#),
        Scenario(
            "the whole balance", debit("ada", as: "sami", #"{"amount":100000}"#), gives: 201,
            shows: #"{"balance_after":0}"#),
        Scenario(
            "more than the balance", debit("ada", as: "sami", #"{"amount":100001}"#), gives: 409,
            code: "insufficient_funds"),
        Scenario(
            "from an empty wallet", debit("ben", as: "sami", #"{"amount":1}"#), gives: 409,
            code: "insufficient_funds"),
        Scenario(
            "one's own, by staff", credit("sami", as: "sami", #"{"amount":1}"#), gives: 403,
            code: "own_account"),
        Scenario(
            "one's own, debit, by staff", debit("sami", as: "sami", #"{"amount":1}"#), gives: 403,
            code: "own_account"),
        Scenario(
            "one's own, by an admin", credit("adil", as: "adil", #"{"amount":1}"#), gives: 403,
            code: "own_account"),
        Scenario(
            "a member of staff's, by another", credit("sami", as: "adil", #"{"amount":1}"#),
            gives: 201, shows: #"{"actor":"adil"}"#),
        Scenario(
            "one's own, in", credit("ada", as: "ada", #"{"amount":1}"#), gives: 403,
            code: "forbidden"),
        Scenario(
            "one's own, out", debit("ada", as: "ada", #"{"amount":1}"#), gives: 403,
            code: "forbidden"),
        Scenario(
            "a moderator's own", credit("mona", as: "mona", #"{"amount":1}"#), gives: 403,
            code: "forbidden"),
        Scenario(
            "another customer's, credit", credit("ben", as: "ada", #"{"amount":1}"#), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "another customer's, debit", debit("ben", as: "ada", #"{"amount":1}"#), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "by a moderator", credit("ben", as: "mona", #"{"amount":1}"#), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "an unknown customer's, credit", credit("nobody", as: "sami", #"{"amount":1}"#),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "an unknown customer's, debit", debit("nobody", as: "sami", #"{"amount":1}"#),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "by an anonymous caller, credit", credit("ada", as: nil, #"{"amount":1}"#), gives: 401,
            code: "token_missing"),
        Scenario(
            "by an anonymous caller, debit", debit("ada", as: nil, #"{"amount":1}"#), gives: 401,
            code: "token_missing"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }
    @Test func rejectsCreditsAboveTheMaximumBalance() throws {
        let shop = try TestShop()
        let ben = try #require(
            try accounts(all: true, on: shop.store).first { $0.username == "ben" })
        try creditAccount(
            ben, Money(minorUnits: 1_000_000_000_000_000 - 10), note: "rich", at: shop.clock.now,
            on: shop.store)
        let before = try shop.dump()
        let over = try shop.send(ChangeWalletTests.credit("ben", as: "sami", #"{"amount":11}"#))
        #expect(over.status == .conflict)
        #expect(try over.code == "wallet_full")
        // Nothing changed except the sessions of the tokens.
        #expect(
            try shop.dump().filter { $0.hasPrefix("customers") }
                == before.filter { $0.hasPrefix("customers") })
        let brim = try shop.send(ChangeWalletTests.credit("ben", as: "sami", #"{"amount":10}"#))
        #expect(try brim.json["balance_after"] == .integer(1_000_000_000_000_000))
        #expect(try shop.breaches() == [])
    }
}
