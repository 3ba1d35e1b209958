import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// Whether the shop tells the truth about how it is.
    @Suite struct HealthTests {
        private func health(
            within seconds: Double, _ shop: RunningShop, becomes status: Int
        ) throws -> HTTPAnswer {
            var answer = try shop.visitor().send("GET", "/healthz")
            try eventually(within: seconds) {
                answer = try shop.visitor().send("GET", "/healthz")
                return answer.status == status
            }
            return answer
        }

        @Test func allFourAnswer() throws {
            let shop = try SharedShop.shop
            let schema = try sqlite(
                shop.home.file("souk.db"), "SELECT COUNT(*) FROM schema_migrations;")
            let answer = try health(within: 5, shop, becomes: 200)
            try answer.expect(
                200,
                shows: #"{"status":"ok","schema":\#(schema.filter(\.isNumber)),"responders":"#
                    + #"{"customers":"ok","inventory":"ok","sales":"ok","reviews":"ok"}}"#)
            #expect(answer["Cache-Control"] == "no-store")
        }

        @Test func oneThatHangsIsNamed() throws {
            let shop = try SharedShop.shop
            for (program, name) in [("reviewsd", "reviews"), ("customersd", "customers")] {
                let process = try shop.process(of: program)
                kill(process, SIGSTOP)
                defer { kill(process, SIGCONT) }
                try health(within: 10, shop, becomes: 503)
                    .expectProblem(503, "unhealthy", faults: [name])
                kill(process, SIGCONT)
                try health(within: 10, shop, becomes: 200).expect(200)
            }
        }

        /// Nobody listens any more, not even whoever would say so.
        @Test func noneAnswers() throws {
            let shop = try SharedShop.shop
            let sockets = ["customers", "inventory", "sales", "reviews"].map {
                shop.home.file("run/\($0).sock")
            }
            for socket in sockets { rename(socket, socket + ".aside") }
            let answer = try shop.visitor().send("GET", "/healthz")
            for socket in sockets { rename(socket + ".aside", socket) }
            answer.expectProblem(503, "unavailable")
            try health(within: 5, shop, becomes: 200).expect(200)
        }

        @Test func anotherSchemaIsNotWell() throws {
            let shop = try SharedShop.shop
            let database = shop.home.file("souk.db")
            try sqlite(database, "INSERT INTO schema_migrations VALUES (999, 'x', 'y', 0);")
            defer {
                _ = try? sqlite(database, "DELETE FROM schema_migrations WHERE version = 999;")
            }
            let areAllNamed = try eventually(within: 5) {
                let answer = try shop.visitor().send("GET", "/healthz")
                let named = try answer.json["errors"]?.elements.count
                return answer.status == 503 && named == 4
            }
            #expect(areAllNamed)
            try sqlite(database, "DELETE FROM schema_migrations WHERE version = 999;")
            try health(within: 5, shop, becomes: 200).expect(200)
        }

        /// More at once than the four have workers, after a silence: all are told.
        @Test func manyMayAskAtOnce() throws {
            let shop = try SharedShop.shop
            try health(within: 5, shop, becomes: 200).expect(200)
            for _ in 0..<5 {
                usleep(3_100_000)
                let answers = atOnce(64) { _ in try? shop.visitor().send("GET", "/healthz").status }
                #expect(answers.allSatisfy { $0 == 200 }, "\(answers)")
            }
        }

        /// Many who ask cost one question, and all are told.
        @Test func manyMayAsk() throws {
            let shop = try SharedShop.shop
            try health(within: 5, shop, becomes: 200).expect(200)
            let before = try shop.visitor().metrics(of: "sales")
            let began = ContinuousClock.now
            let answers = atOnce(16) { _ in
                (0..<25).map { _ in try? shop.visitor().send("GET", "/healthz").status }
            }
            #expect(answers.joined().allSatisfy { $0 == 200 }, "\(answers)")
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            let after = try shop.visitor().metrics(of: "sales")
            let route = "/healthz/sales"
            let asked = after.requests("GET", route, 200) - before.requests("GET", route, 200)
            // The one that is asked asks once a second.
            #expect(asked <= seconds + 2)
        }
    }
}
