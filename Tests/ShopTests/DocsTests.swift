import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// The API reference, as nginx serves it.
    @Suite struct DocsTests {
        private static let policy =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

        @Test(arguments: [
            ("/docs", "text/html; charset=utf-8"), ("/docs/docs.css", "text/css; charset=utf-8"),
            ("/docs/docs.js", "text/javascript; charset=utf-8"),
            ("/docs/schema.js", "text/javascript; charset=utf-8"),
            ("/docs/samples.js", "text/javascript; charset=utf-8"),
            ("/docs/openapi.json", "application/json"),
        ]) func isServedWithAPolicyOfItsOwn(path: String, type: String) throws {
            let visitor = try SharedShop.shop.visitor()
            let answer = try visitor.send("GET", path).expect(200)
            #expect(answer["Content-Type"] == type)
            #expect(answer["Content-Security-Policy"] == Self.policy)
            #expect(answer["X-Content-Type-Options"] == "nosniff")
            #expect(answer["Cache-Control"] == "no-cache")
            let etag = try #require(answer["ETag"])
            try visitor.send("GET", path, fields: [("If-None-Match", etag)]).expect(304)
            try visitor.send("POST", path).expectProblem(405, "method_not_allowed")
        }

        @Test(arguments: [
            "/docs/", "/docs/none", "/docs/../openapi.yaml/", "/docsx", "/docs/docs.js/x",
        ])
        func servesNothingElse(path: String) throws {
            let answer = try SharedShop.shop.visitor().send("GET", path)
            answer.expectProblem(404, "not_found")
            #expect(answer["Content-Security-Policy"]?.contains("script-src") == false)
        }

        /// It refers to no other host, so it needs none.
        @Test(arguments: ["index.html", "docs.css", "docs.js", "schema.js", "samples.js"])
        func needsNoOtherHost(file: String) throws {
            let text = try String(
                contentsOfFile: "\(Programs.top)/nginx/docs/\(file)", encoding: .utf8)
            #expect(text.split(separator: "\n").count <= 300)
            for match in text.matches(of: #/(?:https?:)?\/\/[a-z0-9]+\.[a-z0-9.]+/#) {
                #expect(match.output == "http://www.w3.org", "\(match.output)")
            }
        }
    }

    /// The same in a browser.
    @Suite(.enabled(if: Browser.driver != nil && Browser.program != nil, "there is no chromium"))
    struct BrowserTests {
        private let pictures = DocsPage.pictures

        @Test func showsEachCall() throws {
            let browser = try DocsPage.open()
            let yaml = try String(
                contentsOfFile: "\(Programs.top)/openapi.yaml", encoding: .utf8)
            // The shop itself sends the messages of the part `webhooks`.
            let paths = try #require(yaml.components(separatedBy: "\nwebhooks:\n").first)
            let calls = paths.matches(of: #/\n      operationId: /#).count
            #expect(
                try browser.run("return document.querySelectorAll('article').length")
                    == .integer(Int64(calls)))
            // Every control has an accessible name, no id is duplicated, and no operation is
            // missing.
            let faults = try browser.run(
                """
                const all = [...document.querySelectorAll('[id]')].map(e => e.id);
                return [...document.querySelectorAll('input, select, textarea')].filter(e => !e.labels.length)
                  .map(e => e.name).concat(all.filter((id, i) => all.indexOf(id) !== i),
                  document.body.innerText.match(/undefined|\\[object|NaN/g) || [])
                """)
            #expect(faults == .array([]))
            // All requests go to this shop only.
            let hosts = try browser.run(
                """
                return [...new Set(performance.getEntriesByType('resource').map(e => new URL(e.name).origin))]
                  .filter(origin => origin !== location.origin && origin !== 'null')
                """)
            #expect(hosts == .array([]))
            try browser.photograph("\(pictures)/light.png")
            try browser.click("#createOrder details > summary")
            try browser.photograph("\(pictures)/call.png")
            try browser.prefer("dark")
            try browser.photograph("\(pictures)/dark.png")
            let said = try browser.console()
            #expect(said == [])
        }

        @Test func logsInAndBuys() throws {
            let shop = try SharedShop.shop
            let product = try SharedShop.product(stock: 5, price: 3)
            _ = try SharedShop.buyers
            let browser = try DocsPage.open()
            try browser.type("c9", into: "#entrance [name=username]")
            try browser.type("correct horse", into: "#entrance [name=password]")
            try browser.click("#entrance button")
            #expect(try eventually(within: 30) { try browser.text("#who") == "c9" })
            // The form is gone, so the focus moves to its replacement.
            #expect(try browser.text("#session :focus") == "Log out")
            #expect(
                try eventually(within: 30) { try browser.text("#role") == ", role customer" })

            try browser.click("#createOrder .try > summary")
            try browser.type(
                #"{"items":[{"product_id":\#(product),"quantity":2}]}"#,
                into: "#createOrder textarea")
            try browser.click("#createOrder .try form > button")
            let isSold = try eventually(within: 30) {
                try browser.text("#createOrder .output strong").hasPrefix("201")
            }
            guard isSold else { throw Failure(try browser.text("#createOrder .output")) }
            let order = try JSON(parsing: Array(browser.text("#createOrder .answer").utf8))
            #expect(order["total"] == .integer(6))
            try shop.visitor().send("GET", "/inventory/\(product)").expect(
                200, shows: #"{"stock":3}"#)
            try browser.photograph("\(pictures)/sold.png")

            // A path, a query and a choice.
            try browser.click("#getCustomer .try > summary")
            try browser.type("c9", into: "#getCustomer .try [name='path:username']")
            try browser.click("#getCustomer .try form > button")
            #expect(
                try eventually(within: 30) {
                    try browser.text("#getCustomer .answer").contains(#""username": "c9""#)
                })
            try browser.click("#exit")
            #expect(try eventually(within: 30) { try browser.text("#who") == "" })
            #expect(
                try browser.run("return document.activeElement.name") == .string("username"))
            let said = try browser.console()
            #expect(said == [])
        }

        /// The page refreshes an expired token and retries, until the session ends.
        ///
        /// Token times are whole seconds. A token of 4 s lives at least 3 s, which a busy machine
        /// needs in order to use it.
        @Test func refreshesTheTokenAutomatically() throws {
            let shop = try RunningShop(knobs: ["SOUK_ACCESS_TOKEN_SECONDS": "4"])
            defer { shop.stop() }
            #expect(try shop.souk("seed", "--customers", "1").code == 0)
            let browser = try DocsPage.open(shop)
            try browser.type("c1", into: "#entrance [name=username]")
            try browser.type("correct horse", into: "#entrance [name=password]")
            try browser.click("#entrance button")
            #expect(try eventually(within: 30) { try browser.text("#who") == "c1" })
            try browser.click("#listOrders .try > summary")
            try browser.click("#listWishlistItems .try > summary")
            let expiry: UInt32 = 4_200_000
            for _ in 0..<2 {
                usleep(expiry)
                // Two concurrent requests use one refresh token once.
                _ = try browser.run(
                    """
                    for (const id of ['listOrders', 'listWishlistItems'])
                      document.querySelector(`#${id} .try form > button`).click()
                    """)
                let isAnswered = try eventually(within: 30) {
                    try ["#listOrders", "#listWishlistItems"].allSatisfy {
                        try browser.text("\($0) .output strong").hasPrefix("200")
                    }
                }
                guard isAnswered else { throw Failure(try browser.text("#listOrders .output")) }
            }
            #expect(try shop.souk("user", "suspend", "c1").code == 0)
            usleep(expiry)
            try browser.click("#listOrders .try form > button")
            #expect(
                try eventually(within: 30) { try browser.text("#notice").contains("has ended") })
            #expect(try browser.text("#who") == "")
            try browser.photograph("\(pictures)/ended.png")
        }
    }
}
