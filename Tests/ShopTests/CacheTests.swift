import Foundation
import HTTP
import ShopFixture
import Synchronization
import TestShop
import Testing

extension ShopTests {
    /// Which anonymous responses nginx caches, and for how long.
    @Suite struct CacheTests {
        /// Sends a GET until nginx answers it from its cache.
        private func heat(_ target: String, _ visitor: Visitor) throws -> HTTPAnswer {
            for _ in 0..<200 {
                let answer = try visitor.send("GET", target).expect(200)
                if answer["X-Cache"] == "HIT" { return answer }
            }
            throw Failure("no hit in 200 requests for \(target)")
        }

        private func change(_ product: Int64, price: Int) throws {
            try SharedShop.demo("sami").send(
                "PATCH", "/inventory/\(product)", #"{"price":\#(price)}"#
            ).expect(200)
        }

        /// A page that is read constantly, and one that was not read for a while.
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

        /// A request with a token, or with `Cache-Control: no-cache`, gets the current state.
        @Test func aFreshRequestSeesAPriceAtOnce() throws {
            let visitor = try SharedShop.shop.visitor()
            let sami = try SharedShop.demo("sami")
            let product = try SharedShop.product(stock: 1, price: 1)
            let target = "/inventory/\(product)"
            for price in 2..<12 {
                _ = try heat(target, visitor)
                try change(product, price: price)
                let new = #"{"price":\#(price)}"#
                let known = try sami.send("GET", target).expect(200, shows: new)
                #expect(known["X-Cache"] == "BYPASS")
                #expect(known["Cache-Control"] == "private, no-store")
                let fresh = [("Cache-Control", "no-cache")]
                try visitor.send("GET", target, fields: fresh).expect(200, shows: new)
            }
        }

        @Test func anArchivedProductIsGoneWithinTwoSeconds() throws {
            let visitor = try SharedShop.shop.visitor()
            let product = try SharedShop.product(stock: 1)
            try visitor.send("GET", "/inventory/\(product)").expect(200)
            try SharedShop.demo("sami").send("DELETE", "/inventory/\(product)").expect(204)
            sleep(2)
            // Each has an id of its own, so no client gets another's problem.
            for _ in 0..<5 {
                try visitor.send("GET", "/inventory/\(product)")
                    .expectProblem(404, "product_not_found")
            }
        }

        /// The first requests reach the responder, the later ones are hits.
        ///
        /// HEAD must not leave a response without a body for GET.
        @Test func aConditionHoldsForColdAndHotPages() throws {
            let visitor = try SharedShop.shop.visitor()
            let product = try SharedShop.product(stock: 1)
            let target = "/inventory/\(product)"
            // The body for an anonymous client, which does not see the stock.
            let etag = try #require(visitor.send("GET", target).expect(200)["ETag"])
            let unchanged = [("If-None-Match", etag)]
            var hits = 0
            for method in ["HEAD", "GET"] {
                for index in 0..<160 {
                    let other = [("If-None-Match", #""other""#)]
                    let fields = [unchanged, other, unchanged, []][index % 4]
                    let answer = try visitor.send(method, target, fields: fields)
                    let isUnchanged = fields.first?.1 == etag
                    if answer["X-Cache"] == "HIT" { hits += 1 }
                    #expect(answer.status == (isUnchanged ? 304 : 200), "\(method) \(answer)")
                    #expect(answer["ETag"] == etag)
                    #expect(answer["Cache-Control"]?.hasPrefix("public, max-age=1") == true)
                    if !isUnchanged {
                        #expect(answer["Content-Length"] != "0")
                        #expect(answer.body.isEmpty == (method == "HEAD"))
                    }
                }
            }
            #expect(hits > 40, "\(hits)")
            try change(product, price: 3)
            sleep(2)
            try visitor.send("GET", target, fields: unchanged).expect(200, shows: #"{"price":3}"#)
        }

        /// nginx would evaluate If-Match itself, answer 412 and close the connection without
        /// notice.
        @Test func nginxDoesNotEvaluateIfMatch() throws {
            let visitor = try SharedShop.shop.visitor()
            let target = "/inventory/\(try SharedShop.product(stock: 1))"
            let etag = try #require(visitor.send("GET", target).expect(200)["ETag"])
            let connection = try HTTPConnection(port: SharedShop.shop.port)
            for (list, status) in [(#""other""#, 412), (etag, 200), (#""other""#, 412), ("*", 200)]
            {
                let request =
                    "GET \(target) HTTP/1.1\r\nHost: localhost\r\nIf-Match: \(list)\r\n\r\n"
                try connection.send(Array(request.utf8))
                #expect(try connection.answer().status == status, "\(list)")
            }
        }

        /// RFC 9110 section 13.1.4: without a Last-Modified the condition is ignored.
        @Test func ifUnmodifiedSinceIsIgnored() throws {
            let target = "/inventory/\(try SharedShop.product(stock: 1))"
            let field = ("If-Unmodified-Since", "Sat, 01 Jan 2000 00:00:00 GMT")
            for visitor in [try SharedShop.shop.visitor(), try SharedShop.demo("ada")] {
                for _ in 0..<40 {
                    try visitor.send("GET", target).expect(200)
                    try visitor.send("GET", target, fields: [field]).expect(200)
                }
            }
        }

        /// Fifty concurrent requests for a cold page share one response.
        ///
        /// There are five rounds, because a busy machine may spread the requests over time.
        @Test func concurrentRequestsAreCollapsed() throws {
            let shop = try SharedShop.shop
            let visitors = (0..<50).map { _ in shop.visitor() }
            // All connections are open before the requests begin.
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
            print("50 concurrent requests: \(fetched) reached the responder")
            // fastcgi_cache_min_uses, and the request that fills the cache.
            #expect((fetched.min() ?? 50) <= 17, "\(fetched)")
        }

        /// A rush for one page reaches the responder a bounded number of times a second.
        @Test func aRushIsBounded() throws {
            let shop = try SharedShop.shop
            let target = "/inventory/\(try SharedShop.product(stock: 1))"
            let sami = try SharedShop.demo("sami")
            func fetched() throws -> Double {
                try sami.metrics(of: "inventory").requests("GET", "/inventory/:id", 200)
            }
            let before = try fetched()
            let end = ContinuousClock.now + .seconds(3)
            let sent = Mutex(0)
            onThreads(8) { _ in
                let visitor = shop.visitor()
                var count = 0
                while ContinuousClock.now < end {
                    if (try? visitor.send("GET", target))?.status == 200 { count += 1 }
                }
                sent.withLock { $0 += count }
            }
            let asked = try fetched() - before, all = sent.withLock { $0 }
            print("a rush of \(all) requests in 3 s: \(asked) reached the responder")
            // The rush spans up to four seconds, and one request in 200 refreshes the copy for
            // failures.
            #expect(all > 600, "\(all)")
            #expect(asked <= 4 * 30 + Double(all) / 50, "\(asked) of \(all)")
        }

        /// A page that is read a few times a second costs no file.
        @Test func aColdPageWritesNoFile() throws {
            let shop = try SharedShop.shop
            func files() throws -> [String] {
                try FileManager.default.subpathsOfDirectory(atPath: shop.home.file("nginx/cache"))
                    .filter { $0.count > 32 }
            }
            // The files of earlier tests are removed a second after their last use.
            #expect(try eventually(within: 30) { try files().isEmpty })
            let visitor = shop.visitor()
            for _ in 0..<3 {
                for limit in 1...100 {
                    try visitor.send("GET", "/inventory?limit=\(limit)").expect(200)
                }
            }
            #expect(try files() == [])
        }

        /// A 404 is not cached, and waiting for it delays no client for long.
        @Test func fiftyConcurrentRequestsForAMissingPage() throws {
            let shop = try SharedShop.shop
            onThreads(50) { _ in
                let answer = try? shop.visitor().send("GET", "/inventory/999999999")
                answer?.expectProblem(404, "product_not_found")
                #expect(answer != nil)
            }
        }

        /// The access log and the X-Cache header agree.
        @Test func theLogHasTheCacheStatus() throws {
            let shop = try SharedShop.shop
            let target = "/inventory/\(try SharedShop.product(stock: 1))"
            let visitor = shop.visitor()
            let cold = try visitor.send("GET", target).expect(200)
            #expect(cold["X-Cache"] == "MISS")
            for (answer, expected) in [(cold, "MISS"), (try heat(target, visitor), "HIT")] {
                let id = answer["X-Request-Id"] ?? ""
                let isLogged = try eventually(within: 30) {
                    try shop.endOfAccessLog().split(separator: "\n").contains {
                        $0.contains(id) && $0.contains(#""cache":"\#(expected)""#)
                    }
                }
                #expect(isLogged)
            }
        }
    }
}
