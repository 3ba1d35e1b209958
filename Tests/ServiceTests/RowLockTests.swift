import HTTPTypes
import Service
import Storage
import TestShop
import Testing

/// A write locks the rows that it reads and then changes.
///
/// An engine that runs writers at once shows each statement what others have committed, so a row
/// may change between a SELECT and the UPDATE that depends on it. A test plays every route. In each
/// write, a SELECT from a table that a later statement UPDATEs or DELETEs from carries a mark. It
/// needs none after the write has locked rows of that table with `.alone`, or has changed it.
@Suite(.once) struct RowLockTests {
    @Test func readsMarkWhatTheWriteChanges() throws {
        let writes = try playWrites()
        #expect(writes.count { $0.contains { Statement($0).changed != [] } } > 40)
        let unmarked = Set(writes.flatMap(unmarked))
        #expect(unmarked.isEmpty, "\(unmarked.sorted().joined(separator: "\n\n"))")
        // The same without one of the marks.
        for mark in [
            "alone orders", "alone order_lines", "alone review", "alone products",
            "alone customers", "alone sessions", "alone addresses",
            "alone wishlist_items", "alone shipments", "alone order_returns",
            "alone order_return_lines", "alone coupons", "alone carts", "alone gift_cards",
            "alone card",
            "held customers, sessions", "alone api_keys",
        ] {
            let without = writes.map { $0.map { $0.replacing("\u{2}\(mark)\u{2}", with: "") } }
            #expect(!without.flatMap(self.unmarked).isEmpty, "\(mark)")
        }
    }

    /// The templates of the statements of each write that some route makes.
    private func playWrites() throws -> [[String]] {
        let record = StatementRecord()
        for route in RouteCase.all where !route.isSafe {
            // A shop for each route, because a logout ends the sessions that the others need.
            let shop = try TestShop.furnished(record: record)
            for account in RouteCase.callers {
                for fields in [[:], HTTPFields.key("key")] {
                    _ = try route.send(in: shop, as: account, fields: fields)
                }
            }
        }
        try playGuest(in: TestShop(record: record))
        // Each write once: most are repeated, and each is parsed for every mark.
        return Array(Set(record.writes))
    }

    /// Guests buy, cancel and are claimed.
    private func playGuest(in shop: TestShop) throws {
        let body = #"""
            {"items":[{"product_id":1,"quantity":1}],"email":"gail@example.com",\#
            "payment":{"method":"bank_transfer"}}
            """#
        for _ in 1...2 {
            let sold = try Scenario.Step(.post, "/sales", body).succeeds(in: shop).json
            let path = "/sales/\(try #require(sold["id"]?.integer))/cancel"
            let token = try #require(sold["order_token"]?.text)
            let cancelled = try shop.send(.post, path, fields: [.orderToken: token])
            #expect(cancelled.status == .ok, "\(cancelled.text)")
        }
        try shop.store.write {
            try $0.run(
                """
                UPDATE customers SET email = 'gail@example.com', email_key = 'gail@example.com',
                    email_verified_at = 0 WHERE username = 'ada'
                """)
        }
        try Scenario.Step(
            .post, "/customers/login",
            #"{"username":"ada","password":"\#(TestShop.password)"}"#
        ).succeeds(in: shop)
        let claimed: Int64 = try shop.value(
            "SELECT COUNT(*) AS value FROM customers WHERE claimed_by IS NOT NULL")
        #expect(claimed == 2)
    }

    /// The SELECTs of one write that lack a mark.
    private func unmarked(_ templates: [String]) -> [String] {
        let write = templates.map(Statement.init)
        var safe: Set<String> = []
        return write.indices.compactMap { index in
            let statement = write[index]
            defer { safe.formUnion(statement.changed + statement.alone) }
            guard let table = statement.read, !statement.isMarked, !safe.contains(table),
                write[index...].contains(where: { $0.changed.contains(table) })
            else { return nil }
            return statement.text
        }
    }
}

/// What a statement does to which table.
private struct Statement {
    let text: String
    /// The first table of a SELECT.
    let read: String?
    /// The table of an UPDATE or DELETE.
    let changed: [String]
    /// The table of the SELECT, if it locks its rows for this transaction alone.
    let alone: [String]
    /// Whether a mark names the table of the SELECT.
    let isMarked: Bool

    init(_ template: String) {
        text = template.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        changed = text.firstMatch(of: #/^(UPDATE|DELETE FROM) (\w+)/#).map { ["\($0.2)"] } ?? []
        let source =
            text.hasPrefix("SELECT") ? text.firstMatch(of: #/ FROM (\w+)( AS (\w+))?/#) : nil
        read = source.map { "\($0.1)" }
        let name = source.map { "\($0.3 ?? $0.1)" } ?? ""
        let marks = text.matches(of: #/\u{2}(alone|held) ([\w, ]+)\u{2}/#).filter {
            $0.2.split(separator: ", ").contains { $0 == name }
        }
        isMarked = !marks.isEmpty || text.contains("\u{2}skipping\u{2}")
        alone = marks.contains { $0.1 == "alone" } ? [read].compactMap { $0 } : []
    }
}
