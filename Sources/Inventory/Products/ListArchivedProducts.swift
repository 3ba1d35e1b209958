import HTTP
import Service
import Storage

/// The parameters of `GET /inventory/archived`.
struct ArchivedFilter: Input {
    let page: Page

    init(_ fields: inout Fields) {
        page = fields.page(by: .descending("-archived_at", "archived_at"))
    }
}

/// Lists the archived products, the most recently archived first.
@Sendable func listArchivedProducts(
    _ filter: ArchivedFilter, _ call: Call, in tx: any Transaction
) throws -> Response {
    let found = try filter.page.read { range in
        try tx.all(
            Product.self, "WHERE archived_at IS NOT NULL AND \(range.condition) \(range.end)",
            call.productContext)
    }
    return filter.page.response(found, to: call, id: \.id) { $0.archivedAt.stored }
}
