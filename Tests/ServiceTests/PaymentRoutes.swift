import TestShop

/// The routes of payments.
extension RouteCase {
    /// The routes that read their parameters and their body as all others do.
    static let ordinary = all.filter { $0.path != "/sales/payments/stripe" }

    /// Order 3 waits for a bank transfer, of which a part has come.
    static func paymentSteps(of owner: String, by admin: String) -> [Scenario.Step] {
        [
            .init(
                .post, "/sales", as: owner,
                #"""
                {"items":[{"product_id":1,"quantity":1}],"payment":{"method":"bank_transfer"}}
                """#),
            .init(
                .post, "/sales/3/payments", as: admin,
                #"{"method":"bank_transfer","amount":50,"reference":"statement 7"}"#),
        ]
    }

    static let payments: [RouteCase] = [
        // gives: nobody, ben, ada, mona, sami, adil, suse.
        RouteCase(
            .post, "/customers/:username/wallet/topups", "/customers/ada/wallet/topups",
            #"{"amount":5000,"return_url":"https://shop.example/thanks"}"#,
            gives: [401, 404, 201, 404, 403, 403, 401], onOneself: [201, 201, 201]),
        RouteCase(
            .get, "/sales/payments", "/sales/payments",
            gives: [401, 200, 200, 200, 200, 200, 401]),
        RouteCase(
            .get, "/sales/payments/:id", "/sales/payments/1",
            gives: [401, 404, 200, 404, 200, 200, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .get, "/sales/:id/payments", "/sales/3/payments",
            gives: [401, 404, 200, 404, 200, 200, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .post, "/sales/:id/payments", "/sales/3/payments",
            #"{"method":"cash","amount":100,"reference":"till 1"}"#,
            gives: [401, 404, 403, 404, 201, 201, 401], onOneself: [403, 403, 403]),
        // A message without a signature is rejected; a token is ignored.
        RouteCase(
            .post, "/sales/payments/stripe", "/sales/payments/stripe", #"{"id":"evt_1"}"#,
            gives: [400, 400, 400, 400, 400, 400, 400]),
    ]
}
