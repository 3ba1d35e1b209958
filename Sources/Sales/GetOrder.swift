import HTTP
import Service
import Storage

@Sendable func getOrder(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try order(call.id(), visibleTo: call.caller, in: tx))
}
