import HTTP
public import Service
public import Storage
public import Values

/// Opens an account for the operator, by the rules of `POST /customers`, except that names which are
/// reserved for the shop may be taken.
/// - Throws: `Problem` 422 with every fault, 409 `username_taken`.
@discardableResult
public func addAccount(
    _ username: String, password: String, fullName: String, role: Role, at now: Instant,
    on store: some Store
) throws -> Customer {
    let registration = try OperatorRegistration(checking: [
        .init(name: "username", value: .string(username)),
        .init(name: "password", value: .string(password)),
        .init(name: "full_name", value: .string(fullName)),
    ]).registration
    let hash = try hashPassword(password)
    return try store.write { tx in
        let customer = try addCustomer(
            registration.username, passwordHash: hash, profile: registration.profile, role: role,
            at: now,
            in: tx)
        try auditOperator(.openedAccount, of: customer.id, after: role.rawValue, at: now, in: tx)
        return customer
    }
}

/// Puts money into a wallet for the operator, who is entered as the customer themselves.
public func creditAccount(
    _ customer: Customer, _ amount: Money, note: String, at now: Instant, on store: some Store
)
    throws
{
    _ = try store.write { tx in
        try creditWallet(
            amount, of: customer.id, for: .init(.credited, by: customer.id, note: note, at: now),
            in: tx)
    }
}

/// Every account with a role above customer, or everyone, by name.
public func accounts(all: Bool, on store: some Store) throws -> [Customer] {
    let filter: SQL = all ? "" : "AND role <> 'customer'"
    return try store.read { tx in
        try tx.all(Customer.self, "WHERE status <> 'erased' \(filter) ORDER BY username")
    }
}

/// Gives a customer another role.
/// - Throws: `Problem` 404 `customer_not_found`, 409 `last_admin`.
func setRole(_ role: Role, of username: String, at now: Instant, in tx: any Transaction) throws
    -> Customer
{
    let customer = try keepingAnAdmin(in: tx) {
        try tx.first(
            """
            UPDATE customers SET role = \(role), updated_at = \(now)
            WHERE username = \(username) AND status <> 'erased' RETURNING \(Customer.columns)
            """)
    }
    guard let customer else { throw customerNotFound }
    return customer
}

/// Lets a customer in, or not any more: their sessions end with it.
/// - Throws: `Problem` 404 `customer_not_found`, 409 `last_admin`.
func setStatus(
    _ status: CustomerStatus, of username: String, at now: Instant, in tx: any Transaction
) throws
    -> Customer
{
    let customer = try keepingAnAdmin(in: tx) {
        try tx.first(
            """
            UPDATE customers SET status = \(status), updated_at = \(now)
            WHERE username = \(username) AND status <> 'erased' RETURNING \(Customer.columns)
            """)
    }
    guard let customer else { throw customerNotFound }
    if status != .active { try endSessions(of: customer.id, at: now, in: tx) }
    return customer
}

/// Makes a change to one customer, unless it leaves a shop that had an admin without one.
func keepingAnAdmin(in tx: any Transaction, _ change: () throws -> Row?) throws -> Customer? {
    // An expression of the status, so that the engine looks among the admins and not the active.
    let admins: SQL =
        "SELECT id FROM customers WHERE role = 'admin' AND \(.unindexed)status = 'active' LIMIT 1"
    let hadAdmin = try tx.first(admins) != nil
    let customer = try change().map { try Customer($0) }
    guard try !hadAdmin || tx.first(admins) != nil else {
        throw Problem.conflict("last_admin", "The shop would have no admin.")
    }
    return customer
}

/// `setRole` for the operator, in a transaction of its own.
public func setRole(_ role: Role, of username: String, at now: Instant, on store: some Store) throws
    -> Customer
{
    try store.write { tx in
        let before = try customer(named: username, in: tx)
        let after = try setRole(role, of: username, at: now, in: tx)
        try auditOperator(
            .changedRole, of: before.id, before: before.role.rawValue, after: role.rawValue,
            at: now, in: tx)
        return after
    }
}

/// `setStatus` for the operator, in a transaction of its own.
public func setStatus(
    _ status: CustomerStatus, of username: String, at now: Instant, on store: some Store
) throws
    -> Customer
{
    try store.write { tx in
        let before = try customer(named: username, in: tx)
        let after = try setStatus(status, of: username, at: now, in: tx)
        try auditOperator(
            .changedStatus, of: before.id, before: before.status.rawValue, after: status.rawValue,
            at: now, in: tx)
        return after
    }
}

/// The id behind a username, or nil.
public func customerID(of username: String, in tx: any Transaction) throws -> Int64? {
    try tx.first("SELECT id FROM customers WHERE username = \(username)")?["id"]
}
