import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// HTTP between clients and responders, through nginx.
    @Suite struct WireTests {
        static let strangePaths = [
            "/sales/../inventory", "/inventory/.", "/inventory/..", "/inventory/../inventory",
            "/inventory/%2e%2e/inventory",
            "/inventory/%2E/1", "//inventory", "/inventory//1", "/inventory/", "/inventory/1/",
            "/inventory%2F1", "/inventory/1%2f",
            "/inventory/%ff", "/inventory/%zz", "/inventory/01", "/inventory/+1", "/inventory/-1",
            "/inventory/1.0",
            "/inventory/9223372036854775808", "/inventory/%D9%A1", "/Inventory", "/inventory;v=1",
            "/inventory/1;v=1", "/customers/login/x",
        ]

        /// Every resource has exactly one path.
        @Test(arguments: strangePaths) func anotherPathIsUnknown(path: String) throws {
            let sami = try SharedShop.demo("sami")
            let answer = try sami.send("GET", path)
            let code = path == "/inventory/%zz" ? (400, "bad_request") : (404, "not_found")
            answer.expectProblem(code.0, code.1)
        }

        @Test func escapedLettersAreDecoded() throws {
            let visitor = try SharedShop.shop.visitor()
            let plain = try visitor.send("GET", "/inventory/1").expect(200)
            let escaped = try visitor.send("GET", "/%69nventory/%31").expect(200)
            #expect(plain.body == escaped.body)
        }

        @Test(arguments: ["/inventory", "/inventory/1", "/reviews", "/nowhere", "/inventory/0"])
        func headIsGetWithoutTheBody(target: String) throws {
            let visitor = try SharedShop.shop.visitor()
            let get = try visitor.send("GET", target)
            let head = try visitor.send("HEAD", target)
            #expect(head.status == get.status)
            for name in ["Content-Length", "Content-Type", "ETag"] {
                #expect(head[name] == get[name], "\(target) \(name)")
            }
            #expect(get.body.count == get["Content-Length"].flatMap { Int($0) })
            // A body would be read as this response.
            try visitor.send("GET", "/inventory/1").expect(200, shows: #"{"id":1}"#)
        }

        static let wrongMethods = [
            ("DELETE", "/inventory", "GET, HEAD, POST"),
            ("PUT", "/inventory/1", "DELETE, GET, HEAD, PATCH"),
            ("GET", "/customers/login", "POST"),
            ("HEAD", "/customers/login", "POST"),
            ("POST", "/wishlist", "GET, HEAD"),
            ("DELETE", "/sales", "GET, HEAD, POST"),
            ("OPTIONS", "/healthz", "GET, HEAD"),
            ("HAGGLE", "/reviews", "GET, HEAD, POST"),
        ]

        @Test(arguments: wrongMethods) func anotherMethod(row: (String, String, String)) throws {
            let visitor = try SharedShop.shop.visitor()
            let answer = try visitor.send(row.0, row.1)
            if row.0 != "HEAD" { answer.expectProblem(405, "method_not_allowed") }
            #expect(answer.status == 405)
            #expect(answer["Allow"] == row.2)
            try visitor.send("GET", "/inventory/1").expect(200, shows: #"{"id":1}"#)
        }

        @Test func aConditionalGet() throws {
            let sami = try SharedShop.demo("sami")
            let product = try SharedShop.product(stock: 1)
            for target in ["/inventory/\(product)", "/inventory?category=pens", "/sales"] {
                let tag = try sami.send("GET", target).expect(200)["ETag"] ?? ""
                #expect(tag.wholeMatch(of: /"[0-9a-f]+"/) != nil, "\(target)")
                for list in [tag, "\"other\", \(tag)", "W/\(tag)", "*"] {
                    let same = try sami.send("GET", target, fields: [("If-None-Match", list)])
                    #expect(same.status == 304, "\(list): \(same)")
                    #expect(same["ETag"] == tag)
                }
                try sami.send("GET", target, fields: [("If-None-Match", "\"other\"")]).expect(200)
            }
            let target = "/inventory/\(product)"
            let tag = try sami.send("GET", target)["ETag"] ?? ""
            try sami.send("PATCH", target, #"{"price":2}"#, fields: [("If-Match", tag)]).expect(200)
            try sami.send("PATCH", target, #"{"price":3}"#, fields: [("If-Match", tag)])
                .expectProblem(412, "precondition_failed")
            try sami.send("GET", target, fields: [("If-None-Match", tag)])
                .expect(200, shows: #"{"price":2}"#)
        }

        /// nginx serves this file itself.
        @Test func theOpenAPIFile() throws {
            let visitor = try SharedShop.shop.visitor()
            let file = try visitor.send("GET", "/openapi.yaml").expect(200)
            #expect(file["Content-Type"] == "application/yaml")
            #expect(
                try file.text
                    == String(contentsOfFile: "\(Programs.top)/openapi.yaml", encoding: .utf8))
            let tag = file["ETag"] ?? ""
            let same = try visitor.send("GET", "/openapi.yaml", fields: [("If-None-Match", tag)])
            #expect(same.status == 304)
            let post = try visitor.send("POST", "/openapi.yaml", "{}")
            post.expectProblem(405, "method_not_allowed")
            #expect(post["Allow"] == "GET, HEAD")
        }

        @Test func aBodyInChunks() throws {
            let sami = try SharedShop.demo("sami")
            let body =
                #"{"name":"in chunks","category":"chunks","price":1,"description":"DESCRIPTION"}"#
                .replacing("DESCRIPTION", with: String(repeating: "long ", count: 900))
            try sami.send(chunked: Array(body.utf8), to: "/inventory").expect(
                201, shows: #"{"name":"in chunks"}"#)
        }

        @Test func manyRequestsInOnePacket() throws {
            let connection = try HTTPConnection(port: SharedShop.shop.port)
            let requests = (1...5).map {
                "GET /inventory/\($0) HTTP/1.1\r\nHost: localhost\r\n\r\n"
            }
            try connection.send(Array(requests.joined().utf8))
            for id in 1...5 {
                try connection.answer().expect(200, shows: #"{"id":\#(id)}"#)
            }
        }

        @Test func aRequestByteByByte() throws {
            let connection = try HTTPConnection(port: SharedShop.shop.port)
            for byte in Array("GET /inventory/1 HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8) {
                try connection.send([byte])
            }
            try connection.answer().expect(200, shows: #"{"id":1}"#)
        }

        @Test func repeatedFields() throws {
            let ada = try SharedShop.demo("ada")
            let product = try SharedShop.product(stock: 5)
            let order = #"{"items":[{"product_id":\#(product),"quantity":1}]}"#
            // Two programs on the way could each use a different one.
            let keys = [("Idempotency-Key", "first"), ("Idempotency-Key", "second")]
            try ada.send("POST", "/sales", order, fields: keys).expectProblem(400, "bad_request")
            // nginx passes an empty field on, so that the client gets an error.
            try ada.send("POST", "/sales", order, fields: [("Idempotency-Key", "")])
                .expectProblem(422, "invalid_request", faults: ["Idempotency-Key"])
            let types = [("Content-Type", "application/json"), ("Content-Type", "text/plain")]
            try ada.send("POST", "/sales", "{}", fields: types)
                .expectProblem(422, "invalid_request", faults: ["items"])
        }

        @Test func eachAnswerHasAnIDOfItsOwn() throws {
            let visitor = try SharedShop.shop.visitor()
            let ids = try (0..<20).map { _ in
                try visitor.send("GET", "/inventory/1", fields: [("X-Request-Id", "mine")])[
                    "X-Request-Id"]
            }
            #expect(Set(ids).count == 20)
            #expect(ids.allSatisfy { $0?.wholeMatch(of: /[0-9a-f]{32}/) != nil })
        }
    }
}
