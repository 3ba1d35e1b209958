import HTTP
import Outbox
import Service
import Storage
import Values

/// The body of `PUT /customers/{username}/status`.
struct StatusChange: Input {
    let status: CustomerStatus

    init(_ fields: inout Fields) {
        status = fields.required("status", .choice(Standing.active)).status
    }
}

/// The statuses that admins can set and staff can filter by.
///
/// `erased` is not among them: only `DELETE /customers/{username}` sets it.
enum Standing: String, CaseIterable {
    case active
    case suspended

    var status: CustomerStatus { self == .active ? .active : .suspended }
}

@Sendable func changeStatus(_ change: StatusChange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let status = change.status
    let before = try customer(of: call, in: tx)
    try call.requireMatch(before)
    let (after, keys) = try setStatus(status, of: before.username, at: call.now, in: tx)
    for prefix in keys {
        try audit(.revokedApiKey, of: before.id, before: prefix, by: call, in: tx)
    }
    try audit(
        .changedStatus, of: before.id, before: before.status.rawValue, after: status.rawValue,
        by: call, in: tx)
    try publish(.customerUpdated, on: after.path, after, of: after.id, by: call, in: tx)
    return .ok(after)
}

/// Activates or suspends a customer; a suspension ends all of their sessions and API keys.
///
/// - Returns: the customer, and the prefixes of the deleted keys.
/// - Throws: `Problem` 404 `customer_not_found`, 409 `last_admin`.
func setStatus(
    _ status: CustomerStatus, of username: String, at now: Instant, in tx: any Transaction
) throws -> (customer: Customer, keys: [String]) {
    let customer = try updateAccount(username, setting: "status = \(status)", at: now, in: tx)
    guard status != .active else { return (customer, []) }
    try endSessions(of: customer.id, at: now, in: tx)
    return (customer, try revokeApiKeys(of: customer.id, in: tx))
}
