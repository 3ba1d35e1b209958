import HTTP
import Service
import Storage

@Sendable func logout(_ call: Call, in tx: any Transaction) throws -> Response {
    try endSession(call.caller.session, at: call.now, in: tx)
    return .noContent
}
