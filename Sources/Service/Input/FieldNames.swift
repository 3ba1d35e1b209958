public import HTTPTypes

extension HTTPField.Name {
    static let acceptPatch = named("Accept-Patch")
    static let dryRun = named("Dry-Run")
    static let idempotencyKey = named("Idempotency-Key")
    static let idempotentReplayed = named("Idempotent-Replayed")
    static let link = named("Link")
    static let requestID = named("X-Request-Id")
    /// The signature of a message of Stripe.
    public static let stripeSignature = named("Stripe-Signature")

    private static func named(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no token") }
        return name
    }
}
