import HTTP
import Service
import Storage
import TestShop
import Testing

@testable import Payments

/// No statement about payments reads all of them.
@Suite(.onSQLite) struct PaymentPlanTests {
    @Test func noStatementScansPayments() throws {
        let record = StatementRecord()
        let till = try Till(record: record)
        for _ in 1...3 { try till.topUp() }
        try till.deliver(till.stripe.event("checkout.session.expired", #""session":"cs_test_2""#))
        let paid = try till.stripe.pay("cs_test_1")
        let dispute = try till.stripe.event("charge.dispute.created", #""intent":"pi_1""#)
        for message in [dispute, paid] { try till.deliver(message) }
        for (type, members) in [
            ("charge.refunded", #""intent":"pi_1","total":100"#),
            ("refund.failed", #""intent":"pi_1","refund":"re_7","amount":100"#),
            ("charge.dispute.closed", #""intent":"pi_1","status":"won""#),
        ] { try till.deliver(till.stripe.event(type, members)) }
        try till.refund(50)
        try till.work()
        for query in ["", "?status=captured", "?username=ben", "?username=ben&status=pending"] {
            try Scenario.Step(.get, "/sales/payments\(query)", as: "sami").succeeds(in: till.shop)
        }
        try till.shop.recording.read { _ = try payments(.captured, after: 0, limit: 10, in: $0) }
        try Scenario.Step(.post, "/customers/ben/wallet/debit", as: "sami", #"{"amount":4950}"#)
            .succeeds(in: till.shop)
        try Scenario.Step(.delete, "/customers/ben", as: "adil").succeeds(in: till.shop)
        let statements = record.all.filter {
            $0.text { "\($0)" }.contains(#/payments|payment_events|refunds/#)
        }
        #expect(statements.count > 20)
        for sql in statements {
            let isOfGuests = sql.text { "\($0)" }.contains("customers.claimed_by")
            for step in try till.shop.store.queryPlan(of: sql)
            where step.readsEverything && !(isOfGuests && step.contains("FOR ORDER BY")) {
                Issue.record("\(step)\n\(sql.text { "\($0)" })")
            }
        }
    }
}

extension String {
    /// A step that reads a whole table, or sorts it.
    ///
    /// A list of all payments reads the newest of them from their table.
    fileprivate var readsEverything: Bool {
        hasPrefix("SCAN ") && self != "SCAN CONSTANT ROW" && self != "SCAN payments"
            || contains("USE TEMP B-TREE") || contains("AUTOMATIC")
    }
}
