import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// Invalid requests get a 4xx that lists every fault, change nothing and crash no responder.
    @Suite struct BadInputTests {
        /// A request, its caller, and the expected response.
        struct Row: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let account: String?
            let method: String
            let target: String
            let body: [UInt8]?
            let status: Int
            let code: String
            let faults: [String]?

            init(
                _ name: String, as account: String? = nil, _ method: String, _ target: String,
                _ body: String? = nil, bytes: [UInt8]? = nil, gives status: Int, _ code: String,
                faults: [String]? = nil
            ) {
                testDescription = name
                self.account = account
                self.method = method
                self.target = target
                self.body = bytes ?? body.map { Array($0.utf8) }
                self.status = status
                self.code = code
                self.faults = faults
            }
        }

        static let rows = [
            Row(
                "broken JSON", as: "ada", "POST", "/sales",
                #"{"items":[{"product_id":1,"quantity":1}"#, gives: 400, "invalid_json"),
            Row(
                "two texts", as: "ada", "POST", "/sales", #"{"items":[]} {"items":[]}"#, gives: 400,
                "invalid_json"),
            Row(
                "a comma too many", as: "ada", "POST", "/sales", #"{"items":[],}"#, gives: 400,
                "invalid_json"),
            Row(
                "single quotes", as: "ada", "POST", "/sales", "{'items':[]}", gives: 400,
                "invalid_json"),
            Row(
                "a byte order mark", as: "ada", "POST", "/sales", "\u{FEFF}{\"items\":[]}",
                gives: 400, "invalid_json"),
            Row(
                "not a number", as: "ada", "POST", "/sales", #"{"items":NaN}"#, gives: 400,
                "invalid_json"),
            Row("no body", as: "ada", "POST", "/sales", "", gives: 400, "invalid_json"),
            Row(
                "an array", as: "ada", "POST", "/sales", "[]", gives: 422, "invalid_request",
                faults: ["body"]),
            Row(
                "null", as: "ada", "POST", "/sales", "null", gives: 422, "invalid_request",
                faults: ["body"]),
            Row(
                "unknown fields", as: "ada", "POST", "/sales",
                #"{"items":[{"product_id":1,"quantity":1,"price":0}],"discount":99,"admin":true}"#,
                gives: 422, "invalid_request",
                faults: ["items[0].price", "discount", "admin"]),
            Row(
                "missing fields", "POST", "/customers", "{}", gives: 422, "invalid_request",
                faults: ["username", "password", "full_name"]),
            Row(
                "wrong types", as: "ada", "POST", "/sales",
                #"""
                {"items":[{"product_id":"1","quantity":1.5},{"product_id":2,\#
                "quantity":null},7,{"product_id":3,"quantity":"1"}]}
                """#,
                gives: 422, "invalid_request",
                faults: [
                    "items[0].product_id", "items[0].quantity", "items[1].quantity", "items[2]",
                    "items[3].quantity",
                ]),
            Row(
                "every fault at once", as: "sami", "POST", "/inventory",
                #"""
                {"name":" ","category":"No Slug","price":-1,"stock":"many",\#
                "low_stock":1e-3,"sku":"","colour":"red"}
                """#,
                gives: 422, "invalid_request",
                faults: ["sku", "name", "category", "price", "low_stock", "stock", "colour"]),
            Row(
                "a field twice", as: "ada", "POST", "/sales",
                #"{"items":[{"product_id":1,"quantity":1,"quantity":2}]}"#, gives: 422,
                "invalid_request", faults: ["items[0].quantity"]),
            Row(
                "more than 64 bits", as: "ada", "POST", "/sales",
                #"{"items":[{"product_id":9223372036854775808,"quantity":99999999999999999999}]}"#,
                gives: 422, "invalid_request",
                faults: ["items[0].product_id", "items[0].quantity"]),
            Row(
                "a huge exponent", as: "sami", "POST", "/inventory",
                #"{"name":"a","category":"b","price":1e999999999}"#, gives: 422, "invalid_request",
                faults: ["price"]),
            Row(
                "a fraction", as: "sami", "POST", "/inventory",
                #"{"name":"a","category":"b","price":1.5}"#, gives: 422, "invalid_request",
                faults: ["price"]),
            Row(
                "money without end", as: "sami", "POST", "/customers/ada/wallet/credit",
                #"{"amount":9223372036854775807}"#, gives: 422, "invalid_request",
                faults: ["amount"]),
            Row(
                "less than nothing", as: "sami", "POST", "/customers/ada/wallet/credit",
                #"{"amount":-5}"#, gives: 422, "invalid_request", faults: ["amount"]),
            Row(
                "NUL, escaped", as: "sami", "POST", "/inventory",
                #"{"name":"a\u0000b","category":"b","price":1}"#, gives: 422, "invalid_request",
                faults: ["name"]),
            Row(
                "NUL in a password", "POST", "/customers",
                #"{"username":"nul","password":"12345678\u0000","full_name":"N"}"#, gives: 422,
                "invalid_request", faults: ["password"]),
            Row(
                "NUL, as it is", as: "sami", "POST", "/inventory",
                "{\"name\":\"a\u{0}b\",\"category\":\"b\",\"price\":1}", gives: 400, "invalid_json"),
            Row(
                "bad UTF-8", as: "sami", "POST", "/inventory",
                bytes: Array(#"{"name":""#.utf8) + [0xC3, 0x28]
                    + Array(#"","category":"b","price":1}"#.utf8), gives: 400, "invalid_json"),
            Row(
                "overlong UTF-8", as: "sami", "POST", "/inventory",
                bytes: Array(#"{"name":""#.utf8) + [0xC0, 0xAF]
                    + Array(#"","category":"b","price":1}"#.utf8), gives: 400, "invalid_json"),
            Row(
                "half a surrogate", as: "sami", "POST", "/inventory",
                #"{"name":"\ud800","category":"b","price":1}"#, gives: 400, "invalid_json"),
            Row(
                "10 000 arrays", as: "ada", "POST", "/sales",
                String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000),
                gives: 400, "invalid_json"),
            Row(
                "100 000 arrays", as: "ada", "POST", "/sales",
                String(repeating: "[", count: 100_000), gives: 400, "invalid_json"),
            Row(
                "20 000 objects", as: "ada", "POST", "/sales",
                String(repeating: #"{"a":"#, count: 20_000), gives: 400, "invalid_json"),
            Row(
                "9 999 numbers", as: "ada", "POST", "/sales",
                "[" + String(repeating: "1,", count: 9998) + "1]", gives: 422, "invalid_request",
                faults: ["body"]),
            Row(
                "10 000 numbers", as: "ada", "POST", "/sales",
                "[" + String(repeating: "1,", count: 9999) + "1]", gives: 413, "payload_too_large"),
            Row(
                "9 000 strange fields", as: "ada", "POST", "/sales",
                "{" + (0..<9000).map { "\"f\($0)\":0" }.joined(separator: ",") + "}", gives: 422,
                "invalid_request"),
            Row(
                "101 lines", as: "ada", "POST", "/sales",
                #"{"items":["#
                    + (1...101).map { #"{"product_id":\#($0),"quantity":1}"# }.joined(
                        separator: ",") + "]}", gives: 422, "invalid_request", faults: ["items"]),
            Row(
                "128 KiB and a byte", as: "ada", "POST", "/sales",
                String(repeating: " ", count: 128 << 10) + "1", gives: 413, "payload_too_large"),
            Row(
                "an SQL poem", "POST", "/customers/login",
                #"{"username":"ada' OR 1=1 --","password":"x'; DROP TABLE customers; --"}"#,
                gives: 401, "invalid_credentials"),
            Row(
                "a dot segment", as: "sami", "GET", "/sales/../customers/ada", gives: 404,
                "not_found"),
            Row(
                "an escaped one", as: "sami", "GET", "/sales/%2e%2e/customers/ada", gives: 404,
                "not_found"),
            Row(
                "a parameter twice", "GET", "/inventory?limit=1&limit=2", gives: 422,
                "invalid_request", faults: ["limit"]),
            Row(
                "unknown parameters", "GET", "/inventory?limti=1&colour=red", gives: 422,
                "invalid_request", faults: ["limti", "colour"]),
            Row(
                "bad values", "GET",
                "/inventory?limit=0&min_price=cheap&in_stock=perhaps&sort=luck", gives: 422,
                "invalid_request"),
            Row("a broken escape", "GET", "/inventory?category=%zz", gives: 400, "invalid_query"),
            Row(
                "bad UTF-8 in a query", "GET", "/inventory?category=%ff", gives: 400,
                "invalid_query"),
            Row(
                "NUL in a query", "GET", "/inventory?category=%00", gives: 422, "invalid_request",
                faults: ["category"]),
            Row(
                "a bad cursor", "GET", "/inventory?after=nonsense", gives: 422, "invalid_request",
                faults: ["after"]),
            Row(
                "an empty cursor", "GET", "/inventory?after=", gives: 422, "invalid_request",
                faults: ["after"]),
            // ["-created_at","x",1], and [["deep"]].
            Row(
                "a cursor made at home", "GET", "/inventory?after=WyItY3JlYXRlZF9hdCIsIngiLDFd",
                gives: 422, "invalid_request", faults: ["after"]),
            Row(
                "another one", "GET", "/inventory?after=W1siZGVlcCJdXQ", gives: 422,
                "invalid_request", faults: ["after"]),
            Row(
                "a bad dry run", as: "ada", "POST", "/sales?dry_run=maybe",
                #"{"items":[{"product_id":1,"quantity":1}]}"#, gives: 422, "invalid_request",
                faults: ["dry_run"]),
        ]

        @Test func isRefusedAndChangesNothing() throws {
            let shop = try SharedShop.shop
            let visitors = [
                "": shop.visitor(), "ada": try SharedShop.demo("ada"),
                "sami": try SharedShop.demo("sami"),
            ]
            let courier = try PausedCourier(of: shop)
            defer { courier.resume() }
            let before = (try shop.processes(of: Programs.daemons), try rows(of: shop))
            for row in Self.rows {
                let type = row.body == nil ? [] : [("Content-Type", "application/json")]
                let answer = try visitors[row.account ?? ""]?.send(
                    row.method, row.target, bytes: row.body, fields: type)
                answer?.expectProblem(row.status, row.code, faults: row.faults)
                #expect(answer?.status == row.status, "\(row.testDescription)")
            }
            #expect(try shop.processes(of: Programs.daemons) == before.0)
            #expect(try rows(of: shop).symmetricDifference(before.1) == [])
        }

        /// The rows of all tables but the one that counts wrong passwords.
        private func rows(of shop: RunningShop) throws -> Set<Substring> {
            Set(
                try shop.dump().split(separator: "\n").filter {
                    !$0.hasPrefix("INSERT INTO login_failures ")
                })
        }

        @Test(arguments: [
            ("text/plain", 415), ("application/xml", 415),
            ("application/x-www-form-urlencoded", 415), ("application/json; charset=latin1", 415),
            ("application/jsonp", 415), ("", 415), ("application/json; charset=UTF-8", 422),
            ("Application/JSON", 422),
        ])
        func anotherMediaType(type: String, status: Int) throws {
            let ada = try SharedShop.demo("ada")
            try ada.send("POST", "/sales", "{}", fields: [("Content-Type", type)]).expectProblem(
                status, status == 415 ? "unsupported_media_type" : "invalid_request")
        }

        @Test(arguments: [String(repeating: "k", count: 256), "schlüssel", "tab\there"])
        func aBadIdempotencyKey(key: String) throws {
            let ada = try SharedShop.demo("ada")
            let order = #"{"items":[{"product_id":1,"quantity":1}]}"#
            let answer = try ada.send("POST", "/sales", order, fields: [("Idempotency-Key", key)])
            answer.expectProblem(422, "invalid_request", faults: ["Idempotency-Key"])
        }

        /// The dumps are equal: no responder has seen a request that nginx rejected.
        @Test func garbageOnTheWire() throws {
            let shop = try SharedShop.shop
            let before = try shop.processes(of: Programs.daemons)
            var random = SystemRandomNumberGenerator()
            for round in 0..<60 {
                let connection = try HTTPConnection(port: shop.port)
                var bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
                if round % 2 == 0 {
                    bytes = Array("POST /sales HTTP/1.1\r\nHost: localhost\r\n".utf8) + bytes
                }
                try? connection.send(bytes + Array("\r\n\r\n".utf8))
                if let answer = try? connection.answer() {
                    #expect((400..<500).contains(answer.status), "\(bytes): \(answer)")
                }
            }
            // A truncated body, and one that never arrives.
            for head in ["Content-Length: 100\r\n\r\n{", "Content-Length: 5\r\n\r\n"] {
                try HTTPConnection(port: shop.port).send(
                    Array("POST /sales HTTP/1.1\r\nHost: localhost\r\n\(head)".utf8))
            }
            try shop.visitor().send("GET", "/inventory/1").expect(200)
            #expect(try shop.processes(of: Programs.daemons) == before)
        }
    }
}
