import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// The metrics of the responders, as a monitor reads them through nginx.
    @Suite struct MetricsTests {
        static let responders = ["customers", "inventory", "sales", "reviews"]
        static let daemons = responders + ["courier"]

        @Test(arguments: daemons) func isAPageOfItsFormat(responder: String) throws {
            let answer = try SharedShop.shop.visitor().send("GET", "/\(responder)/metrics")
            try answer.expect(200)
            #expect(answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer["Cache-Control"] == "no-store")
            let metrics = try Metrics(answer.text)
            #expect(metrics[#"souk_build_info{version="0.2.0"}"#] == 1)
            #expect(metrics["souk_workers"] >= (responder == "courier" ? 2 : 4))
            #expect(metrics["souk_workers_busy"] >= 1)
            #expect(metrics["souk_connections"] >= 1 && metrics["souk_schema_version"] > 1)
            #expect(metrics["souk_readers"] == 16 && metrics["souk_wal_bytes"] >= 0)
            #expect(metrics["process_resident_memory_bytes"] > 1_000_000)
            #expect(metrics["process_open_fds"] > 5 && metrics["process_max_fds"] > 5)
            let age = Date.now.timeIntervalSince1970 - metrics["process_start_time_seconds"]
            #expect(age >= 0 && age < 3600)
        }

        @Test(
            .enabled(if: Programs.promtool != nil, "promtool is not installed"),
            arguments: daemons)
        func promtoolFindsNoFault(responder: String) throws {
            let page = try SharedShop.shop.visitor().send("GET", "/\(responder)/metrics").text
            let program = try #require(Programs.promtool)
            let outcome = try run(program, ["check", "metrics"], input: page)
            #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
            #expect(outcome.output + outcome.errors == "")
        }

        @Test func countsByRouteAndStatus() throws {
            let visitor = try SharedShop.demo("sami")
            let product = try SharedShop.product(stock: 3)
            let before = try visitor.metrics(of: "inventory")
            for _ in 0..<3 { try visitor.send("GET", "/inventory/\(product)").expect(200) }
            try visitor.send("HEAD", "/inventory/\(product)").expect(200)
            try visitor.send("GET", "/inventory/987654321").expect(404)
            try visitor.send("POST", "/inventory/\(product)/stock", #"{"delta":0}"#).expect(422)
            try visitor.send("GET", "/inventory/1/2/3/4/5").expect(404)
            try visitor.send("DELETE", "/inventory").expect(405)
            let after = try visitor.metrics(of: "inventory")
            func grown(_ method: String, _ route: String, _ code: Int) -> Double {
                after.requests(method, route, code) - before.requests(method, route, code)
            }
            #expect(grown("GET", "/inventory/:id", 200) == 4)
            #expect(grown("GET", "/inventory/:id", 404) == 1)
            #expect(grown("POST", "/inventory/:id/stock", 422) == 1)
            #expect(grown("any", "unknown", 404) == 1 && grown("any", "unknown", 405) == 1)
            #expect(grown("GET", "/inventory/metrics", 200) == 1)
            let name = #"souk_request_duration_seconds_count{method="GET",route="/inventory/:id"}"#
            #expect(after[name] - before[name] == 5)
            let hits = "souk_statement_cache_hits_total"
            #expect(after[hits] - before[hits] >= 5)
            #expect(after["souk_statement_cache_misses_total"] > 0)
        }

        @Test func countsWrites() throws {
            let visitor = try SharedShop.demo("sami")
            let before = try visitor.metrics(of: "inventory")
            for _ in 0..<5 { _ = try SharedShop.product(stock: 1) }
            let after = try visitor.metrics(of: "inventory")
            for name in ["writes_total", "commits_total", "batch_writes_sum", "batch_writes_count"]
            {
                #expect(after["souk_\(name)"] - before["souk_\(name)"] == 5, "\(name)")
            }
        }

        /// Buckets are cumulative, so the last one contains all.
        @Test func histogramsAddUp() throws {
            let visitor = try SharedShop.shop.visitor()
            _ = try visitor.send("GET", "/sales")
            let metrics = try visitor.metrics(of: "sales")
            let labels = #"{method="GET",route="/sales""#
            let name = "souk_request_duration_seconds"
            let bounds = [
                "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25",
                "0.5", "1.0", "2.5", "10.0", "+Inf",
            ]
            let buckets = try bounds.map {
                try #require(metrics.samples["\(name)_bucket\(labels),le=\"\($0)\"}"], "\($0)")
            }
            #expect(buckets == buckets.sorted())
            #expect(buckets.last == metrics["\(name)_count\(labels)}"])
            #expect(metrics["\(name)_sum\(labels)}"] > 0)
            // With any status, because other tests send requests too.
            let requests = metrics.samples.filter {
                $0.key.hasPrefix("souk_requests_total\(labels),")
            }
            #expect(buckets.last == requests.values.reduce(0, +))
        }

        @Test func countsExactlyDuringScrapes() throws {
            let shop = try SharedShop.shop
            let before = try shop.visitor().metrics(of: "sales")
            onThreads(8) { number in
                let visitor = shop.visitor()
                for turn in 0..<100 {
                    if number == 0, turn % 5 == 0 {
                        let page = try? visitor.metrics(of: "sales")
                        #expect(page != nil)
                    }
                    let answer = try? visitor.send("GET", "/sales/\(turn + 1)")
                    #expect(answer?.status == 401)
                }
            }
            let after = try shop.visitor().metrics(of: "sales")
            let route = "/sales/:id"
            #expect(after.requests("GET", route, 401) - before.requests("GET", route, 401) == 800)
        }

        /// Requests for unknown paths make neither the metrics nor the process grow.
        @Test func tenThousandPathsAreOneLine() throws {
            let visitor = try SharedShop.shop.visitor()
            func ask(_ range: Range<Int>) throws {
                for number in range {
                    let path = number % 2 == 0 ? "/reviews/x\(number)" : "/reviews/1/\(number)/z"
                    #expect(try visitor.send("GET", path).status == 404)
                }
            }
            try ask(0..<1000)
            let before = try visitor.metrics(of: "reviews")
            try ask(1000..<11_000)
            let after = try visitor.metrics(of: "reviews")
            #expect(after.requests("any", "unknown", 404) >= 5500)
            #expect(Set(after.samples.keys) == Set(before.samples.keys))
            let memory = "process_resident_memory_bytes"
            #expect(after[memory] - before[memory] < 8_388_608)
        }

        @Test func aNameIsNotInTheWay() throws {
            let shop = try SharedShop.shop
            let answer = try shop.visitor().send("GET", "/customers/metrics").expect(200)
            #expect(answer.text.contains("\nsouk_password_hashes_waiting 0\n"))
            try shop.visitor().send("POST", "/customers/metrics", "{}")
                .expectProblem(405, "method_not_allowed")
            let person = #"{"username":"metrics","password":"a long secret","full_name":"M"}"#
            try shop.visitor().send("POST", "/customers", person).expectProblem(
                422, "invalid_request", faults: ["username"])
        }

        /// A forwarded request is not from this machine, whatever its header fields say.
        @Test(arguments: [
            ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-For", "203.0.113.9, 127.0.0.1"),
            ("Forwarded", "for=127.0.0.1"), ("Via", "1.1 proxy"),
        ]) func nobodyBehindAProxy(name: String, value: String) throws {
            let visitor = try SharedShop.shop.visitor()
            for path in Self.daemons.map({ "/\($0)/metrics" }) + ["/nginx/status"] {
                try visitor.send("GET", path, fields: [(name, value)])
                    .expectProblem(403, "forbidden")
                try visitor.send("GET", path).expect(200)
            }
        }

        @Test func nginxCountsToo() throws {
            let answer = try SharedShop.shop.visitor().send("GET", "/nginx/status")
            try answer.expect(200)
            #expect(answer.text.hasPrefix("Active connections: "))
        }
    }
}
