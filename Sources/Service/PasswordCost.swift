/// What one hash of a password costs with Argon2id (RFC 9106), in one lane.
public struct PasswordCost: Hashable, Sendable {
    /// The memory of one hash, in bytes.
    public let memoryBytes: Int
    /// How often a hash goes through this memory.
    public let passes: UInt64

    /// 19 MiB and 2 passes: the first choice of OWASP's Password Storage Cheat Sheet.
    public static let standard = PasswordCost(memoryBytes: 19 * 1024 * 1024, passes: 2)

    /// The least that libsodium computes, for tests that hash many passwords.
    public static let least = PasswordCost(memoryBytes: 8192, passes: 1)
}
