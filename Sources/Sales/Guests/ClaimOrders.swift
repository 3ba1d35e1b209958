public import Customers
import Service
import Storage
import Values

/// Gives the order of a guest to the account that has claimed the guest.
///
/// The token stops working: who has it might not be who owns the address. Money that no order waits
/// for moves to the account's wallet.
public let guestClaim = GuestClaim { guest, account, now, tx in
    let orders = try orders(
        "WHERE orders.customer_id = \(guest) ORDER BY orders.id \(.alone("orders"))", in: tx)
    for var order in orders {
        try tx.run(
            """
            UPDATE orders SET claimed_by = \(account), order_token_hash = NULL
            WHERE id = \(order.id)
            """)
        order.claimedBy = account
        if !order.isWaiting { try forwardMoney(of: order, at: now, in: tx) }
    }
}

/// Moves what the wallet of a claimed guest holds to the account, after a refund or the end of an
/// order.
func forwardMoney(of order: Order, at now: Instant, in tx: any Transaction) throws {
    guard let account = order.claimedBy else { return }
    try moveMoney(ofGuest: order.customer, order: order.id, to: account, at: now, in: tx)
}

extension Order {
    /// The account of the buyer: the one that has claimed the guest, if any.
    var owner: Int64 { claimedBy ?? customer }

    /// Whether the order may still be paid.
    var isWaiting: Bool { paymentStatus == .unpaid && status != .cancelled }
}

extension Call {
    /// Rejects staff who act on an order that they have bought, with an account or as a guest.
    ///
    /// - Throws: `Problem` 403 `own_account`.
    func refuseOwnOrder(_ order: Order) throws {
        try refuseOwnAccount(order.owner)
    }
}
