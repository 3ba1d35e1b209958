import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// No response to one caller reaches another through nginx's cache.
    @Suite struct PrivacyTests {
        /// The callers that request the same target; "" sends no token.
        private static let callers = ["", "author", "moderator", "staff", "nonsense"]

        private struct Scene {
            let visitors: [String: Visitor]
            let targets: [String]
        }

        /// A pending review of ada's, a product with low stock, and the callers who may see them.
        private func scene() throws -> Scene {
            let shop = try SharedShop.shop
            let ada = try SharedShop.demo("ada")
            let product = try SharedShop.product(stock: 2)
            let pending = try ada.send(
                "POST", "/reviews", #"{"product_id":\#(product),"rating":1,"comment":"Private."}"#
            ).expect(201).integer("id")
            return Scene(
                visitors: [
                    "": shop.visitor(), "author": ada, "moderator": try SharedShop.demo("mona"),
                    "staff": try SharedShop.demo("sami"),
                    "nonsense": Visitor(port: shop.port, token: "nonsense"),
                ],
                targets: [
                    "/reviews/\(pending)", "/reviews?status=pending&product_id=\(product)",
                    "/reviews?status=approved&product_id=\(product)", "/reviews?flagged=true",
                    "/inventory/low-stock", "/inventory/\(product)",
                    "/inventory/\(product)/movements", "/inventory?limit=3",
                ])
        }

        /// Status and content, without the request id of a problem.
        private func essence(_ answer: HTTPAnswer) throws -> String {
            let id = answer["X-Request-Id"] ?? ""
            return "\(answer.status) \(answer.text.replacing(id, with: "ID"))"
        }

        @Test func holdsInAnyOrderOfCallers() throws {
            let scene = try scene()
            for target in scene.targets {
                var expected: [String: String] = [:]
                for order in Self.callers.permutations {
                    for caller in order {
                        let answer = try #require(scene.visitors[caller]).send("GET", target)
                        let essence = try essence(answer)
                        #expect(expected[caller, default: essence] == essence, "\(target)")
                        expected[caller] = essence
                        expectKept(answer, caller, target)
                    }
                }
                #expect(expected["nonsense"]?.hasPrefix("401 ") == true)
                let isHidden = !target.contains("approved") && target.hasPrefix("/reviews")
                if isHidden {
                    #expect(expected[""]?.contains("Private.") == false)
                    #expect(expected[""]?.hasPrefix("40") == true, "\(target)")
                }
            }
        }

        private func expectKept(_ answer: HTTPAnswer, _ caller: String, _ target: String) {
            let cache = answer["X-Cache"] ?? ""
            let isOpen = caller.isEmpty && answer.status == 200
            #expect((cache == "BYPASS") == !caller.isEmpty, "\(target) \(answer)")
            #expect(isOpen || ["BYPASS", "MISS", "EXPIRED"].contains(cache), "\(target) \(answer)")
            #expect(
                answer["Cache-Control"]?.hasPrefix(isOpen ? "public," : "private, no-store")
                    == true,
                "\(target) \(answer)")
        }

        /// Any Authorization field is a token in every spelling: such a request gets no cached
        /// response.
        @Test(arguments: ["0", "Bearer", "Bearer x", "Basic YTpi", "bearer  ", "x", "00", "off"])
        func holdsForAnInvalidToken(value: String) throws {
            let visitor = try SharedShop.shop.visitor()
            for name in ["Authorization", "authorization", "AUTHORIZATION"] {
                try visitor.send("GET", "/inventory/1").expect(200)
                let answer = try visitor.send("GET", "/inventory/1", fields: [(name, value)])
                answer.expectProblem(401, "token_invalid")
                #expect(answer["X-Cache"] == "BYPASS")
            }
        }

        /// After a logout, data that was readable a moment ago is not.
        @Test func holdsAfterALogout() throws {
            let ada = try SharedShop.demo("ada")
            let target = "/reviews?status=pending"
            try ada.send("GET", target).expect(200)
            try ada.send("POST", "/customers/logout").expect(204)
            try ada.send("GET", target).expectProblem(401, "session_ended")
            ada.token = nil
            try ada.send("GET", target).expectProblem(401, "token_missing")
        }
    }

    /// The inventory responder is stopped and not restarted.
    @Suite struct StaleTests {
        @Test func aPopularPageStaysForAWhile() throws {
            let shop = try SharedShop.shop
            let target = "/inventory/\(try SharedShop.product(stock: 1))"
            let sami = try SharedShop.demo("sami")
            let visitor = shop.visitor()
            let kept = try visitor.send("GET", target).expect(200)
            // One request in 200 uses the zone of copies, and the sixteenth of them writes one.
            func hasCopy() throws -> Bool {
                let folder = "nginx/cache-stale"
                return try FileManager.default.subpathsOfDirectory(
                    atPath: shop.home.file(folder)
                ).contains {
                    let path = shop.home.file("\(folder)/\($0)")
                    let text = FileManager.default.contents(atPath: path) ?? Data()
                    return String(decoding: text, as: UTF8.self).contains("KEY: GET \(target) ")
                }
            }
            var count = 0
            while try count % 100 > 0 || !hasCopy() {
                try visitor.send("GET", target).expect(200)
                count += 1
                try #require(count < 30_000)
            }
            print("a copy for failures after \(count) requests")
            let socket = shop.home.file("run/inventory.sock"), aside = socket + ".aside"
            #expect(rename(socket, aside) == 0)
            defer { rename(aside, socket) }
            let before = try shop.process(of: "inventoryd")
            kill(before, SIGKILL)
            // The copy becomes older than a second, and nginx closes its connections to the dead
            // process.
            usleep(2_300_000)
            for _ in 0..<3 {
                let stale = try shop.visitor().send("GET", target).expect(200)
                #expect(stale.body == kept.body)
                #expect(stale["X-Cache"] == "STALE")
                #expect(stale["X-Request-Id"] != kept["X-Request-Id"])
            }
            // Requests with a token, and pages without a copy, get an error.
            try sami.send("GET", target).expectProblem(502, "bad_gateway")
            try shop.visitor().send("GET", "\(target)/none").expectProblem(502, "bad_gateway")
            #expect(rename(aside, socket) == 0)
            #expect(try eventually(within: 30) { try shop.process(of: "inventoryd") != before })
            try sami.send("GET", target).expect(200)
            let again = try shop.visitor().send("GET", target).expect(200)
            #expect(again["X-Cache"] != "STALE")
        }
    }
}

extension Array {
    /// All permutations of the elements.
    fileprivate var permutations: [[Element]] {
        guard count > 1 else { return [self] }
        return indices.flatMap { index in
            var rest = self
            let first = rest.remove(at: index)
            return rest.permutations.map { [first] + $0 }
        }
    }
}
