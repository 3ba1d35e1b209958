import HTTP
import Service
import Storage

/// The parameters of `GET /sales/returns`.
struct ReturnFilter: Input {
    let status: ReturnStatus?
    let page: Page

    init(_ fields: inout Fields) {
        status = fields.optional("status", .choice(.requested))
        page = fields.page()
    }
}

/// The returns of all orders, newest first.
@Sendable func listReturns(_ filter: ReturnFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let found = try filter.page.read { range in
        let status: SQL = filter.status.map { "status = \($0) AND" } ?? ""
        return try orderReturns("WHERE \(status) \(range.condition) \(range.end)", in: tx)
    }
    return filter.page.response(found, to: call, id: \.row)
}

/// The returns of one order in the order of their numbers: at most 100.
@Sendable func listOrderReturns(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(Listing(try order(call.id(), visibleTo: call.caller, in: tx).returns))
}

@Sendable func getReturn(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try order(call.id(), visibleTo: call.caller, in: tx).orderReturn(of: call))
}
