import HTTP
import TestShop
import Testing

@Suite struct ListWalletEntriesTests {
    private static let list = "/customers/ben/wallet/entries"

    static let rows = [
        Scenario(
            "an empty ledger", .init(.get, list, as: "ben"), gives: 200,
            shows: #"{"data":[],"next":null}"#),
        Scenario(
            "newest first",
            after: [
                .init(
                    .post, "/customers/ben/wallet/credit", as: "sami",
                    #"{"amount":1000,"note":"one"}"#),
                .init(.post, "/customers/ben/wallet/debit", as: "adil", #"{"amount":100}"#),
                .init(.post, "/sales", as: "ben", #"{"items":[{"product_id":1,"quantity":2}]}"#),
            ],
            .init(.get, list, as: "ben"), gives: 200,
            shows:
                #"""
                {"data":[{"id":4,"amount":-500,"balance_after":400,"currency":"USD",\#
                "kind":"purchase","order_id":1,"actor":"ben",\#
                "created_at":"2026-11-18T11:06:40.000Z"},{"id":3,"amount":-100,\#
                "balance_after":900,"kind":"debited","order_id":null,"actor":"adil",\#
                "note":null},{"id":2,"amount":1000,"balance_after":1000,\#
                "kind":"credited","order_id":null,"actor":"sami","note":"one"}],\#
                "next":null}
                """#
        ),
        Scenario(
            "by staff", .init(.get, "/customers/ada/wallet/entries", as: "sami"), gives: 200,
            shows: #"{"data":[{"id":1,"amount":100000,"balance_after":100000}],"next":null}"#),
        Scenario(
            "another customer's", .init(.get, list, as: "ada"), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "by a moderator", .init(.get, list, as: "mona"), gives: 404, code: "customer_not_found"),
        Scenario(
            "an unknown customer's", .init(.get, "/customers/nobody/wallet/entries", as: "sami"),
            gives: 404, code: "customer_not_found"),
        Scenario("without a token", .init(.get, list), gives: 401, code: "token_missing"),
        Scenario(
            "an unknown parameter", .init(.get, "\(list)?kind=credited", as: "ben"), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"kind"}]}"#),
        Scenario(
            "too large a page", .init(.get, "\(list)?limit=101", as: "ben"), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"limit"}]}"#),
        Scenario(
            "a bad cursor", .init(.get, "\(list)?after=x", as: "ben"), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"after"}]}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// Across pages, each entry continues from the previous balance, and no entry of another wallet
    /// appears.
    @Test func isAChain() throws {
        let shop = try TestShop()
        for number in 1...25 {
            let way = number % 5 == 0 ? "debit" : "credit"
            for (name, amount) in [("ben", number), ("ada", 1)] {
                let response = try shop.send(
                    .post, "/customers/\(name)/wallet/\(way)", as: "sami", #"{"amount":\#(amount)}"#
                )
                try #require(response.status == .created, "\(response.text)")
            }
        }
        var newer: (id: Int64, before: Int64)?
        var count = 0
        var cursor = ""
        while true {
            let page = try shop.send(
                .get, "\(ListWalletEntriesTests.list)?limit=4\(cursor)", as: "ben")
            for entry in try page.json["data"]?.elements ?? [] {
                guard case .integer(let id)? = entry["id"],
                    case .integer(let amount)? = entry["amount"],
                    case .integer(let after)? = entry["balance_after"]
                else { throw TestFailure(description: page.text) }
                if let newer {
                    #expect(newer.id > id)
                    #expect(newer.before == after)
                } else {
                    #expect(try shop.balance(of: "ben") == after)
                }
                newer = (id, after - amount)
                count += 1
            }
            guard case .string(let next)? = try page.json["next"] else { break }
            cursor = "&after=\(next)"
        }
        #expect(count == 25)
        #expect(newer?.before == 0)
    }
}
