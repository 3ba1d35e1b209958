import Foundation
import HTTP
import ShopFixture
import Storage
import StorageSQLite
import Testing

extension ShopTests {
    /// A responder dies after it has committed an order and before it has sent the response.
    @Suite struct UnansweredTests {
        /// The interval between commit and response lasts microseconds, so the test extends it.
        ///
        /// The client sends requests to the responder's own socket and does not read the responses,
        /// until the socket buffer is full. The next request is the order.
        @Test func theRetryGetsTheFirstResponse() throws {
            let shop = try SharedShop.shop
            let buyer = try SharedShop.buyers[7]
            let product = try SharedShop.product(stock: 100, price: 1)
            let order = #"{"items":[{"product_id":\#(product),"quantity":1}]}"#
            let key = "unanswered-\(product)"
            let store = try SQLiteStore(path: shop.home.file("souk.db"), create: false)
            defer { store.close() }
            let before = try newest(in: store)
            let daemon = try shop.process(of: "salesd")

            let socket = shop.home.file("run/sales.sock")
            let room = try fill(try UnreadConnection(socket))
            let connection = try UnreadConnection(socket)
            let full = try fill(connection, with: room)
            try connection.send(
                "POST", "/sales",
                [
                    ("CONTENT_TYPE", "application/json"), ("HTTP_IDEMPOTENCY_KEY", key),
                    ("HTTP_AUTHORIZATION", "Bearer \(buyer.token ?? "")"),
                ], body: order)
            let isStored = try eventually(within: 8) { try newest(in: store) > before }
            kill(daemon, SIGKILL)
            // Reading now would make room for the response, as long as the responder is not dead.
            let isBack = try eventually(within: 30) { try shop.process(of: "salesd") != daemon }
            #expect(isBack)
            try #require(isStored)
            #expect(connection.rest() == full, "a part of the answer has come")

            let sale = try newest(in: store)
            for _ in 0..<2 {
                let second = try retry(buyer, order, [("Idempotency-Key", key)])
                try second.expect(201, shows: #"{"id":\#(sale),"status":"paid","total":1}"#)
                #expect(second["Idempotent-Replayed"] == "true")
                #expect(second["Location"] == "/sales/\(sale)")
            }
            #expect(try newest(in: store) == sale && sale == before + 1)
            try shop.visitor().send("GET", "/inventory/\(product)").expect(
                200, shows: #"{"stock":99}"#)
            let check = try shop.souk("check")
            #expect(check.code == 0, "\(check)")
        }

        /// Sends requests until a response does not arrive.
        ///
        /// - Returns: the number of responses that fit.
        private func fill(_ connection: UnreadConnection) throws -> Int {
            for count in 0..<10_000 {
                let before = connection.bytes
                try connection.send("GET", "/nowhere")
                guard eventually(within: 4, { connection.bytes > before }) else { return count }
            }
            throw Failure("there is room without an end")
        }

        /// Sends as many requests as there is room for responses.
        ///
        /// - Returns: their size in bytes.
        private func fill(_ connection: UnreadConnection, with count: Int) throws -> Int {
            for _ in 0..<count {
                let before = connection.bytes
                try connection.send("GET", "/nowhere")
                guard eventually(within: 30, { connection.bytes > before }) else {
                    throw Failure("there is less room than there was")
                }
            }
            return connection.bytes
        }

        private func newest(in store: SQLiteStore) throws -> Int64 {
            try store.read { try $0.first("SELECT MAX(id) AS id FROM orders")?["id"] ?? 0 }
        }

        /// Retries until the new responder answers.
        private func retry(
            _ buyer: Visitor, _ order: String, _ key: [(String, String)]
        ) throws -> HTTPAnswer {
            var answer: HTTPAnswer?
            eventually(within: 30) {
                answer = try? buyer.send("POST", "/sales", order, fields: key)
                return answer?.status == 201
            }
            guard let answer else { throw Failure("the second try was never answered") }
            return answer
        }
    }
}
