import TestShop
import Testing

extension Till {
    /// Plays the messages about a payment, the end of its session and a refund of 1,200: in every
    /// order, each message twice, on a shop of its own.
    ///
    /// `begin` creates the payment with the session `cs_test_1`. `verify` gets the shop after the
    /// last message, and the order of the messages.
    static func playInEveryOrder(
        _ begin: (Till) throws -> Void, _ verify: (Till, [Int]) throws -> Void
    ) throws {
        let orders = permutations([0, 1, 2])
        #expect(orders.count == 6)
        for order in orders {
            let till = try Till()
            try begin(till)
            let messages = [
                try till.stripe.pay("cs_test_1"),
                try till.stripe.event("checkout.session.expired", #""session":"cs_test_1""#),
                try till.stripe.event("charge.refunded", #""intent":"pi_1","total":1200"#),
            ]
            for index in order {
                try till.deliver(messages[index])
                try till.deliver(messages[index])
                #expect(try till.shop.breaches() == [])
            }
            try verify(till, order)
        }
    }
}

/// The orders in which some items can come.
private func permutations(_ items: [Int]) -> [[Int]] {
    guard items.count > 1 else { return [items] }
    return items.flatMap { first in
        permutations(items.filter { $0 != first }).map { [first] + $0 }
    }
}
