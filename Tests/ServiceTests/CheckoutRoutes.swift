import HTTPTypes
import TestShop

/// The routes of addresses, coupons, gift cards and carts.
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
            gives: staffOnly(201)),
        RouteCase(.get, "/sales/gift-cards/:id", "/sales/gift-cards/1", gives: staffOnly(200)),
        RouteCase(
            .post, "/sales/gift-cards/:id/cancel", "/sales/gift-cards/1/cancel",
            gives: staffOnly(200)),
        RouteCase(
            .post, "/customers/:username/wallet/gift-cards", "/customers/ada/wallet/gift-cards",
            #"{"code":"GIFT"}"#, gives: [401, 404, 201, 404, 403, 403, 401]),
    ]

    /// The invoice of order 1, by which the shop of the tests begins its series.
    static let invoices: [RouteCase] = [
        RouteCase(.get, "/sales/invoices", "/sales/invoices", gives: staffOnly(200)),
        RouteCase(
            .get, "/sales/:id/invoice", "/sales/1/invoice", gives: ownerAndStaff(200),
            onOneself: [200, 200, 200]),
        RouteCase(
            .get, "/sales/:id/invoices", "/sales/1/invoices", gives: ownerAndStaff(200),
            onOneself: [200, 200, 200]),
        RouteCase(
            .get, "/sales/:id/invoices/:number", "/sales/1/invoices/CIUGKE-2026-000001",
            gives: ownerAndStaff(200), onOneself: [200, 200, 200]),
    ]

    /// The routes of carts: ada and adil have one with a pen.
    static let carts: [RouteCase] = [
        // gives: nobody, ben, ada, mona, sami, adil, suse.
        RouteCase(
            .post, "/sales/carts", "/sales/carts", gives: [201, 201, 201, 201, 201, 201, 401]),
        RouteCase(.get, "/sales/carts/mine", "/sales/carts/mine", gives: callers(200)),
        RouteCase(
            .patch, "/sales/carts/mine", "/sales/carts/mine", #"{"note":"ring twice"}"#,
            gives: callers(200)),
        RouteCase(
            .delete, "/sales/carts/mine", "/sales/carts/mine",
            gives: [404, 404, 204, 404, 404, 204, 401]),
        RouteCase(
            .put, "/sales/carts/mine/items/:product_id", "/sales/carts/mine/items/2",
            #"{"quantity":1}"#, gives: callers(200)),
        RouteCase(
            .delete, "/sales/carts/mine/items/:product_id", "/sales/carts/mine/items/1",
            gives: [404, 404, 204, 404, 404, 204, 401]),
        RouteCase(
            .post, "/sales/carts/mine/claim", "/sales/carts/mine/claim",
            gives: [401, 200, 200, 200, 200, 200, 401]),
        RouteCase(
            .post, "/sales/carts/mine/checkout", "/sales/carts/mine/checkout",
            #"{"expected_total":250}"#, gives: [404, 409, 201, 409, 409, 201, 401]),
    ]

    static let cartField = HTTPField.Name("Souk-Cart")

    /// Whether the request needs the token of a cart.
    var claimsCart: Bool { path == "/sales/carts/mine/claim" }

    private static func callers(_ status: Int) -> [Int] {
        [404, status, status, status, status, status, 401]
    }

    private static let address = #"{"name":"A","lines":["1 Main St"],"city":"York","country":"GB"}"#

    private static func ownerAndStaff(_ status: Int) -> [Int] {
        [401, 404, status, 404, status, status, 401]
    }

    private static func staffOnly(_ status: Int) -> [Int] {
        [401, 403, 403, 403, status, status, 401]
    }

    /// Creates the address 1 and a cart of `owner`, a cart of `admin`, a coupon and the gift card 1.
    static func checkoutSteps(of owner: String, by admin: String) -> [Scenario.Step] {
        [
            .init(.put, "/sales/carts/mine/items/1", as: owner, #"{"quantity":1}"#),
            .init(.put, "/sales/carts/mine/items/1", as: admin, #"{"quantity":1}"#),
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
    /// The token of a new guest's cart with a pen.
    func cartToken() throws -> String {
        let made = try send(.post, "/sales/carts")
        guard case .string(let token)? = try made.json["token"], let name = RouteCase.cartField
        else { throw TestFailure(description: made.text) }
        _ = try send(
            .put, "/sales/carts/mine/items/1", #"{"quantity":1}"#, fields: [name: token])
        return token
    }

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
