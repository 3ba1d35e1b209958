import TestShop

/// The routes of addresses, coupons and gift cards.
extension RouteCase {
    static let checkout: [RouteCase] = [
        // gives: nobody, ben, ada, mona, sami, adil, suse.
        RouteCase(
            .get, "/customers/:username/addresses", "/customers/ada/addresses",
            gives: ownerAndStaff(200), onOneself: [200, 200, 200]),
        RouteCase(
            .post, "/customers/:username/addresses", "/customers/ada/addresses", address,
            gives: ownerAndStaff(201), onOneself: [201, 201, 201]),
        RouteCase(
            .patch, "/customers/:username/addresses/:id", "/customers/ada/addresses/1",
            #"{"city":"Leeds"}"#, gives: ownerAndStaff(200), onOneself: [200, 200, 200]),
        RouteCase(
            .delete, "/customers/:username/addresses/:id", "/customers/ada/addresses/1",
            gives: ownerAndStaff(204), onOneself: [204, 204, 204]),
        RouteCase(.get, "/sales/coupons", "/sales/coupons", gives: staffOnly(200)),
        RouteCase(
            .post, "/sales/coupons", "/sales/coupons",
            #"{"code":"NEW","kind":"percent","value":500}"#, gives: staffOnly(201)),
        RouteCase(.get, "/sales/coupons/:code", "/sales/coupons/TEN", gives: staffOnly(200)),
        RouteCase(
            .patch, "/sales/coupons/:code", "/sales/coupons/TEN", #"{"value":900}"#,
            gives: staffOnly(200)),
        RouteCase(.delete, "/sales/coupons/:code", "/sales/coupons/TEN", gives: staffOnly(204)),
        RouteCase(
            .get, "/sales/coupons/:code/check", "/sales/coupons/TEN/check?subtotal=1000",
            gives: [200, 200, 200, 200, 200, 200, 401]),
        RouteCase(.get, "/sales/gift-cards", "/sales/gift-cards", gives: staffOnly(200)),
        RouteCase(
            .post, "/sales/gift-cards", "/sales/gift-cards", #"{"amount":5000,"count":2}"#,
            gives: staffOnly(422), withoutDryRun: staffOnly(201)),
        RouteCase(.get, "/sales/gift-cards/:id", "/sales/gift-cards/1", gives: staffOnly(200)),
        RouteCase(
            .post, "/sales/gift-cards/:id/cancel", "/sales/gift-cards/1/cancel",
            gives: staffOnly(200)),
        RouteCase(
            .post, "/customers/:username/wallet/gift-cards", "/customers/ada/wallet/gift-cards",
            #"{"code":"GIFT"}"#, gives: [401, 404, 201, 404, 403, 403, 401]),
    ]

    private static let address = #"{"name":"A","lines":["1 Main St"],"city":"York","country":"GB"}"#

    private static func ownerAndStaff(_ status: Int) -> [Int] {
        [401, 404, status, 404, status, status, 401]
    }

    private static func staffOnly(_ status: Int) -> [Int] {
        [401, 403, 403, 403, status, status, 401]
    }

    /// Creates the address 1 of `owner`, a coupon and the gift card 1.
    static func checkoutSteps(of owner: String) -> [Scenario.Step] {
        [
            .init(.post, "/customers/\(owner)/addresses", as: owner, address),
            .init(
                .post, "/sales/coupons", as: "sami",
                #"{"code":"TEN","kind":"percent","value":1000,"categories":["paper"],"product_ids":[1]}"#
            ),
            .init(.post, "/sales/gift-cards", as: "sami", #"{"amount":5000,"count":1}"#),
        ]
    }
}

extension TestShop {
    /// The code of a new gift card.
    func giftCardCode() throws -> String {
        // By an API key, because a route that was played before may have ended the session.
        let key = try key(of: "sami", [.writeSales])
        let made = try send(
            .post, "/sales/gift-cards", key: key, #"{"amount":5,"count":1}"#)
        guard case .string(let code)? = try made.json["data"]?[0]?["code"] else {
            throw TestFailure(description: made.text)
        }
        return code
    }
}
