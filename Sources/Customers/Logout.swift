import HTTP
import Service

@Sendable func logout(_ call: Call) throws -> Response {
    try call.write { tx in
        try endSession(call.caller.session, at: call.now, in: tx)
        return .noContent
    }
}
