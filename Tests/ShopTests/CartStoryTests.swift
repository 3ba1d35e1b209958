import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// A visitor fills a cart, logs in and buys, through nginx.
    @Suite struct CartStoryTests {
        @Test func aVisitorFillsACartLogsInAndBuys() throws {
            let shop = try SharedShop.shop
            let sami = try SharedShop.demo("sami")
            let product = try SharedShop.product(stock: 5, price: 300)
            let visitor = shop.visitor()
            let made = try visitor.send("POST", "/sales/carts").expect(201)
            #expect(made["Cache-Control"] == "private, no-store")
            let cart = [("Souk-Cart", try made.string("token"))]
            let item = "/sales/carts/mine/items/\(product)"
            try visitor.send("PUT", item, #"{"quantity":2}"#, fields: cart).expect(
                200, shows: #"{"total":600,"problems":[{"code":"email_missing"}]}"#)

            let registration =
                #"{"username":"carla","password":"a long enough password","full_name":"Carla"}"#
            try visitor.send("POST", "/customers", registration).expect(201)
            try visitor.logIn(as: "carla", "a long enough password")
            try visitor.send("POST", "/sales/carts/mine/claim", fields: cart).expect(
                200, shows: #"{"items":[{"product_id":\#(product),"quantity":2}],"problems":[]}"#)
            try visitor.send("GET", "/sales/carts/mine", fields: cart).expectProblem(
                404, "cart_not_found")

            let address = #"{"name":"Carla","lines":["1 Main St"],"city":"York","country":"GB"}"#
            let saved = try visitor.send("POST", "/customers/carla/addresses", address)
                .expect(201).integer("id")
            let changed = try visitor.send(
                "PATCH", "/sales/carts/mine", #"{"shipping_address":\#(saved)}"#)
            let quoted = try changed.expect(200).integer("total")
            try sami.send(
                "POST", "/customers/carla/wallet/credit", #"{"amount":\#(quoted)}"#
            ).expect(201)
            let checkout = #"{"expected_total":\#(quoted)}"#
            let bought = try visitor.send("POST", "/sales/carts/mine/checkout", checkout)
            try bought.expect(201, shows: #"{"username":"carla","total":\#(quoted)}"#)
            let again = try visitor.send("POST", "/sales/carts/mine/checkout", checkout).expect(200)
            #expect(again.body == bought.body)
            let order = try bought.integer("id")
            try visitor.send("GET", "/sales/\(order)").expect(
                200, shows: #"{"shipping_address":{"city":"York"}}"#)
            #expect(try shop.souk("check").code == 0)
        }

        /// The token appears in no log, in no cache and in no accepted URL.
        @Test func theTokenStaysSecret() throws {
            let shop = try SharedShop.shop
            let visitor = shop.visitor()
            let made = try visitor.send("POST", "/sales/carts").expect(201)
            let token = try made.string("token")
            let cart = [("Souk-Cart", token)]
            for _ in 0..<40 {
                let answer = try visitor.send("GET", "/sales/carts/mine", fields: cart).expect(200)
                #expect(answer["Cache-Control"] == "private, no-store")
                #expect(answer["X-Cache"] == nil || answer["X-Cache"] == "BYPASS")
                // Also the answer of a page that nginx caches for others.
                let page = try visitor.send("GET", "/inventory?limit=1", fields: cart).expect(200)
                #expect(page["X-Cache"] == "BYPASS", "\(page)")
            }
            try visitor.send("GET", "/sales/carts/mine?cart=\(token)").expectProblem(
                422, "invalid_request")
            try visitor.send("GET", "/sales/carts/mine", fields: cart + cart).expectProblem(
                400, "bad_request")
            #expect(
                try eventually(within: 30) {
                    try shop.endOfAccessLog().contains("/sales/carts/mine?…")
                })
            #expect(try !shop.endOfAccessLog().contains(token))
            #expect(try !shop.home.text(of: "log/nginx.log").contains(token))
        }

        /// New carts share the limit of registrations: one a second, bursts of 20.
        @Test func newCartsAreLimited() throws {
            let shop = try RunningShop(knobs: ["SOUK_RATE_LIMITS": "on"])
            defer { shop.stop() }
            let visitor = shop.visitor()
            let statuses = try (0..<40).map { _ in
                try visitor.send("POST", "/sales/carts").status
            }
            #expect(statuses.prefix(20).allSatisfy { $0 == 201 }, "\(statuses)")
            #expect(statuses.count { $0 == 429 } >= 10, "\(statuses)")
        }
    }
}
