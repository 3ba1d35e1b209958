import HTTP
import Service
import Storage

@Sendable func approveReview(_ call: Call, in tx: any Transaction) throws -> Response {
    try decideReview(as: .approved, .approvedReview, call, in: tx)
}
