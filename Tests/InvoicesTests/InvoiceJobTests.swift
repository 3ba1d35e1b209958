import Storage
import TestShop
import Testing

/// The jobs of the courier that issue documents.
@Suite struct InvoiceJobTests {
    /// A shop with so many orders of a pen without documents.
    private func shop(orders: Int) throws -> TestShop {
        let shop = try TestShop()
        try Scenario.Step(
            .post, "/inventory/1/stock", as: "sami", #"{"delta":100,"reason":"delivery"}"#
        ).succeeds(in: shop)
        for _ in 1...orders {
            try Scenario.Step(
                .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#
            ).succeeds(in: shop)
        }
        return shop
    }

    private func expectInvoices(_ count: Int, in shop: TestShop) throws {
        let numbers = try shop.invoiceNumbers()
        #expect(numbers.map { Int($0.suffix(6)) } == Array(1...count))
        #expect(try shop.breaches() == [])
    }

    /// A job has 32 orders, so that a rush needs few transactions.
    @Test func ordersShareJobs() throws {
        let shop = try shop(orders: 70)
        try shop.enqueueInvoiceJobs()
        #expect(try shop.invoiceJobs().count == 3)
        try shop.runInvoiceJobs()
        try expectInvoices(70, in: shop)
    }

    /// Each order of a job that failed gets a job, so that one order cannot delay the others.
    @Test func aRetryDividesTheJob() throws {
        let shop = try shop(orders: 4)
        try shop.enqueueInvoiceJobs()
        #expect(try shop.invoiceJobs().count == 1)
        try shop.runInvoiceJobs(isRetry: true, atMost: 1)
        #expect(try shop.invoiceJobs().count == 4 && shop.invoiceNumbers().isEmpty)
        try shop.runInvoiceJobs(isRetry: true)
        try expectInvoices(4, in: shop)
    }
}
