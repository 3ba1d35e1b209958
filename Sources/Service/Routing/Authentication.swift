public import Storage
public import Values

/// How a responder finds callers; the slice with the accounts provides it.
public struct Authentication: Sendable {
    /// Finds the caller that a credential names, with the current data of the database.
    ///
    /// The result is nil if the session has ended, the key is unknown or expired, or the account is
    /// not active.
    public typealias Find = @Sendable (Credential, Instant, any Transaction) throws -> Caller?
    /// Stores that an API key was used in the minute that starts at the time.
    public typealias RecordUse = @Sendable (ApiKey, Instant, any Transaction) throws -> Void

    /// Whether a customer has a second factor.
    public typealias HasSecondFactor = @Sendable (Int64, any Transaction) throws -> Bool

    let caller: Find
    let recordUse: RecordUse
    let hasSecondFactor: HasSecondFactor

    /// Creates it from its functions.
    public init(
        caller: @escaping Find, recordUse: @escaping RecordUse,
        hasSecondFactor: @escaping HasSecondFactor
    ) {
        self.caller = caller
        self.recordUse = recordUse
        self.hasSecondFactor = hasSecondFactor
    }
}
