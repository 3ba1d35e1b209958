import HTTP
import Service

@Sendable func showReview(_ call: Call) throws -> Response {
    let id = try call.id()
    let found = try call.read { try review(id, in: $0) }
    guard
        found.status == .approved || found.author == call.caller.id
            || call.caller.isAtLeast(.moderator)
    else {
        throw reviewNotFound
    }
    return .ok(found)
}
