import TestShop

/// The routes of shipping methods and tax rates.
extension RouteCase {
    static let shippingAndTaxes: [RouteCase] = [
        RouteCase(
            .get, "/sales/shipping-methods", "/sales/shipping-methods", gives: anyone(200)),
        RouteCase(
            .post, "/sales/shipping-methods", "/sales/shipping-methods",
            #"{"name":"Parcel","price":490}"#, gives: staffOnly(201)),
        RouteCase(
            .get, "/sales/shipping-methods/:id", "/sales/shipping-methods/1", gives: anyone(200)),
        RouteCase(
            .patch, "/sales/shipping-methods/:id", "/sales/shipping-methods/1", #"{"price":390}"#,
            gives: staffOnly(200)),
        RouteCase(
            .delete, "/sales/shipping-methods/:id", "/sales/shipping-methods/1",
            gives: staffOnly(204)),
        RouteCase(.get, "/sales/tax-rates", "/sales/tax-rates", gives: staffOnly(200)),
        RouteCase(
            .put, "/sales/tax-rates", "/sales/tax-rates",
            #"{"data":[{"class":"standard","country":"DE","rate":1900,"name":"VAT"}]}"#,
            gives: staffOnly(200)),
    ]

    private static func anyone(_ status: Int) -> [Int] {
        [status, status, status, status, status, status, 401]
    }

    private static func staffOnly(_ status: Int) -> [Int] {
        [401, 403, 403, 403, status, status, 401]
    }

    /// Creates shipping method 1 and a tax rate; products 1 and 2 are not sent.
    static func shippingAndTaxSteps(by admin: String) -> [Scenario.Step] {
        [
            .init(.patch, "/inventory/1", as: admin, #"{"requires_shipping":false}"#),
            .init(.patch, "/inventory/2", as: admin, #"{"requires_shipping":false}"#),
            .init(
                .post, "/sales/shipping-methods", as: admin,
                #"{"name":"Letter","price":190,"countries":["DE"]}"#),
            .init(
                .put, "/sales/tax-rates", as: admin,
                #"{"data":[{"class":"standard","country":"DE","rate":1900,"name":"VAT 19 %"}]}"#),
        ]
    }
}
