import Customers
import HTTP
import Storage
import TestShop
import Testing

extension TestShop {
    /// A shop in which every request of `RouteCase.all` finds its data.
    ///
    /// Every account has money. `owner`, whose session is 2, has bought pens twice and reviewed
    /// them; the second order is shipped and has a requested and an approved return. An admin has
    /// replied, and both have a lamp on their wishlist. Product 3 is archived. Both orders have
    /// invoices. The owner has the API key 1, the address 1 and the pending payment 1 with a
    /// message of the provider, and webhook 1 has a delivery. The shop has a shipping method and a
    /// tax rate, and sends no product.
    static func furnished(
        owner: String = "ada", on engine: TestEngine = .current, record: StatementRecord? = nil
    ) throws -> TestShop {
        let shop = try TestShop(on: engine, record: record)
        let admin = owner == "adil" ? "adele" : "adil"
        try shop.addCustomers(["suse"], role: .admin)
        if admin == "adele" { try shop.addCustomers([admin], role: .admin) }
        _ = try shop.token(of: "suse")
        _ = try setStatus(.suspended, of: "suse", at: shop.clock.now, on: shop.store)
        _ = try shop.token(of: owner)
        var steps: [Scenario.Step] = ["ben", "mona", "sami", "adil"].map {
            let actor = $0 == admin ? "sami" : admin
            return .init(
                .post, "/customers/\($0)/wallet/credit", as: actor, #"{"amount":2000}"#)
        }
        steps += [
            .init(.post, "/sales", as: owner, #"{"items":[{"product_id":1,"quantity":1}]}"#),
            .init(.post, "/sales", as: owner, #"{"items":[{"product_id":1,"quantity":3}]}"#),
            .init(.post, "/reviews", as: owner, #"{"product_id":1,"rating":5}"#),
            .init(.put, "/reviews/1/reply", as: admin, #"{"text":"thanks"}"#),
            .init(.put, "/wishlist/2", as: owner), .init(.put, "/wishlist/2", as: admin),
            .init(.post, "/inventory", as: "sami", #"{"name":"cap","category":"hats","price":1}"#),
            .init(.delete, "/inventory/3", as: "sami"),
            .init(
                .post, "/customers/\(owner)/api-keys", as: owner,
                #"{"name":"till","scopes":["read:sales"]}"#),
            .init(
                .post, "/customers/\(owner)/wallet/topups", as: owner,
                #"{"amount":5000,"return_url":"https://shop.example/thanks"}"#),
        ]
        steps += RouteCase.webhookSteps(by: admin) + RouteCase.checkoutSteps(of: owner, by: admin)
        steps += RouteCase.shippingAndTaxSteps(by: admin)
        steps += RouteCase.fulfillmentSteps(of: owner, by: admin)
        steps += RouteCase.paymentSteps(of: owner, by: admin)
        steps += (1...2).map { .init(.get, "/sales/\($0)/invoice", as: owner) }
        for step in steps {
            let response = try shop.send(step)
            try #require(response.status.kind == .successful, "\(response.text)")
        }
        try shop.store.write { tx in
            _ = try tx.run(
                """
                INSERT INTO payment_events (payment_id, provider, event_id, type, change, amount,
                    currency, captured, created_at)
                VALUES (1, 'stripe', 'evt_0', 'charge.dispute.closed', 'dispute_closed', 0, 'USD', 0, 0)
                """)
        }
        return shop
    }

    /// A refresh token of ada's, from a new login.
    func refreshToken() throws -> String {
        let login = try send(
            .post, "/customers/login", #"{"username":"ada","password":"correct horse"}"#)
        guard case .string(let token)? = try login.json["refresh_token"] else {
            throw TestFailure(description: login.text)
        }
        return token
    }
}
