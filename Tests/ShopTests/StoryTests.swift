import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    @Suite struct StoryTests {
        @Test func aCustomerRegistersBuysReviewsAndWishes() throws {
            let shop = try SharedShop.shop
            let sami = try SharedShop.demo("sami")
            let visitor = shop.visitor()

            let registration =
                #"{"username":"nadia","password":"a long enough password","full_name":"Nadia"}"#
            let account = try visitor.send("POST", "/customers", registration)
            try account.expect(
                201, shows: #"{"username":"nadia","role":"customer","status":"active"}"#)
            #expect(account["Location"] == "/customers/nadia")
            try visitor.logIn(as: "nadia", "a long enough password")

            try sami.send(
                "POST", "/customers/nadia/wallet/credit", #"{"amount":5000,"note":"welcome"}"#
            ).expect(201, shows: #"{"amount":5000,"balance_after":5000,"kind":"credited"}"#)
            try visitor.send("GET", "/customers/nadia/wallet").expect(
                200, shows: #"{"balance":5000,"currency":"USD"}"#)

            let found = try visitor.send("GET", "/inventory?category=paper&in_stock=true")
                .expect(200, shows: #"{"data":[{"name":"Reed pen","price":650}],"next":null}"#)
            guard case .integer(let pen)? = try found.json["data"]?[0]?["id"] else {
                throw Failure("\(found)")
            }

            let bought = try visitor.send(
                "POST", "/sales", #"{"items":[{"product_id":\#(pen),"quantity":2}]}"#)
            try bought.expect(201, shows: #"{"username":"nadia","status":"paid","total":1300}"#)
            let sale = try bought.integer("id")
            #expect(bought["Location"] == "/sales/\(sale)")
            let seen = try visitor.send("GET", "/sales/\(sale)").expect(200)
            #expect(seen.body == bought.body)
            try visitor.send("GET", "/customers/nadia/wallet/entries").expect(
                200,
                shows: """
                    {"data":[{"amount":-1300,"balance_after":3700,"kind":"purchase","order_id":\(sale)},
                        {"amount":5000,"balance_after":5000,"kind":"credited","actor":"sami","note":"welcome"}]}
                    """)
            try visitor.send("GET", "/inventory/\(pen)").expect(200, shows: #"{"stock":38}"#)
        }

        @Test func aReviewIsSeenOnceItIsApproved() throws {
            let shop = try SharedShop.shop
            let ada = try SharedShop.demo("ada")
            let mona = try SharedShop.demo("mona")
            let product = try SharedShop.product(stock: 3)
            try ada.send("POST", "/sales", #"{"items":[{"product_id":\#(product),"quantity":1}]}"#)
                .expect(201)

            let review = try ada.send(
                "POST", "/reviews",
                #"{"product_id":\#(product),"rating":4,"comment":"Writes well."}"#
            ).expect(201, shows: #"{"status":"pending","verified_purchase":true}"#)
            let target = try "/reviews/\(review.integer("id"))"
            let list = "/reviews?product_id=\(product)"
            try shop.visitor().send("GET", target).expectProblem(404, "review_not_found")
            try shop.visitor().send("GET", list).expect(200, shows: #"{"data":[]}"#)

            try ada.send("POST", "\(target)/approve").expectProblem(403, "forbidden")
            try mona.send("POST", "\(target)/approve").expect(
                200, shows: #"{"status":"approved"}"#)
            // Without this, nginx might still return the cached list of the previous second.
            let fresh = [("Cache-Control", "no-cache")]
            try shop.visitor().send("GET", list, fields: fresh).expect(
                200, shows: #"{"data":[{"username":"ada","rating":4,"comment":"Writes well."}]}"#)
            try shop.visitor().send("GET", "/inventory/\(product)", fields: fresh).expect(
                200, shows: #"{"rating":{"count":1}}"#)
        }

        @Test func aWishShowsThePresentPrice() throws {
            let ada = try SharedShop.demo("ada")
            let sami = try SharedShop.demo("sami")
            let product = try SharedShop.product(stock: 3, price: 100)
            try ada.send("PUT", "/wishlist/\(product)").expect(200)
            try sami.send("PATCH", "/inventory/\(product)", #"{"price":90}"#).expect(200)
            try ada.send("GET", "/wishlist").expect(
                200, shows: #"{"data":[{"product_id":\#(product),"price":90,"stock":3}]}"#)
            try ada.send("DELETE", "/wishlist/\(product)").expect(204)
            try ada.send("GET", "/wishlist").expect(200, shows: #"{"data":[]}"#)
        }

        /// Runs `souk check` while the shop is open, after the other tests.
        @Test func theShopIsSound() throws {
            let check = try SharedShop.shop.souk("check")
            #expect(check.code == 0, "\(check)")
            #expect(check.output.contains("ok     A wallet's balance is the sum of its ledger."))
            #expect(!check.output.contains("BROKEN"))
        }
    }
}
