import TestShop

/// The routes of shipments, delivery and returns.
extension RouteCase {
    static let fulfillment: [RouteCase] = [
        // gives: nobody, ben, ada, mona, sami, adil, suse.
        RouteCase(
            .post, "/sales/:id/ship", "/sales/1/ship",
            #"{"items":[{"product_id":1,"quantity":1}],"carrier":"Post"}"#,
            gives: staffOnly(200), onOneself: [403, 403, 403]),
        RouteCase(
            .patch, "/sales/:id/shipments/:n", "/sales/2/shipments/1",
            #"{"tracking_number":"RR2"}"#, gives: staffOnly(200), onOneself: [403, 403, 403]),
        RouteCase(
            .post, "/sales/:id/deliver", "/sales/2/deliver", gives: staffOnly(200),
            onOneself: [403, 403, 403]),
        RouteCase(.get, "/sales/returns", "/sales/returns", gives: staffOnly(200)),
        RouteCase(
            .get, "/sales/:id/returns", "/sales/2/returns", gives: ownerAndStaff(200),
            onOneself: [200, 200, 200]),
        RouteCase(
            .post, "/sales/:id/returns", "/sales/2/returns",
            #"{"items":[{"product_id":1,"quantity":1}],"kind":"withdrawal"}"#,
            gives: ownerAndStaff(201), onOneself: [201, 201, 201]),
        RouteCase(
            .get, "/sales/:id/returns/:n", "/sales/2/returns/1", gives: ownerAndStaff(200),
            onOneself: [200, 200, 200]),
        RouteCase(
            .post, "/sales/:id/returns/:n/approve", "/sales/2/returns/1/approve",
            gives: staffOnly(200), onOneself: [403, 403, 403]),
        RouteCase(
            .post, "/sales/:id/returns/:n/decline", "/sales/2/returns/1/decline",
            #"{"reason":"worn"}"#, gives: staffOnly(200), onOneself: [403, 403, 403]),
        RouteCase(
            .post, "/sales/:id/returns/:n/receive", "/sales/2/returns/2/receive",
            #"{"restock":false}"#, gives: staffOnly(200), onOneself: [403, 403, 403]),
    ]

    /// A shipment of order 2, the requested return 1 and the approved return 2 of one unit each.
    static func fulfillmentSteps(of owner: String, by admin: String) -> [Scenario.Step] {
        let request = Scenario.Step(
            .post, "/sales/2/returns", as: owner,
            #"{"items":[{"product_id":1,"quantity":1}],"kind":"return","reason":"too blue"}"#)
        return [
            shipment(of: 2, by: admin), request, request,
            .init(.post, "/sales/2/returns/2/approve", as: admin),
        ]
    }

    /// The shipment of an order, with tracking.
    static func shipment(of order: Int, by account: String) -> Scenario.Step {
        .init(
            .post, "/sales/\(order)/ship", as: account,
            #"""
            {"carrier":"Post","tracking_number":"RR1",\#
            "tracking_url":"https://post.example/RR1"}
            """#)
    }

    private static func ownerAndStaff(_ status: Int) -> [Int] {
        [401, 404, status, 404, status, status, 401]
    }

    private static func staffOnly(_ status: Int) -> [Int] {
        [401, 403, 403, 403, status, status, 401]
    }
}
