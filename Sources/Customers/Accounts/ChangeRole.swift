import HTTP
import Outbox
import Service
import Storage
import Values

/// The body of `PUT /customers/{username}/role`.
struct RoleChange: Input {
    let role: Role

    init(_ fields: inout Fields) {
        role = fields.required("role", .choice(.customer))
    }
}

@Sendable func changeRole(_ change: RoleChange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let role = change.role
    let before = try customer(of: call, in: tx)
    try call.requireMatch(before)
    let after = try setRole(role, of: before.username, at: call.now, in: tx)
    try audit(
        .changedRole, of: before.id, before: before.role.rawValue, after: role.rawValue,
        by: call,
        in: tx)
    try publish(.customerUpdated, on: after.path, after, of: after.id, by: call, in: tx)
    return .ok(after)
}

/// Changes the role of a customer.
///
/// - Throws: `Problem` 404 `customer_not_found`, 409 `last_admin`.
func setRole(_ role: Role, of username: String, at now: Instant, in tx: any Transaction) throws
    -> Customer
{
    try updateAccount(username, setting: "role = \(role)", at: now, in: tx)
}
