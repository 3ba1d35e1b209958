import HTTP
public import Storage

/// What happened to a resource.
///
/// The part before the dot is the kind of resource.
public enum EventType: String, Sendable, CaseIterable, Storable, JSONWritable {
    case customerCreated = "customer.created"
    case customerUpdated = "customer.updated"
    case customerErased = "customer.erased"
    /// Staff or a gift card credited a wallet.
    case walletCredited = "wallet.credited"
    /// Staff debited a wallet.
    case walletDebited = "wallet.debited"
    case productCreated = "product.created"
    case productUpdated = "product.updated"
    case productArchived = "product.archived"
    case productRestored = "product.restored"
    case productPriceChanged = "product.price_changed"
    /// The stock was changed by hand or by an import, not by an order.
    case stockAdjusted = "stock.adjusted"
    /// The stock fell to the product's `low_stock` or below it.
    case stockLow = "stock.low"
    /// The last unit was sold or removed.
    case stockOut = "stock.out"
    /// A product without stock has units again.
    case stockBack = "stock.back"
    case orderCreated = "order.created"
    case orderPaid = "order.paid"
    case orderShipped = "order.shipped"
    /// The carrier or the tracking of a shipment was corrected.
    case orderShipmentUpdated = "order.shipment_updated"
    case orderDelivered = "order.delivered"
    case orderCancelled = "order.cancelled"
    /// The payment did not arrive in time; the units are in stock again.
    case orderExpired = "order.expired"
    case orderRefunded = "order.refunded"
    case orderReturnRequested = "order.return_requested"
    case orderReturnApproved = "order.return_approved"
    case orderReturnDeclined = "order.return_declined"
    /// Units came back; `order.refunded` has their refund.
    case orderReturnReceived = "order.return_received"
    /// An invoice or a credit note was issued.
    case invoiceIssued = "invoice.issued"
    /// Money has come, and is in the buyer's wallet; also after a dispute that the shop has won.
    case paymentCaptured = "payment.captured"
    /// A payment failed or expired.
    case paymentFailed = "payment.failed"
    /// Another amount or currency came than was requested.
    case paymentMismatched = "payment.mismatched"
    case paymentRefunded = "payment.refunded"
    /// A refund did not reach the customer; its money is in the wallet again.
    case paymentRefundFailed = "payment.refund_failed"
    /// The buyer disputes a payment at their bank.
    case paymentDisputed = "payment.disputed"
    case reviewCreated = "review.created"
    case reviewUpdated = "review.updated"
    case reviewDeleted = "review.deleted"
    case reviewApproved = "review.approved"
    case reviewRejected = "review.rejected"
    case reviewFlagged = "review.flagged"
    /// The shop replied, or changed its reply.
    case reviewReplied = "review.replied"
    case reviewReplyRemoved = "review.reply_removed"
    /// All deliveries to an endpoint have failed for 24 hours.
    case webhookFailing = "webhook.failing"
    /// A message that an admin sends to an endpoint to try it; it is not in the feed.
    case webhookTest = "webhook.test"
}

extension EventType {
    /// The types that `pattern` selects: one type, all of one kind of resource (`order.*`), or all
    /// (`*`).
    ///
    /// - Returns: nil if there are none.
    public static func matching(_ pattern: String) -> [EventType]? {
        let types: [EventType]
        if pattern == "*" {
            types = inFeed
        } else if pattern.hasSuffix(".*") {
            types = inFeed.filter { $0.rawValue.hasPrefix(pattern.dropLast()) }
        } else {
            types = inFeed.filter { $0.rawValue == pattern }
        }
        return types.isEmpty ? nil : types
    }

    private static let inFeed = allCases.filter { $0 != .webhookTest }
}
