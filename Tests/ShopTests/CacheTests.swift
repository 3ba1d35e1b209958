import Foundation
import HTTP
import ShopFixture
import Synchronization
import TestShop
import Testing

extension ShopTests {
    /// What nginx keeps for those who send no token, and for how long.
    @Suite struct CacheTests {
        private func change(_ product: Int64, price: Int) throws {
            try SharedShop.demo("sami").send(
                "PATCH", "/inventory/\(product)", #"{"price":\#(price)}"#
            ).expect(200)
        }

        /// A page that is read all the time, and one that nobody has read for a while.
        @Test(arguments: [true, false]) func aPriceIsSeenWithinTwoSeconds(isRead: Bool) throws {
            let visitor = try SharedShop.shop.visitor()
            let product = try SharedShop.product(stock: 1, price: 100)
            let target = "/inventory/\(product)"
            try visitor.send("GET", target).expect(200, shows: #"{"price":100}"#)
            try change(product, price: 90)
            let changed = ContinuousClock.now
            var hits = 0
            while isRead, ContinuousClock.now < changed + .seconds(2) {
                let answer = try visitor.send("GET", target).expect(200)
                if answer["X-Cache"] == "HIT" { hits += 1 }
                usleep(2000)
            }
            if !isRead { sleep(2) }
            for _ in 0..<20 {
                try visitor.send("GET", target).expect(200, shows: #"{"price":90}"#)
            }
            #expect(!isRead || hits > 20, "\(hits)")
        }

        /// Whoever has a token sees at once what has been done, and so does who asks for it.
        @Test func aPriceIsSeenAtOnceByWhoMust() throws {
            let visitor = try SharedShop.shop.visitor()
            let sami = try SharedShop.demo("sami")
            let product = try SharedShop.product(stock: 1, price: 1)
            let target = "/inventory/\(product)"
            for price in 2..<12 {
                try visitor.send("GET", target).expect(200)
                try change(product, price: price)
                let new = #"{"price":\#(price)}"#
                let known = try sami.send("GET", target).expect(200, shows: new)
                #expect(known["X-Cache"] == "BYPASS")
                #expect(known["Cache-Control"] == "private, no-store")
                let fresh = [("Cache-Control", "no-cache")]
                try visitor.send("GET", target, fields: fresh).expect(200, shows: new)
                // That one is kept for all who come after.
                try visitor.send("GET", target).expect(200, shows: new)
            }
        }

        @Test func whatIsGoneIsGoneWithinTwoSeconds() throws {
            let visitor = try SharedShop.shop.visitor()
            let product = try SharedShop.product(stock: 1)
            try visitor.send("GET", "/inventory/\(product)").expect(200)
            try SharedShop.demo("sami").send("DELETE", "/inventory/\(product)").expect(204)
            sleep(2)
            // Each with an id of its own: nobody gets another's problem.
            for _ in 0..<5 {
                try visitor.send("GET", "/inventory/\(product)")
                    .expectProblem(404, "product_not_found")
            }
        }

        /// Conditions, and HEAD, which must not leave an answer without its body for GET.
        @Test func aConditionIsJudgedByWhatIsKept() throws {
            let visitor = try SharedShop.shop.visitor()
            let product = try SharedShop.product(stock: 1)
            let target = "/inventory/\(product)"
            let etag = try #require(
                SharedShop.demo("sami").send("GET", target).expect(200)["ETag"])
            let unchanged = [("If-None-Match", etag)]
            for method in ["HEAD", "GET"] {
                for fields in [unchanged, [("If-None-Match", #""other""#)], unchanged, []] {
                    let answer = try visitor.send(method, target, fields: fields)
                    let isUnchanged = fields.first?.1 == etag
                    #expect(answer.status == (isUnchanged ? 304 : 200), "\(method) \(answer)")
                    #expect(answer["ETag"] == etag)
                    #expect(answer["Cache-Control"]?.hasPrefix("public, max-age=1") == true)
                    if !isUnchanged {
                        #expect(answer["Content-Length"] != "0")
                        #expect(answer.body.isEmpty == (method == "HEAD"))
                    }
                }
            }
            try change(product, price: 3)
            sleep(2)
            try visitor.send("GET", target, fields: unchanged).expect(200, shows: #"{"price":3}"#)
        }

        /// nginx would judge If-Match by itself, and hang up behind its 412 without having said so.
        @Test func ifMatchIsNotForNginxToJudge() throws {
            let visitor = try SharedShop.shop.visitor()
            let target = "/inventory/\(try SharedShop.product(stock: 1))"
            let etag = try #require(visitor.send("GET", target).expect(200)["ETag"])
            let connection = try HTTPConnection(port: SharedShop.shop.port)
            for (list, status) in [(#""other""#, 412), (etag, 200), (#""other""#, 412), ("*", 200)]
            {
                let request =
                    "GET \(target) HTTP/1.1\r\nHost: shop.test\r\nIf-Match: \(list)\r\n\r\n"
                try connection.send(Array(request.utf8))
                #expect(try connection.answer().status == status, "\(list)")
            }
        }

        /// Fifty at once for what is not there yet; five times, because a busy machine may spread them.
        @Test func oneFetchesForAll() throws {
            let shop = try SharedShop.shop
            let visitors = (0..<50).map { _ in shop.visitor() }
            // Everybody is connected before it begins.
            for visitor in visitors { try visitor.send("GET", "/nowhere").expect(404) }
            var fetched: [Int] = []
            for round in 0..<5 {
                let product = try SharedShop.product(stock: round)
                let answers = Mutex<[HTTPAnswer]>([])
                onThreads(50) { number in
                    guard let answer = try? visitors[number].send("GET", "/inventory/\(product)")
                    else { return }
                    answers.withLock { $0.append(answer) }
                }
                let all = answers.withLock { $0 }
                #expect(all.count == 50)
                #expect(all.allSatisfy { $0.status == 200 })
                #expect(Set(all.map(\.text)).count == 1)
                #expect(Set(all.map { $0["X-Request-Id"] }).count == 50)
                fetched.append(all.count { $0["X-Cache"] != "HIT" })
            }
            print("50 at once: \(fetched) asked the responder")
            #expect(fetched.min() == 1, "\(fetched)")
        }

        /// What is not kept makes nobody wait for long.
        @Test func fiftyAtOnceForWhatIsNotThere() throws {
            let shop = try SharedShop.shop
            onThreads(50) { _ in
                let answer = try? shop.visitor().send("GET", "/inventory/999999999")
                answer?.expectProblem(404, "product_not_found")
                #expect(answer != nil)
            }
        }

        /// nginx's log tells what the answer's header tells.
        @Test func theLogTellsWhatWasKept() throws {
            let shop = try SharedShop.shop
            let target = "/inventory/\(try SharedShop.product(stock: 1))"
            let visitor = shop.visitor()
            for expected in ["MISS", "HIT"] {
                let answer = try visitor.send("GET", target).expect(200)
                #expect(answer["X-Cache"] == expected)
                let id = answer["X-Request-Id"] ?? ""
                let isLogged = try eventually(within: 5) {
                    try shop.home.text(of: "log/access.log").split(separator: "\n").contains {
                        $0.contains(id) && $0.contains(#""cache":"\#(expected)""#)
                    }
                }
                #expect(isLogged)
            }
        }
    }
}
