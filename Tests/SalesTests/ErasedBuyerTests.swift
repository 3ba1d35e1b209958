import HTTP
import TestShop
import Testing

/// Orders of an erased buyer: nothing can be refunded to a wallet that has no owner.
@Suite struct ErasedBuyerTests {
    /// Ada buys, withdraws her balance, and erases her account.
    static let gone: [Scenario.Step] = [
        CreateOrderTests.buy(1, 4),
        .init(.post, "/customers/ada/wallet/debit", as: "sami", #"{"amount":99000}"#),
        .init(.delete, "/customers/ada", as: "ada"),
    ]
    static let goneWithGifts: [Scenario.Step] = [
        RefundOrderTests.free, CreateOrderTests.buy(1, 4),
        .init(.post, "/customers/ada/wallet/debit", as: "sami", #"{"amount":100000}"#),
        .init(.delete, "/customers/ada", as: "ada"),
    ]
    static let cancel = Scenario.Step(.post, "/sales/1/cancel", as: "sami")

    static let rows = [
        Scenario(
            "refunds nothing", after: gone, RefundOrderTests.refund(), gives: 409,
            code: "customer_erased"),
        Scenario(
            "refunds no part", after: gone, RefundOrderTests.refund([(1, 1)], restock: false),
            gives: 409, code: "customer_erased"),
        Scenario("cancels nothing", after: gone, cancel, gives: 409, code: "customer_erased"),
        Scenario(
            "says so in a dry run", after: gone, RefundOrderTests.refund(query: "?dry_run=true"),
            gives: 409, code: "customer_erased", fields: ["Dry-Run": "true"]),
        Scenario(
            "ships a paid order", after: gone, AdvanceOrderTests.step("ship"), gives: 200,
            shows: #"{"username":"erased~1","status":"shipped"}"#),
        Scenario(
            "cancels a free order", after: goneWithGifts, cancel, gives: 200,
            shows: #"{"status":"cancelled","refunded":0}"#),
        Scenario(
            "restocks by a stock movement", after: gone,
            .init(
                .post, "/inventory/1/stock", as: "sami",
                #"{"delta":4,"reason":"order 1, paid back in cash"}"#), gives: 201,
            shows: #"{"stock_after":10}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// Ada has no balance, and orders that wait for money.
    private func waiting() throws -> TestShop {
        let shop = try CashOnDeliveryTests.shop()
        try UnpaidOrderTests.order(
            #"{"method":"bank_transfer"}"#, quantity: 1,
            more: #""shipping_method":1,"shipping_address":\#(OrderTotalsTests.address),"#
        ).succeeds(in: shop)
        try Scenario.Step(
            .post, "/customers/ada/wallet/debit", as: "sami", #"{"amount":100000}"#
        ).succeeds(in: shop)
        return shop
    }

    private func erase(as account: String) -> Scenario.Step {
        .init(.delete, "/customers/ada", as: account)
    }

    /// The money of an erased buyer could not be booked.
    @Test func anOrderThatWaitsForMoneyPreventsTheErasure() throws {
        let shop = try waiting()
        for account in ["ada", "adil"] {
            try Scenario(
                "", erase(as: account), gives: 409, code: "orders_open",
                shows: #"{"detail":"Orders 1 and 2 wait for money. Pay or cancel them first."}"#
            ).play(in: shop)
        }
        try Scenario.Step(.post, "/sales/1/ship", as: "sami").succeeds(in: shop)
        try Scenario.Step(.post, "/sales/2/cancel", as: "ada").succeeds(in: shop)
        try Scenario(
            "", erase(as: "ada"), gives: 409, code: "orders_open",
            shows: #"{"detail":"Order 1 waits for money. Pay or cancel it first."}"#
        ).play(in: shop)
        try UnpaidOrderTests.book(8500, "cash").succeeds(in: shop)
        try Scenario("", erase(as: "ada"), gives: 204).play(in: shop)
    }

    @Test func theOpenOrderOfAGuestPreventsTheErasure() throws {
        let shop = try TestShop()
        let (path, token) = try GuestOrderTests.buy(in: shop)
        let guest = Scenario.Step(.delete, "/customers/guest~6", as: "adil")
        try Scenario("", guest, gives: 409, code: "orders_open").play(in: shop)
        try Scenario.Step(.post, "\(path)/cancel", fields: GuestOrderTests.with(token))
            .succeeds(in: shop)
        try Scenario("", guest, gives: 204).play(in: shop)
    }
}
