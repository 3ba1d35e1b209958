import HTTP
import Outbox
public import Service
public import Storage
public import Values

/// Creates an account for the operator, with the rules of `POST /customers`.
///
/// The operator may also use the names that are reserved for the shop.
///
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
            at: now, in: tx)
        try publish(
            .customerCreated, on: customer.path, customer, of: customer.id, by: nil, at: now,
            in: tx)
        try auditOperator(.openedAccount, of: customer.id, after: role.rawValue, at: now, in: tx)
        return customer
    }
}

/// Changes a role for the operator, with the rules of `PUT /customers/{username}/role`.
public func setRole(_ role: Role, of username: String, at now: Instant, on store: some Store) throws
    -> Customer
{
    try changeAccount(username, .changedRole, \.role.rawValue, at: now, on: store) { tx in
        try setRole(role, of: username, at: now, in: tx)
    }
}

/// Changes a status for the operator, with the rules of `PUT /customers/{username}/status`.
public func setStatus(
    _ status: CustomerStatus, of username: String, at now: Instant, on store: some Store
) throws -> Customer {
    try changeAccount(username, .changedStatus, \.status.rawValue, at: now, on: store) { tx in
        let (customer, keys) = try setStatus(status, of: username, at: now, in: tx)
        for prefix in keys {
            try auditOperator(
                .revokedApiKey, of: customer.id, before: prefix, after: nil, at: now, in: tx)
        }
        return customer
    }
}

/// Runs `change`, and records `value` before and after it in the audit log.
private func changeAccount(
    _ username: String, _ action: AuditAction, _ value: @Sendable (Customer) -> String,
    at now: Instant, on store: some Store,
    _ change: @Sendable (any Transaction) throws -> Customer
) throws -> Customer {
    try store.write { tx in
        let before = try customer(named: username, in: tx)
        let after = try change(tx)
        try auditOperator(
            action, of: before.id, before: value(before), after: value(after), at: now, in: tx)
        try publish(
            .customerUpdated, on: after.path, after, of: after.id, by: nil, at: now, in: tx)
        return after
    }
}

/// Credits a wallet for the operator; the ledger names the customer as the actor.
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

/// Returns the accounts with a role above customer, or all accounts, sorted by name.
public func accounts(all: Bool, on store: some Store) throws -> [Customer] {
    let filter: SQL = all ? "" : "AND role <> 'customer'"
    return try store.read { tx in
        try tx.all(
            Customer.self,
            "WHERE status <> 'erased' AND guest_email_key IS NULL \(filter) ORDER BY username")
    }
}
