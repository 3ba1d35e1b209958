import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// Pages of other origins may use the API, and nothing that belongs to the operator.
    @Suite struct CORSTests {
        static let exposed =
            "ETag, Link, Location, Retry-After, X-Request-Id, Idempotent-Replayed, Dry-Run"
        static let origin = [("Origin", "https://store.example.org")]

        /// Answers of responders, and errors that nginx makes itself.
        @Test(arguments: [
            ("GET", "/inventory/1", 200), ("GET", "/inventory", 200), ("GET", "/reviews", 200),
            ("HEAD", "/inventory/1", 200), ("GET", "/inventory/999999", 404),
            ("GET", "/sales", 401), ("GET", "/customers/ada", 401), ("GET", "/wishlist", 401),
            ("POST", "/customers/login", 422), ("DELETE", "/inventory", 405),
            ("GET", "/nowhere", 404), ("GET", "/openapi.yaml", 200),
        ]) func opensEveryAnswer(row: (String, String, Int)) throws {
            let visitor = try SharedShop.shop.visitor()
            let body = row.0 == "POST" ? "{}" : nil
            for fields in [[], Self.origin] {
                let answer = try visitor.send(row.0, row.1, body, fields: fields)
                #expect(answer.status == row.2, "\(answer)")
                #expect(answer["Access-Control-Allow-Origin"] == "*")
                #expect(answer["Access-Control-Expose-Headers"] == Self.exposed)
                #expect(answer["Access-Control-Allow-Methods"] == nil)
                #expect(answer["Access-Control-Allow-Credentials"] == nil)
            }
        }

        /// Errors before nginx knows the path, and a body that is too large.
        @Test func opensEarlyErrors() throws {
            let requests = [
                ("GET /inventory/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
                ("GET /\(String(repeating: "a", count: 40_000)) HTTP/1.1\r\n\r\n", 414),
                ("POST /sales HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n", 413),
            ]
            for (request, status) in requests {
                let answer = try SharedShop.shop.visitor().send(raw: Array(request.utf8))
                #expect(answer.status == status)
                #expect(answer["Access-Control-Allow-Origin"] == "*", "\(status)")
            }
        }

        @Test(arguments: [
            "/sales", "/sales/1/refund", "/customers/login", "/inventory/1", "/reviews",
            "/wishlist/1", "/nowhere", "/openapi.yaml",
        ]) func answersAPreflight(target: String) throws {
            let fields =
                Self.origin + [
                    ("Access-Control-Request-Method", "POST"),
                    ("Access-Control-Request-Headers", "authorization,content-type"),
                ]
            let answer = try SharedShop.shop.visitor().send("OPTIONS", target, fields: fields)
            #expect(answer.status == 204, "\(answer)")
            #expect(answer.body.isEmpty)
            #expect(answer["Access-Control-Allow-Origin"] == "*")
            #expect(
                answer["Access-Control-Allow-Methods"] == "GET, HEAD, POST, PUT, PATCH, DELETE")
            let allowed = answer["Access-Control-Allow-Headers"]?.split(separator: ", ") ?? []
            #expect(
                allowed == [
                    "Authorization", "Content-Type", "Idempotency-Key", "If-Match",
                    "If-None-Match", "X-Request-Id", "Souk-Cart", "Souk-Order",
                ])
            #expect(answer["Access-Control-Max-Age"] == "7200")
        }

        /// Also if the path is spelled in another way, and for other methods.
        @Test(arguments: [
            "/healthz", "/sales/metrics", "/customers/metrics", "/nginx/status",
            "/%73ales/metrics", "/healthz/sales", "//nginx/status",
        ]) func keepsTheOperatorsPathsClosed(target: String) throws {
            let visitor = try SharedShop.shop.visitor()
            for method in ["GET", "OPTIONS", "POST"] {
                let answer = try visitor.send(method, target, fields: Self.origin)
                #expect(answer["Access-Control-Allow-Origin"] == nil, "\(method) \(answer)")
                #expect(answer["Access-Control-Allow-Methods"] == nil)
                #expect(answer["Access-Control-Expose-Headers"] == nil)
                #expect(method != "OPTIONS" || answer.status >= 400)
            }
        }
    }

    /// A page on another port logs in and buys, in a browser.
    @Suite(.enabled(if: Browser.driver != nil && Browser.program != nil, "there is no chromium"))
    struct CrossOriginPageTests {
        /// Logs in, buys a pen with an idempotency key twice, reads it with a condition, and fails.
        static let script = """
            const done = arguments[0], base = 'BASE', username = 'ada', password = 'PASSWORD';
            const product = PRODUCT;
            const call = (method, path, body, fields) => fetch(base + path, {
                method, headers: {'Content-Type': 'application/json', ...fields},
                body: body && JSON.stringify(body)});
            const shop = async () => {
                const login = await call('POST', '/customers/login', {username, password});
                const token = 'Bearer ' + (await login.json()).access_token;
                const order = {items: [{product_id: product, quantity: 1}]};
                const fields = {Authorization: token, 'Idempotency-Key': 'page ' + Math.random()};
                const made = await call('POST', '/sales', order, fields);
                const again = await call('POST', '/sales', order, fields);
                const place = made.headers.get('Location');
                const read = await call('GET', place, undefined, {Authorization: token});
                const etag = read.headers.get('ETag');
                const same = await call('GET', place, undefined,
                    {Authorization: token, 'If-None-Match': etag});
                const refused = await call('GET', '/sales');
                const lost = await call('GET', '/nowhere');
                const health = await fetch(base + '/healthz').then(() => 'read', () => 'blocked');
                return {origin: location.origin, made: made.status,
                    replayed: again.headers.get('Idempotent-Replayed'),
                    id: (await made.json()).id, place, same: same.status,
                    refused: (await refused.json()).code, lost: (await lost.json()).code,
                    request: lost.headers.get('X-Request-Id').length, health};
            };
            shop().then(done, error => done({error: String(error)}));
            """

        @Test func logsInAndBuys() throws {
            let shop = try SharedShop.shop
            let ada = try SharedShop.demo("ada")
            let product = try SharedShop.product(stock: 5)
            let folder = try Folder()
            try Data("<!doctype html><title>store</title>".utf8)
                .write(to: URL(fileURLWithPath: folder.file("index.html")))
            let port = try freePort()
            let server = try Child(
                Programs.installed("python3") ?? "",
                [
                    "-m", "http.server", "--bind", "127.0.0.1", "--directory", folder.path,
                    "\(port)",
                ])
            defer { server.signal(SIGTERM) }
            #expect(eventually(within: 30) { (try? HTTPConnection(port: port)) != nil })
            let browser = try Browser()
            try browser.open("http://127.0.0.1:\(port)/index.html")
            let script = try Self.script
                .replacing("BASE", with: "http://127.0.0.1:\(shop.port)")
                .replacing("PASSWORD", with: SharedShop.demoPassword(of: "ada"))
                .replacing("PRODUCT", with: "\(product)")
            let found = try browser.runAsync(script)
            #expect(found["error"] == nil, "\(found)")
            #expect(found["origin"] == .string("http://127.0.0.1:\(port)"))
            #expect(found["made"] == .integer(201))
            #expect(found["replayed"] == .string("true"))
            #expect(found["same"] == .integer(304))
            #expect(found["refused"] == .string("token_missing"))
            #expect(found["lost"] == .string("not_found"))
            #expect(found["request"] == .integer(32))
            #expect(found["health"] == .string("blocked"))
            let id = try #require(found["id"]?.integer)
            #expect(found["place"] == .string("/sales/\(id)"))
            try ada.send("GET", "/sales/\(id)").expect(200)
        }
    }
}
