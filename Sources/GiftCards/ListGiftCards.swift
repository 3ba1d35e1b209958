import HTTP
import Service
import Storage

/// The parameters of `GET /sales/gift-cards`.
struct GiftCardFilter: Input {
    let status: GiftCardStatus?
    let page: Page

    init(_ fields: inout Fields) {
        status = fields.optional("status", .choice(.open))
        page = fields.page(id: "card.id")
    }
}

@Sendable func listGiftCards(_ filter: GiftCardFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let found = try filter.page.read { range in
        let status: SQL = filter.status.map { "card.status = \($0) AND" } ?? ""
        return try tx.all(GiftCard.self, "WHERE \(status) \(range.condition) \(range.end)", call)
    }
    return filter.page.response(found, to: call, id: \.id)
}

@Sendable func getGiftCard(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try giftCard(of: call, in: tx))
}
