import Customers
import HTTP
import Storage
import TestShop
import Testing
import Values

@Suite struct MoveMoneyTests {
    private static func charge(_ name: String, as account: String?, _ body: String) -> Scenario.Step
    {
        .init(.post, "/customers/\(name)/wallet/charge", as: account, body)
    }

    private static func deduct(_ name: String, as account: String?, _ body: String) -> Scenario.Step
    {
        .init(.post, "/customers/\(name)/wallet/deduct", as: account, body)
    }

    // swift-format-ignore
    static let rows = [
        Scenario("staff charge", charge("ada", as: "sami", #"{"amount":5,"note":"thanks"}"#), gives: 201,
            shows: #"{"id":2,"amount":5,"balance_after":100005,"currency":"USD","kind":"charged","order_id":null,"actor":"sami","note":"thanks","created_at":"2026-11-18T11:06:40.000Z"}"#,
            fields: ["Location": "/customers/ada/wallet/entries"]),
        Scenario("staff deduct", deduct("ada", as: "adil", #"{"amount":5}"#), gives: 201,
            shows: #"{"amount":-5,"balance_after":99995,"currency":"USD","kind":"deducted","order_id":null,"actor":"adil","note":null}"#,
            fields: ["Location": "/customers/ada/wallet/entries"]),
        Scenario("the least",              charge("ben", as: "sami", #"{"amount":1}"#),             gives: 201, shows: #"{"amount":1,"balance_after":1}"#),
        Scenario("the most",               charge("ben", as: "sami", #"{"amount":100000000000}"#),  gives: 201, shows: #"{"balance_after":100000000000}"#),
        Scenario("more than the most",     charge("ben", as: "sami", #"{"amount":100000000001}"#),  gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario("nothing",                charge("ben", as: "sami", #"{"amount":0}"#),             gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario("less than nothing",      charge("ben", as: "sami", #"{"amount":-1}"#),            gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario("the most, out",          after: [charge("ben", as: "sami", #"{"amount":100000000000}"#)], deduct("ben", as: "sami", #"{"amount":100000000000}"#), gives: 201, shows: #"{"amount":-100000000000,"balance_after":0}"#),
        Scenario("more than the most, out", deduct("ada", as: "sami", #"{"amount":100000000001}"#), gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario("nothing, out",           deduct("ada", as: "sami", #"{"amount":0}"#),             gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario("less than nothing, out", deduct("ada", as: "sami", #"{"amount":-5}"#),            gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"amount"}]}"#),
        Scenario("every fault",            charge("ada", as: "sami", #"{"note":7,"currency":"EUR"}"#), gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"amount","message":"is missing"},{"field":"note"},{"field":"currency"}]}"#),
        Scenario("a long note",            charge("ada", as: "sami", #"{"amount":1,"note":"\#(String(repeating: "n", count: 500))"}"#), gives: 201),
        Scenario("too long a note",        charge("ada", as: "sami", #"{"amount":1,"note":"\#(String(repeating: "n", count: 501))"}"#), gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"note"}]}"#),
        Scenario("all there is",           deduct("ada", as: "sami", #"{"amount":100000}"#),        gives: 201, shows: #"{"balance_after":0}"#),
        Scenario("more than there is",     deduct("ada", as: "sami", #"{"amount":100001}"#),        gives: 409, code: "insufficient_funds"),
        Scenario("from an empty wallet",   deduct("ben", as: "sami", #"{"amount":1}"#),             gives: 409, code: "insufficient_funds"),
        Scenario("one's own, by staff",    charge("sami", as: "sami", #"{"amount":1}"#),            gives: 403, code: "own_account"),
        Scenario("one's own, out, by staff", deduct("sami", as: "sami", #"{"amount":1}"#),          gives: 403, code: "own_account"),
        Scenario("one's own, by an admin", charge("adil", as: "adil", #"{"amount":1}"#),            gives: 403, code: "own_account"),
        Scenario("a member of staff's, by another", charge("sami", as: "adil", #"{"amount":1}"#),   gives: 201, shows: #"{"actor":"adil"}"#),
        Scenario("one's own, in",          charge("ada", as: "ada", #"{"amount":1}"#),              gives: 403, code: "forbidden"),
        Scenario("one's own, out",         deduct("ada", as: "ada", #"{"amount":1}"#),              gives: 403, code: "forbidden"),
        Scenario("a moderator's own",      charge("mona", as: "mona", #"{"amount":1}"#),            gives: 403, code: "forbidden"),
        Scenario("a stranger's, in",       charge("ben", as: "ada", #"{"amount":1}"#),              gives: 404, code: "customer_not_found"),
        Scenario("a stranger's, out",      deduct("ben", as: "ada", #"{"amount":1}"#),              gives: 404, code: "customer_not_found"),
        Scenario("by a moderator",         charge("ben", as: "mona", #"{"amount":1}"#),             gives: 404, code: "customer_not_found"),
        Scenario("nobody's, in",           charge("nobody", as: "sami", #"{"amount":1}"#),          gives: 404, code: "customer_not_found"),
        Scenario("nobody's, out",          deduct("nobody", as: "sami", #"{"amount":1}"#),          gives: 404, code: "customer_not_found"),
        Scenario("by nobody, in",          charge("ada", as: nil, #"{"amount":1}"#),                gives: 401, code: "token_missing"),
        Scenario("by nobody, out",         deduct("ada", as: nil, #"{"amount":1}"#),                gives: 401, code: "token_missing"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    // swift-format-ignore
    static let selfCharging = [
        Scenario("one's own, in",       charge("ada", as: "ada", #"{"amount":1}"#),   gives: 201, shows: #"{"amount":1,"balance_after":100001,"kind":"charged","actor":"ada"}"#),
        Scenario("a moderator's own",   charge("mona", as: "mona", #"{"amount":1}"#), gives: 201, shows: #"{"actor":"mona"}"#),
        Scenario("one's own, out",      deduct("ada", as: "ada", #"{"amount":1}"#),   gives: 403, code: "forbidden"),
        Scenario("a member of staff's own", charge("sami", as: "sami", #"{"amount":1}"#), gives: 201, shows: #"{"actor":"sami"}"#),
        Scenario("a member of staff's own, out", deduct("sami", as: "sami", #"{"amount":1}"#), gives: 403, code: "own_account"),
        Scenario("a stranger's",        charge("ben", as: "ada", #"{"amount":1}"#),   gives: 404, code: "customer_not_found"),
        Scenario("staff as ever",       charge("ben", as: "sami", #"{"amount":1}"#),  gives: 201, shows: #"{"actor":"sami"}"#),
    ]

    /// A shop without a payment provider.
    @Test(arguments: selfCharging) func answersWhereCustomersCharge(row: Scenario) throws {
        try row.play(in: TestShop(selfCharge: true))
    }

    @Test func fillsAWalletToTheBrim() throws {
        let shop = try TestShop()
        let ben = try #require(
            try accounts(all: true, on: shop.store).first { $0.username == "ben" })
        try chargeAccount(
            ben, Money(minorUnits: 1_000_000_000_000_000 - 10), note: "rich", at: shop.clock.now,
            on: shop.store)
        let before = try shop.dump()
        let over = try shop.send(MoveMoneyTests.charge("ben", as: "sami", #"{"amount":11}"#))
        #expect(over.status == .conflict)
        #expect(try over.code == "wallet_full")
        // Tokens aside, which are sessions, nothing moved.
        #expect(
            try shop.dump().filter { $0.hasPrefix("customers") }
                == before.filter { $0.hasPrefix("customers") })
        let brim = try shop.send(MoveMoneyTests.charge("ben", as: "sami", #"{"amount":10}"#))
        #expect(try brim.json["balance_after"] == .integer(1_000_000_000_000_000))
        #expect(try shop.breaches() == [])
    }
}
