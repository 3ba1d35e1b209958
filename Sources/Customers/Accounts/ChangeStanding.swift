import HTTP
import Service
import Storage

/// The body of `PUT /customers/{username}/role`.
struct RoleChange: Input {
    let role: Role

    init(_ fields: inout Fields) {
        role = fields.required("role", .choice(.customer))
    }
}

/// The body of `PUT /customers/{username}/status`.
struct StatusChange: Input {
    let status: CustomerStatus

    init(_ fields: inout Fields) {
        status = fields.required("status", .choice(Standing.active)).status
    }
}

/// The statuses that can be given, and asked for: nobody is erased this way, or found afterwards.
enum Standing: String, CaseIterable {
    case active
    case suspended

    var status: CustomerStatus { self == .active ? .active : .suspended }
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
    return .ok(after)
}

@Sendable func changeStatus(_ change: StatusChange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let status = change.status
    let before = try customer(of: call, in: tx)
    try call.requireMatch(before)
    let after = try setStatus(status, of: before.username, at: call.now, in: tx)
    try audit(
        .changedStatus, of: before.id, before: before.status.rawValue, after: status.rawValue,
        by: call, in: tx)
    return .ok(after)
}
