import HTTP
import Service
import Storage

/// The parameters of `GET /inventory/low-stock`.
struct LowStockFilter: Input {
    let page: Page

    init(_ fields: inout Fields) {
        page = fields.page()
    }
}

/// Lists the products at or below their threshold, newest first.
@Sendable func listLowStockProducts(_ filter: LowStockFilter, _ call: Call, in tx: any Transaction)
    throws
    -> Response
{
    let found = try filter.page.read { range in
        try tx.all(
            Product.self,
            """
            WHERE archived_at IS NULL AND is_low_on_stock = 1 AND \(range.condition)
            \(range.end)
            """, call.productContext)
    }
    return filter.page.response(found, to: call, id: \.id)
}
