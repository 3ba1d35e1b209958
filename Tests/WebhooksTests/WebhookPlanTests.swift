import HTTP
import Service
import Storage
import TestShop
import Testing
import Values

@testable import Webhooks

/// No statement of the courier about webhooks reads all deliveries.
@Suite(.onSQLite) struct WebhookPlanTests {
    @Test func noStatementScansDeliveries() throws {
        let record = StatementRecord()
        let office = try PostOffice(record: record)
        let store = office.shop.recording
        try office.createWebhook(types: "*")
        office.answers { WebhookAnswer(status: $0.message == "1" ? 500 : 200) }
        for _ in 1...3 { try office.addEvent() }
        try office.deliver()
        try Scenario.Step(.patch, "/webhooks/1", as: "adil", #"{"paused":true}"#).succeeds(
            in: office.shop)
        office.shop.clock.pass(seconds: 86_400)
        office.shop.forgetTokens()
        try office.deliver()
        try Scenario.Step(.patch, "/webhooks/1", as: "adil", #"{"paused":false}"#).succeeds(
            in: office.shop)
        try office.deliver()
        try Scenario.Step(.delete, "/customers/ben", as: "adil").succeeds(in: office.shop)
        office.shop.clock.pass(seconds: 40 * 86_400)
        let now = office.shop.clock.now
        try store.write { tx in
            _ = try failingWebhooks(in: tx)
            try resealSecrets(of: PostOffice.shop(keys: [TestShop.secret]), at: now, in: tx)
            _ = try pruneDeliveries(at: now, in: tx)
        }
        office.shop.forgetTokens()
        try Scenario.Step(.delete, "/webhooks/1", as: "adil").succeeds(in: office.shop)
        try store.write { _ = try pruneDeliveries(at: now, in: $0) }
        let statements = record.all.filter { $0.text { "\($0)" }.contains("webhook") }
        #expect(statements.count > 25)
        for sql in statements {
            for step in try office.shop.store.queryPlan(of: sql) where step.readsAllDeliveries {
                Issue.record("\(step)\n\(sql.text { "\($0)" })")
            }
        }
    }
}

extension String {
    /// A step that reads a whole table or sorts it.
    ///
    /// There are at most 1,000 webhooks. For INSERT the plan lists a search for rows with a broken
    /// foreign key, which SQLite does not run.
    fileprivate var readsAllDeliveries: Bool {
        let isScan =
            hasPrefix("SCAN ") && !hasPrefix("SCAN webhooks") && self != "SCAN CONSTANT ROW"
            && !contains("webhook_deliveries_ended")
        return isScan || contains("USE TEMP B-TREE") || contains("AUTOMATIC")
    }
}
