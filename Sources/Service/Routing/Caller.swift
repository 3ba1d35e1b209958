import HTTP
public import Storage

/// What somebody may do; each includes the one before.
public enum Role: String, Sendable, CaseIterable, Comparable, Storable {
    case customer
    case moderator
    case staff
    case admin

    /// By the ladder: `.customer < .admin`.
    public static func < (left: Role, right: Role) -> Bool {
        left.rung < right.rung
    }

    private var rung: Int {
        switch self {
        case .customer: 0
        case .moderator: 1
        case .staff: 2
        case .admin: 3
        }
    }
}

/// Whoever sent the request, as the database knows them now and not as their token remembers them.
public struct Caller: Sendable, Equatable {
    /// The customer's id; 0, which no row has, for somebody without a token.
    public let id: Int64
    /// The customer's name; empty for somebody without a token.
    public let username: String
    /// Nil for somebody without a token.
    public let role: Role?
    /// The session the token belongs to.
    public let session: Int64

    /// Somebody known.
    public init(id: Int64, username: String, role: Role?, session: Int64) {
        self.id = id
        self.username = username
        self.role = role
        self.session = session
    }

    /// Somebody without a token.
    public static let anonymous = Caller(id: 0, username: "", role: nil, session: 0)

    /// Whether the caller stands on `role`'s rung or a higher one.
    public func isAtLeast(_ role: Role) -> Bool {
        guard let own = self.role else { return false }
        return own >= role
    }
}

/// Who may use a route.
///
/// The handler checks what depends on the resource, such as whose order it is.
public enum Access: Sendable {
    /// Anyone. A token that is sent must be good.
    case anyone
    /// Anyone, and a token that is sent is not read: a client that logs in because its token has
    /// expired may still send it.
    case tokenless
    case atLeast(Role)

    /// Anybody who is logged in.
    public static let customer = Access.atLeast(.customer)
    /// Moderators, staff and admins.
    public static let moderator = Access.atLeast(.moderator)
    /// Staff and admins.
    public static let staff = Access.atLeast(.staff)
    /// Admins.
    public static let admin = Access.atLeast(.admin)

    /// Whether the request's access token is looked at.
    var readsToken: Bool {
        if case .tokenless = self { false } else { true }
    }

    /// Whether customers may not use the route.
    var isAboveCustomer: Bool {
        if case .atLeast(let role) = self { role > .customer } else { false }
    }

    /// Lets `caller` pass or says why not.
    /// - Throws: `Problem` 401 `token_missing`, 403 `forbidden`.
    func admit(_ caller: Caller) throws {
        guard case .atLeast(let role) = self, !caller.isAtLeast(role) else { return }
        if caller.role == nil {
            throw Problem.unauthorized("token_missing", "Requires a bearer token. Log in first.")
        }
        throw Problem.forbidden("Requires the role \(role.rawValue).")
    }
}
