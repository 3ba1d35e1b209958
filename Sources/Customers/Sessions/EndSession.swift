import HTTP
import Service
import Storage

@Sendable func endSession(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    let customer = try customerForAdmin(of: call, in: tx)
    let isTheirs = try tx.first(
        """
        SELECT id FROM sessions WHERE id = \(id) AND customer_id = \(customer.id)
        \(.alone("sessions"))
        """)
    guard isTheirs != nil, try endSession(id, at: call.now, in: tx) else {
        throw Problem.notFound("session_not_found", "There is no such session.")
    }
    try audit(.endedSession, of: customer.id, before: "\(id)", ownersToo: true, by: call, in: tx)
    return .noContent
}

@Sendable func endAllSessions(_ call: Call, in tx: any Transaction) throws -> Response {
    let customer = try customerForAdmin(of: call, in: tx)
    try endSessions(of: customer.id, at: call.now, in: tx)
    try audit(.endedSession, of: customer.id, before: "all", ownersToo: true, by: call, in: tx)
    return .noContent
}
