public import HTTPTypes

extension HTTPField.Name {
    static let acceptPatch = named("Accept-Patch")
    static let dryRun = named("Dry-Run")
    static let idempotencyKey = named("Idempotency-Key")
    static let idempotentReplayed = named("Idempotent-Replayed")
    static let link = named("Link")
    static let requestID = named("X-Request-Id")
    /// The token of a guest's cart.
    public static let cartToken = named("Souk-Cart")
    /// The token of an order of a guest.
    public static let orderToken = named("Souk-Order")
    /// The signature of a message of Stripe.
    public static let stripeSignature = named("Stripe-Signature")

    private static func named(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no token") }
        return name
    }
}
