import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// A cache zone that has no room for another entry.
    ///
    /// nginx allows no zone below eight pages. It holds fewer entries than there are requests in
    /// progress here, because the inventory responder is stopped until all of them have been sent.
    @Suite struct FullCacheTests {
        private let count = 300

        /// Opens `count` connections and sends a distinct request on each of them.
        private func flood(_ site: Site) throws -> [HTTPConnection] {
            try (0..<count).map { index in
                let connection = try HTTPConnection(port: site.port, seconds: 20)
                let target = "/inventory?limit=1&max_price=\(1_000_000 + index)"
                let request = "GET \(target) HTTP/1.1\r\nHost: shop.example.org\r\n\r\n"
                try connection.send(Array(request.utf8))
                return connection
            }
        }

        /// Runs `body` while the inventory responder is stopped.
        private func whileInventoryIsStopped<T>(_ body: () throws -> T) throws -> T {
            let responder = try SharedShop.shop.process(of: "inventoryd")
            kill(responder, SIGSTOP)
            defer { kill(responder, SIGCONT) }
            return try body()
        }

        /// Whether nginx has reported `zone` as full.
        private func isFull(_ zone: String, _ site: Site) throws -> Bool {
            try site.folder.text(of: "log/error.log").contains(
                "could not allocate node in cache keys zone \"\(zone)\"")
        }

        /// The responder answers without the cache.
        @Test func aFloodOfDistinctPagesGetsNoError() throws {
            let site = try Site("site.conf", changes: ["souk_hot:32m": "souk_hot:32k"])
            try site.open()
            let connections = try whileInventoryIsStopped {
                let connections = try flood(site)
                #expect(eventually(within: 10) { (try? isFull("souk_hot", site)) == true })
                return connections
            }
            let answers = try connections.map { try $0.answer() }
            var uncached = 0
            for answer in answers {
                try answer.expect(200)
                #expect(answer["Cache-Control"]?.hasPrefix("public, max-age=1") == true)
                #expect(answer["X-Content-Type-Options"] == "nosniff")
                #expect(answer["X-Request-Id"] != nil)
                if answer["X-Cache"] == nil { uncached += 1 }
            }
            print("\(uncached) of \(count) requests found a full zone")
            #expect(uncached > 0)
            // The zone works again afterwards.
            let visitor = site.visitor
            let isHit = eventually(within: 30) {
                (try? visitor.send("GET", "/inventory/1"))?["X-Cache"] == "HIT"
            }
            #expect(isHit)
        }

        /// The zone of copies is full, and the responder of the reviews does not answer.
        @Test func aFullZoneOfCopiesGives502() throws {
            let site = try Site(
                "site.conf",
                changes: [
                    "souk_stale:10m": "souk_stale:32k", "0.5%    souk_stale": "99.99%  souk_stale",
                    "unix:/run/souk/reviews.sock": "unix:/run/souk/none.sock",
                    "unix:/run/souk/./reviews.sock": "unix:/run/souk/./none.sock",
                ])
            try site.open()
            let connections = try whileInventoryIsStopped {
                let connections = try flood(site)
                #expect(eventually(within: 10) { (try? isFull("souk_stale", site)) == true })
                let visitor = site.visitor
                for product in 1...50 {
                    try visitor.send("GET", "/reviews?product_id=\(product)")
                        .expectProblem(502, "bad_gateway")
                }
                return connections
            }
            for connection in connections { try connection.answer().expect(200) }
        }
    }
}
