import HTTP
public import Storage

/// The role of a customer; each role includes the rights of the previous one.
public enum Role: String, Sendable, CaseIterable, Comparable, Storable {
    case customer
    case moderator
    case staff
    case admin

    /// Compares rights: `.customer < .admin`.
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

/// The caller of a request, with the current data of the database instead of the token's.
public struct Caller: Sendable, Equatable {
    /// The customer's id; 0, which no row has, for anonymous callers.
    public let id: Int64
    /// The username; empty for anonymous callers.
    public let username: String
    /// Nil for anonymous callers.
    public let role: Role?
    /// The session of the access token; 0, which no row has, for an API key.
    public let session: Int64
    /// The scopes of the API key; nil for an access token, which may do everything.
    public let scopes: Scopes?

    /// Creates an authenticated caller.
    public init(
        id: Int64, username: String, role: Role?, session: Int64, scopes: Scopes? = nil
    ) {
        self.id = id
        self.username = username
        self.role = role
        self.session = session
        self.scopes = scopes
    }

    /// A caller without a token.
    public static let anonymous = Caller(id: 0, username: "", role: nil, session: 0)

    /// Whether the caller has `role` or a higher one.
    public func isAtLeast(_ role: Role) -> Bool {
        guard let own = self.role else { return false }
        return own >= role
    }
}

/// The callers that may use a route.
///
/// The handler checks conditions that depend on the resource, such as the owner of an order.
public enum Access: Sendable {
    /// All callers. A token must be valid if it is sent.
    case anyone
    /// All callers, and a token is ignored.
    ///
    /// A client whose token has expired may still send it with a login.
    case tokenless
    /// Callers with at least this role, by access token or by an API key with the route's scope.
    case atLeast(Role)
    /// Callers with at least this role that have logged in, and no API key.
    ///
    /// For routes that could turn a leaked key into control of the account: passwords, sessions,
    /// roles and keys.
    case loggedIn(Role)
    /// All authenticated callers, also staff that must enrol a second factor first.
    ///
    /// If the route has the parameter `username`, those may only name themselves.
    case beforeEnrollment(acceptsKeys: Bool)
    /// All authenticated callers, and guests with the token of the order in the path.
    case customerOrGuest(FindGuest)

    /// Finds the guest that the token in `Souk-Order` names for the parameter `id` of the path.
    ///
    /// It throws 404 for a wrong token.
    public typealias FindGuest =
        @Sendable (
            _ token: String, _ id: String, any Transaction
        ) throws -> Caller

    /// All authenticated callers.
    public static let customer = Access.atLeast(.customer)
    /// Moderators, staff and admins.
    public static let moderator = Access.atLeast(.moderator)
    /// Staff and admins.
    public static let staff = Access.atLeast(.staff)
    /// Admins.
    public static let admin = Access.atLeast(.admin)

    /// All authenticated callers, without API keys.
    public static let loggedIn = Access.loggedIn(.customer)
    /// Like `loggedIn`, also for staff without the second factor that the shop requires.
    public static let enrolling = Access.beforeEnrollment(acceptsKeys: false)
    /// Like `customer`, also for staff without the second factor that the shop requires.
    public static let ownProfile = Access.beforeEnrollment(acceptsKeys: true)
    /// Admins, without API keys.
    public static let loggedInAdmin = Access.loggedIn(.admin)

    /// The lowest role that may use the route; nil for all callers.
    public var leastRole: Role? {
        switch self {
        case .anyone, .tokenless: nil
        case .atLeast(let role), .loggedIn(let role): role
        case .beforeEnrollment, .customerOrGuest: .customer
        }
    }

    /// Whether an API key may be used for the route.
    public var acceptsKeys: Bool {
        switch self {
        case .anyone, .tokenless, .atLeast, .customerOrGuest: true
        case .loggedIn: false
        case .beforeEnrollment(let acceptsKeys): acceptsKeys
        }
    }

    /// Whether the request's access token is verified.
    var readsToken: Bool {
        if case .tokenless = self { false } else { true }
    }

    /// Whether the route requires a role above customer.
    var isAboveCustomer: Bool {
        leastRole.map { $0 > .customer } ?? false
    }

    /// Checks that `caller` may use the route.
    /// - Throws: `Problem` 401 `token_missing`, 403 `forbidden`.
    func admit(_ caller: Caller) throws {
        guard let role = leastRole, !caller.isAtLeast(role) else { return }
        if caller.role == nil {
            throw Problem.unauthorized("token_missing", "Requires a bearer token. Log in first.")
        }
        throw Problem.forbidden("Requires the role \(role.rawValue).")
    }
}
