import HTTP
import Service
import Storage

/// The parameters of `GET /reviews`.
struct ReviewFilter: Input {
    let product: Int64?
    let username: String?
    let rating: Int64?
    let status: ReviewStatus
    let page: Page

    init(_ fields: inout Fields) {
        product = fields.optional("product_id", .id)
        username = fields.optional("username", .line(1...120))
        rating = fields.optional("rating", .integer(1...5))
        status = fields.optional("status", .choice(.approved)) ?? .approved
        let sorts =
            Sort.integer("created_at", "review.created_at")
            + Sort.integer("rating", "review.rating", from: rating, to: rating)
        page = fields.page(id: "review.id", sorts: sorts, standard: "-created_at")
    }
}

@Sendable func listReviews(_ call: Call, _ filter: ReviewFilter) throws -> Response {
    var conditions: [SQL] = ["review.status = \(filter.status)", filter.page.condition]
    // Pending and rejected ones: moderators see all, their authors their own.
    if filter.status != .approved, !call.caller.isAtLeast(.moderator) {
        guard call.caller.role != nil else {
            throw Problem.unauthorized(
                "token_missing", "Reviews that are not approved take a bearer token.")
        }
        conditions.append("review.customer_id = \(call.caller.id)")
    }
    if let product = filter.product { conditions.append("review.product_id = \(product)") }
    if let username = filter.username {
        conditions.append(
            "review.customer_id = (SELECT id FROM customers WHERE username = \(username))")
    }
    if let rating = filter.rating {
        // An order by rating reads its range of the index. The plus keeps an order by age in its
        // own: one row in five fits, and nothing is sorted.
        conditions.append(
            filter.page.sortName.hasSuffix("rating")
                ? "review.rating BETWEEN \(rating) AND \(rating)" : "+review.rating = \(rating)")
    }
    let found = try call.read { try reviews("\(conditions.conditions) \(filter.page.end)", in: $0) }
    return filter.page.response(found, to: call, id: \.id) {
        filter.page.sortName.hasSuffix("rating") ? $0.opinion.rating.stored : $0.createdAt.stored
    }
}
