import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// A top-up in the demo shop, whose provider pays at once.
    @Suite struct TopUpStoryTests {
        @Test func theCourierPaysAndTheWalletGetsTheMoney() throws {
            let shop = try SharedShop.shop
            let visitor = shop.visitor()
            try visitor.send(
                "POST", "/customers",
                #"{"username":"tilda","password":"a long enough password","full_name":"Tilda"}"#
            ).expect(201)
            try visitor.logIn(as: "tilda", "a long enough password")
            let payment = try visitor.send(
                "POST", "/customers/tilda/wallet/topups",
                #"{"amount":2500,"return_url":"https://shop.example/thanks"}"#
            ).expect(201, shows: #"{"status":"pending","amount":2500}"#)
            let path = try "/sales/payments/\(payment.integer("id"))"
            #expect(
                try eventually(within: 30) {
                    try visitor.send("GET", "\(path)?wait=2").json["status"] == .string("captured")
                })
            try visitor.send("GET", "/customers/tilda/wallet").expect(
                200, shows: #"{"balance":2500}"#)
            // Nobody else sees it. The shop has no account at Stripe.
            try SharedShop.demo("ada").send("GET", path).expectProblem(404, "payment_not_found")
            try shop.visitor().send(
                "POST", "/sales/payments/stripe", #"{"id":"evt_1"}"#,
                fields: [("Stripe-Signature", "t=1,v1=00")]
            ).expectProblem(404, "not_found")
            let listed = try shop.souk("payments", "list", "--status", "captured")
            #expect(listed.output.contains(#""username":"tilda""#))
        }
    }
}
