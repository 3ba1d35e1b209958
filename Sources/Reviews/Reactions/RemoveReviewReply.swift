import HTTP
import Service
import Storage

@Sendable func removeReviewReply(_ call: Call, in tx: any Transaction) throws -> Response {
    _ = try setReply(nil, .removedReply, call, in: tx)
    return .noContent
}
