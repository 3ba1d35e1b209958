import Customers
import HTTP
import HTTPTypes
import Outbox
import Service
import Storage
import TestShop
import Testing

/// Orders without an account.
@Suite struct GuestOrderTests {
    static func body(
        _ email: String = "Gail@Example.com", pens: Int = 1, method: String = "bank_transfer",
        more: String = ""
    ) -> String {
        #"""
        {"items":[{"product_id":1,"quantity":\#(pens)}],"email":"\#(email)",\#
        "payment":{"method":"\#(method)"}\#(more)}
        """#
    }

    static func order(_ body: String, query: String = "", key: String? = nil) -> Scenario.Step {
        .init(.post, "/sales\(query)", as: nil, body, fields: key.map { .key($0) } ?? [:])
    }

    /// A new order of a guest: its path and its token.
    static func buy(_ body: String = body(), in shop: TestShop) throws -> (
        path: String, token: String
    ) {
        let sold = try order(body).succeeds(in: shop).json
        return (
            "/sales/\(try #require(sold["id"]?.integer))", try #require(sold["order_token"]?.text)
        )
    }

    static func with(_ token: String) -> HTTPFields { [.orderToken: token] }

    /// Staff book a bank transfer of `amount`.
    static func book(_ amount: Int, of path: String) -> Scenario.Step {
        .init(
            .post, "\(path)/payments", as: "sami",
            #"{"method":"bank_transfer","amount":\#(amount),"reference":"7"}"#)
    }

    private static let refusals: [Scenario] = [
        Scenario(
            "no address",
            .init(.post, "/sales", #"{"items":[{"product_id":1,"quantity":1}]}"#), gives: 401,
            code: "token_missing"),
        Scenario(
            "the wallet", order(body(method: "wallet")), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"payment.method"}]}"#),
        Scenario(
            "no method",
            order(#"{"items":[{"product_id":1,"quantity":1}],"email":"a@example.com"}"#),
            gives: 422, code: "invalid_request"),
        Scenario(
            "no address at all", order(body("gail")), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"email"}]}"#),
        Scenario(
            "an address with an account's token",
            .init(.post, "/sales", as: "ada", body()), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"email"}]}"#),
        Scenario(
            "for a customer", order(body(more: #","customer":"ada""#)), gives: 403,
            code: "forbidden"),
        Scenario(
            "a saved address", order(body(more: #","shipping_address":1"#)), gives: 422,
            code: "invalid_request"),
        Scenario(
            "a short idempotency key", order(body(), key: "short"), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"Idempotency-Key"}]}"#),
        Scenario(
            "a coupon that counts uses of customers",
            after: [
                .init(
                    .post, "/sales/coupons", as: "sami",
                    #"{"code":"ONCE","kind":"amount","value":1,"max_uses_per_customer":1}"#)
            ], order(body(more: #","coupon":"ONCE""#)), gives: 409, code: "coupon_invalid"),
        Scenario("too few in stock", order(body(pens: 11)), gives: 409, code: "insufficient_stock"),
    ]

    @Test(arguments: refusals) func refuses(row: Scenario) throws { try row.play() }

    @Test func sellsToAGuest() throws {
        let shop = try TestShop()
        try Scenario(
            "", Self.order(Self.body()), gives: 201,
            shows: #"""
                {"username":null,"email":"Gail@Example.com","status":"pending","due":250,\#
                "timeline":[{"actor":null}]}
                """#
        ).play(in: shop)
        let (path, token) = try Self.buy(in: shop)
        #expect(token.utf8.count == 43)
        let shown = try shop.send(.get, path, as: nil, fields: Self.with(token))
        #expect(shown.status == .ok)
        #expect(shown.fields[.cacheControl] == "private, no-store")
        #expect(try shown.json["order_token"] == nil)
        #expect(try shown.json["username"] == .null)
        let paid = try Self.book(250, of: path).succeeds(in: shop)
        #expect(paid.status == .created)
        let after = try shop.send(.get, path, as: nil, fields: Self.with(token)).json
        #expect(after["payment_status"] == "paid")
        let list = try shop.send(.get, "\(path)/payments", as: nil, fields: Self.with(token))
        #expect(try list.json["data"]?.elements.count == 1)
        let cancelled = try shop.send(
            .post, "\(path)/cancel", as: nil, fields: Self.with(token))
        #expect(try cancelled.json["status"] == "cancelled", "\(cancelled.text)")
        #expect(try shop.breaches() == [])
        // Nobody can log in as the guest, and the database has no token.
        let dump = try shop.dump().joined()
        #expect(!dump.contains(token))
        let staff = try shop.send(.get, path, as: "sami").json
        #expect(staff["username"] == .null && staff["email"] == "Gail@Example.com")
    }

    @Test func aDryRunHasNoToken() throws {
        let shop = try TestShop()
        let before = try shop.contents()
        let quote = try Self.order(Self.body(), query: "?dry_run=true").succeeds(in: shop).json
        #expect(quote["total"] == 250 && quote["order_token"] == nil)
        #expect(try shop.contents() == before)
    }

    @Test func mailsTheToken() throws {
        let shop = try TestShop()
        let (path, token) = try Self.buy(in: shop)
        let payload: String = try shop.value(
            "SELECT payload AS value FROM jobs WHERE kind = 'mail'")
        let mail = try OutgoingMail(payload: payload)
        #expect(mail.template == .guestOrderReceived && mail.to == "Gail@Example.com")
        #expect(mail.values["order"] == String(path.dropFirst("/sales/".count)))
        #expect(mail.values["items"] == "1 × pen, 2.50 USD each")
        #expect(mail.values["total"] == "2.50 USD")
        #expect(
            mail.values["payment"]?.hasPrefix("Please transfer 2.50 USD until 2026-11-25, ") == true
        )
        let sealed = try #require(mail.token)
        #expect(openedMailToken(sealed, by: shop.shop, at: shop.clock.now) == token)
    }

    /// The last day is that of the shop, as on its invoices.
    @Test func mailsTheLastDayInTheTimeZoneOfTheShop() throws {
        let shop = try TestShop()
        try shop.store.write { try $0.run("UPDATE report_offsets SET utc_offset = 46800000") }
        _ = try Self.buy(in: shop)
        let payload: String = try shop.value(
            "SELECT payload AS value FROM jobs WHERE kind = 'mail'")
        let payment = try OutgoingMail(payload: payload).values["payment"]
        #expect(payment?.hasPrefix("Please transfer 2.50 USD until 2026-11-26, ") == true)
    }

    static let damages: [(damage: SQL, subject: String)] = [
        ("UPDATE orders SET claimed_by = 1", "order 1 of guest 6"),
        ("UPDATE customers SET claimed_by = 1 WHERE id = 6", "order 1 of guest 6"),
        ("UPDATE customers SET claimed_by = 1 WHERE id = 2", "guest 2"),
        ("UPDATE customers SET claimed_by = 99 WHERE id = 6", "guest 6"),
        (
            """
            INSERT INTO sessions (customer_id, ip_address, user_agent, created_at, last_seen_at, expires_at)
            VALUES (6, '', '', 0, 0, 0)
            """, "guest 6"
        ),
    ]

    @Test(arguments: damages) func reports(damage: SQL, subject: String) throws {
        let shop = try TestShop()
        _ = try Self.buy(in: shop)
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run(damage) }
        let found = try shop.breaches()
        #expect(found.contains(subject), "\(found)")
    }

    /// The table itself forbids what would let a guest log in.
    @Test func aGuestHasNoRoleAndNoPassword() throws {
        let shop = try TestShop()
        _ = try Self.buy(in: shop)
        for change in [
            "UPDATE customers SET role = 'staff' WHERE guest_email IS NOT NULL",
            "UPDATE customers SET password_hash = 'x' WHERE guest_email IS NOT NULL",
            "UPDATE customers SET email_key = 'x' WHERE guest_email IS NOT NULL",
        ] as [SQL] {
            #expect(throws: StoreError.constraint("customers_guest")) {
                try shop.store.write { try $0.run(change) }
            }
        }
    }
}
