import Customers
import HTTP
import Storage
import TestShop
import Testing

/// Requests whose caller loses the role or the session before the request writes.
@Suite struct InFlightTests {
    private func review(_ shop: TestShop, as account: String) throws -> Response {
        try shop.send(.post, "/reviews", as: account, #"{"product_id":1,"rating":4}"#)
    }

    @Test(
        arguments: [
            "UPDATE customers SET status = 'suspended' WHERE username = 'ben'",
            "UPDATE customers SET status = 'erased' WHERE username = 'ben'",
            "UPDATE sessions SET ended_at = 1 WHERE customer_id = 2",
        ] as [SQL]) func whoeverIsGoneWritesNothing(change: SQL) throws
    {
        let shop = try TestShop()
        _ = try shop.token(of: "ben")
        let answer = try shop.during({ try $0.run(change) }) { try review($0, as: "ben") }
        #expect(answer.status == .unauthorized)
        #expect(try answer.json["code"] == .string("session_ended"))
        #expect(try shop.store.read { try $0.first("SELECT id FROM reviews") } == nil)
    }

    @Test func aDemotedCallerCannotUseTheFormerRole() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "sami")
        let change: SQL = "UPDATE customers SET role = 'customer' WHERE username = 'sami'"
        let answer = try shop.during({ try $0.run(change) }) {
            try $0.send(
                .post, "/inventory/1/stock", as: "sami", #"{"delta":5,"reason":"delivery"}"#)
        }
        #expect(answer.status == .forbidden)
        let moved = try shop.store.read { tx in
            try tx.first("SELECT id FROM stock_movements WHERE delta = 5")
        }
        #expect(moved == nil)
    }

    @Test func anUnchangedCallerIsServed() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "ben")
        let answer = try shop.during({ _ in }) { try review($0, as: "ben") }
        #expect(answer.status == .created)
    }
}
