import HTTP
import Service
import Storage

/// The parameters of `GET /reviews`.
struct ReviewFilter: Input {
    let product: Int64?
    let username: String?
    let rating: Int64?
    let status: ReviewStatus
    let isFlagged: Bool?
    let page: Page

    static let sorts =
        Sort.integer("created_at", "review.created_at") + Sort.integer("rating", "review.rating")
        + Sort.integer("helpful", "review.helpful")

    init(_ fields: inout Fields) {
        product = fields.optional("product_id", .id)
        username = fields.optional("username", .line(1...120))
        rating = fields.optional("rating", .integer(1...5))
        status = fields.optional("status", .choice(.approved)) ?? .approved
        isFlagged = fields.optional("flagged", .flag)
        page = fields.page(id: "review.id", sorts: ReviewFilter.sorts, standard: "-created_at")
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
    if let isFlagged = filter.isFlagged {
        guard call.caller.isAtLeast(.moderator) else {
            throw call.caller.role == nil
                ? Problem.unauthorized("token_missing", "The queue takes a bearer token.")
                : Problem.forbidden("The queue takes the role moderator.")
        }
        conditions.append(isFlagged ? "review.flags > 0" : "review.flags = 0")
    }
    if let product = filter.product { conditions.append("review.product_id = \(product)") }
    if let username = filter.username {
        conditions.append(
            "review.customer_id = (SELECT id FROM customers WHERE username = \(username))")
    }
    if let rating = filter.rating { conditions.append("review.rating = \(rating)") }
    let found = try call.read { try reviews("\(conditions.conditions) \(filter.page.end)", in: $0) }
    return filter.page.response(found, to: call, id: \.id) {
        switch filter.page.sortName {
        case "rating", "-rating": $0.opinion.rating.stored
        case "helpful", "-helpful": $0.helpful.stored
        default: $0.createdAt.stored
        }
    }
}
