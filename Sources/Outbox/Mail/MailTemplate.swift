/// A message that the shop sends; the name of its file in `mail/`.
public enum MailTemplate: String, Sendable, CaseIterable {
    case emailVerification = "email-verification"
    /// Informs the previous address that the account gets a new one.
    case emailChanged = "email-changed"
    /// Informs an address that it was removed from its account.
    case emailRemoved = "email-removed"
    case passwordReset = "password-reset"
    case passwordChanged = "password-changed"
    case credentialsChanged = "credentials-changed"
    /// Informs a customer about a login from a new program or network.
    case newSignIn = "new-sign-in"
    case orderReceived = "order-received"
    /// The same to a guest, with the token of the order.
    case guestOrderReceived = "guest-order-received"
    case orderExpired = "order-expired"
    case paymentProblem = "payment-problem"
    case paymentLate = "payment-late"
    /// Informs a customer that money came for an order that was already paid.
    case paymentExtra = "payment-extra"
    /// Asks staff to pay a refund of cash or of a bank transfer.
    case refundByHand = "refund-by-hand"
    case orderPaid = "order-paid"
    case orderShipped = "order-shipped"
    case orderRefunded = "order-refunded"
    /// Confirms that the shop has received a return or a withdrawal.
    case returnRequested = "return-requested"
    case returnApproved = "return-approved"
    case returnDeclined = "return-declined"
    case returnReceived = "return-received"
    case reviewApproved = "review-approved"
    case reviewRejected = "review-rejected"
    case backInStock = "back-in-stock"
    case lowStock = "low-stock"
    case webhookFailing = "webhook-failing"
}
