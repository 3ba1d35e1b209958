import HTTP
public import Service
public import Storage
import Values

/// A person with an account, as shown to the callers that may see it.
public struct Customer: Sendable {
    /// The row's id.
    public let id: Int64
    /// Unique, and never changed.
    public let username: String
    /// What the customer may do.
    public let role: Role
    /// Whether the customer may log in.
    public let status: CustomerStatus
    /// Whether this is a buyer without an account, whose address is `email`.
    public let isGuest: Bool
    /// The account that has claimed this guest, or nil.
    let claimedBy: Int64?
    /// The e-mail address in force, or nil.
    public let email: String?
    /// Whether the customer has proven to receive messages at `email`.
    public let isEmailVerified: Bool
    /// The address that replaces `email` once it is verified.
    let pendingEmail: String?
    var profile: Profile
    let createdAt: Instant
    var updatedAt: Instant
}

/// Whether a customer may log in.
public enum CustomerStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    case active
    case suspended
    case erased
}

/// The fields that customers edit themselves.
struct Profile: Editable {
    var fullName = ""
    var age: Int64?
    var address: String?
    var gender: Gender?
    var maritalStatus: MaritalStatus?

    static let fields: [EditableField<Profile>] = [
        .required("full_name", \.fullName, .fullName),
        .optional("age", \.age, .integer(1...150)),
        .optional("address", \.address, .address),
        .optional("gender", \.gender, .choice(.other)),
        .optional("marital_status", \.maritalStatus, .choice(.single)),
    ]
}

enum Gender: String, Sendable, CaseIterable, Storable, JSONWritable {
    case female
    case male
    case other
    case undisclosed
}

enum MaritalStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    case single
    case married
    case divorced
    case widowed
    case undisclosed
}

extension Customer: Record {
    /// The columns of an account, without its password and balance.
    public static let columns: SQL = """
        id, username, \(Profile.columns), role, status, email, email_verified_at,
        pending_email, guest_email, claimed_by, created_at, updated_at
        """
    /// The table of accounts.
    public static let source: SQL = "customers"

    /// Decodes a row with `columns`.
    public init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        username = try row["username"]
        role = try row["role"]
        status = try row["status"]
        let guestEmail: String? = try row["guest_email"]
        isGuest = guestEmail != nil
        claimedBy = try row["claimed_by"]
        email = try row["email"] ?? guestEmail
        isEmailVerified = try (row["email_verified_at"] as Instant?) != nil
        pendingEmail = try row["pending_email"]
        profile = Profile(
            fullName: try row["full_name"], age: try row["age"], address: try row["address"],
            gender: try row["gender"], maritalStatus: try row["marital_status"])
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
    }
}

extension Customer {
    /// The path of the account.
    var path: String { "/customers/\(username)" }
}

extension Customer: JSONWritable {
    /// Writes the account without its password and balance.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("username", username)
            $0.field("guest", isGuest)
            $0.field("full_name", profile.fullName)
            $0.field("email", email)
            $0.field("email_verified", isEmailVerified)
            $0.field("pending_email", pendingEmail)
            $0.field("age", profile.age)
            $0.field("address", profile.address)
            $0.field("gender", profile.gender)
            $0.field("marital_status", profile.maritalStatus)
            $0.field("role", role)
            $0.field("status", status)
            $0.field("created_at", createdAt)
            $0.field("updated_at", updatedAt)
        }
    }
}
