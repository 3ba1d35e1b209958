import HTTP
import TestShop
import Testing

/// The balance of a wallet stays correct under concurrent changes.
@Suite struct GetWalletTests {
    static let rows = [
        Scenario(
            "one's own", .init(.get, "/customers/ada/wallet", as: "ada"), gives: 200,
            shows: #"{"balance":100000,"currency":"USD"}"#),
        Scenario(
            "an empty wallet", .init(.get, "/customers/ben/wallet", as: "ben"), gives: 200,
            shows: #"{"balance":0,"currency":"USD"}"#),
        Scenario(
            "by staff", .init(.get, "/customers/ada/wallet", as: "sami"), gives: 200,
            shows: #"{"balance":100000}"#),
        Scenario(
            "after a purchase",
            after: [
                .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":2}]}"#)
            ],
            .init(.get, "/customers/ada/wallet", as: "ada"), gives: 200,
            shows: #"{"balance":99500}"#),
        Scenario(
            "another customer's", .init(.get, "/customers/ben/wallet", as: "ada"), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "by a moderator", .init(.get, "/customers/ada/wallet", as: "mona"), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "an unknown customer's", .init(.get, "/customers/nobody/wallet", as: "sami"),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "without a token", .init(.get, "/customers/ada/wallet"), gives: 401,
            code: "token_missing"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// 32 concurrent debits of 10,000 from 100,000: ten succeed.
    @Test func isNeverBelowZero() throws {
        for _ in 1...3 {
            let shop = try TestShop()
            _ = try shop.token(of: "sami")
            let answers = atOnce(32) { _ in
                try? shop.send(
                    .post, "/customers/ada/wallet/debit", as: "sami", #"{"amount":10000}"#)
            }
            #expect(answers.filter { $0?.status == .created }.count == 10)
            #expect(try answers.filter { try $0?.code == "insufficient_funds" }.count == 22)
            #expect(try shop.balance(of: "ada") == 0)
            let after = try answers.compactMap { try $0?.json["balance_after"] }
            #expect(after.count == 10)
            for left in 0..<10 { #expect(after.contains(.integer(Int64(left) * 10_000))) }
            #expect(try shop.breaches() == [])
        }
    }

    /// Concurrent credits and debits: the balance is the sum of the accepted ones.
    @Test func addsUp() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "sami")
        let moved = atOnce(32) { number -> Int64 in
            let (way, amount) = number % 2 == 0 ? ("credit", 3) : ("debit", 7)
            let response = try? shop.send(
                .post, "/customers/ben/wallet/\(way)", as: "sami", #"{"amount":\#(amount)}"#)
            guard response?.status == .created,
                case .integer(let moved)? = try? response?.json["amount"]
            else { return 0 }
            return moved
        }
        #expect(moved.filter { $0 == 3 }.count == 16)
        #expect(try shop.balance(of: "ben") == moved.reduce(0, +))
        #expect(try shop.breaches() == [])
    }
}
