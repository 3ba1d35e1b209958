import TestShop

/// The routes of addresses.
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
    ]

    private static let address = #"{"name":"A","lines":["1 Main St"],"city":"York","country":"GB"}"#

    private static func ownerAndStaff(_ status: Int) -> [Int] {
        [401, 404, status, 404, status, status, 401]
    }

    /// Creates the address 1 of `owner`.
    static func checkoutSteps(of owner: String) -> [Scenario.Step] {
        [.init(.post, "/customers/\(owner)/addresses", as: owner, address)]
    }
}
