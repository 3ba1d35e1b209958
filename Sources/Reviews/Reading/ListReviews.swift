import HTTP
import Service
import Storage

/// The parameters of `GET /reviews`.
struct ReviewFilter: Input {
    let product: Int64?
    let username: String?
    let rating: Int64?
    let status: ReviewStatus?
    let isFlagged: Bool?
    let page: Page

    init(_ fields: inout Fields) {
        product = fields.optional("product_id", .id)
        username = fields.optional("username", .typedUsername)
        rating = fields.optional("rating", .integer(1...5))
        isFlagged = fields.optional("flagged", .flag)
        // The moderation queue shows reviews of every status by default, other lists approved ones.
        status =
            fields.optional("status", .choice(.approved)) ?? (isFlagged == true ? nil : .approved)
        let sorts =
            Sort.integer("created_at", "review.created_at")
            + Sort.integer("rating", "review.rating", from: rating, to: rating)
            + Sort.integer("helpful", "review.helpful")
        page = fields.page(id: "review.id", sorts: sorts, standard: "-created_at")
    }
}

@Sendable func listReviews(_ filter: ReviewFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let conditions = try filter.conditions(for: call.caller)
    let found = try filter.page.read {
        try tx.all(Review.self, "\((conditions + [$0.condition]).conditions) \($0.end)")
    }
    let key: (Review) -> Value = {
        switch filter.page.sortName {
        case "rating", "-rating": $0.opinion.rating.stored
        case "helpful", "-helpful": $0.helpful.stored
        default: $0.createdAt.stored
        }
    }
    guard filter.isFlagged == true else {
        return filter.page.response(found, to: call, id: \.id, key: key)
    }
    let queue = found.map(QueuedReview.init)
    return filter.page.response(queue, to: call, id: \.review.id) { key($0.review) }
}

extension ReviewFilter {
    /// Returns the conditions that a review must meet to be in the list.
    ///
    /// - Throws: `Problem` 401 or 403 if the caller may not see the requested reviews.
    fileprivate func conditions(for caller: Caller) throws -> [SQL] {
        var conditions: [SQL] = []
        var isOwn = false
        if let status {
            conditions.append(
                isFlagged == true
                    ? "\(.unindexed)review.status = \(status)" : "review.status = \(status)")
        }
        if let isFlagged {
            try requireModerator(caller)
            conditions.append(isFlagged ? "review.flags > 0" : "review.flags = 0")
        } else if status != .approved, !caller.isAtLeast(.moderator) {
            // Moderators see all pending and rejected reviews; authors see their own.
            try requireCustomer(caller)
            conditions.append("review.customer_id = \(caller.id)")
            isOwn = true
        }
        // The queue is short and has indexes of its own. The unary plus keeps the engine on them.
        let isQueue = isFlagged == true
        if let product {
            conditions.append(
                isQueue ? "+review.product_id = \(product)" : "review.product_id = \(product)")
        }
        if let username {
            let author: SQL = "(SELECT id FROM customers WHERE username = \(username))"
            conditions.append(
                isQueue ? "+review.customer_id = \(author)" : "review.customer_id = \(author)")
        }
        // Sorted by rating, the list reads its range of the index. For the other orders, an index
        // with the rating exists for the list of all reviews. Lists of one product or author use
        // their own index, which the unary plus ensures. There about one row in five matches, and
        // nothing is sorted.
        if let rating, !page.sortName.hasSuffix("rating") {
            let isAmongAll = product == nil && username == nil && !isQueue && !isOwn
            conditions.append(
                isAmongAll ? "review.rating = \(rating)" : "+review.rating = \(rating)")
        }
        return conditions
    }

    private func requireCustomer(_ caller: Caller) throws {
        guard caller.role != nil else {
            throw Problem.unauthorized(
                "token_missing", "Listing reviews that are not approved requires a token.")
        }
    }

    private func requireModerator(_ caller: Caller) throws {
        try requireCustomer(caller)
        guard caller.isAtLeast(.moderator) else {
            throw Problem.forbidden("Listing the moderation queue requires the role moderator.")
        }
    }
}
