import HTTP
import Storage
import TestShop
import Testing

/// The effect of each route that changes data, for each kind of caller.
///
/// A rejected request changes nothing. A change of another customer's data writes an audit row.
@Suite struct EffectTests {
    private static let changes = RouteCase.all.filter { !$0.isSafe }

    @Test(arguments: changes) func refusesWithoutATrace(row: RouteCase) throws {
        let shop = try TestShop.furnished()
        let content = try row.content(in: shop)
        for case let account? in RouteCase.callers { _ = try shop.token(of: account) }
        let before = try shop.contents()
        for (caller, status) in zip(RouteCase.callers, row.statuses) where status >= 400 {
            let response = try row.send(content, in: shop, as: caller)
            #expect(response.status.code == status, "\(caller ?? "nobody"): \(response.text)")
            #expect(try shop.contents() == before, "\(caller ?? "nobody")")
        }
    }

    @Test(arguments: changes) func changesDataForAllowedCallers(row: RouteCase) throws {
        let allowed = zip(RouteCase.callers, row.statuses).filter { $0.1 < 400 }
        for (caller, status) in allowed {
            let shop = try TestShop.furnished()
            if row.takesAVoteAway {
                _ = try shop.send(.put, row.target, as: caller)
            }
            let content = try row.content(in: shop)
            let entries = try shop.auditEntries()
            let before = try shop.contents()
            let response = try row.send(content, in: shop, as: caller)
            #expect(response.status.code == status, "\(caller ?? "nobody"): \(response.text)")
            // Ada has voted for none, because the review is her own.
            let isIdle = row.takesAVoteAway && caller == "ada"
            #expect(try (shop.contents() == before) == isIdle, "\(caller ?? "nobody")")
            let added = try shop.auditEntries() - entries
            #expect(added == (row.isAudited(by: caller) ? 1 : 0), "\(caller ?? "nobody")")
            #expect(try shop.breaches() == [])
        }
    }
}

extension RouteCase {
    fileprivate var takesAVoteAway: Bool { method == .delete && path == "/reviews/:id/vote" }

    /// Every change of the catalogue, of shipping methods, tax rates, coupons, gift cards and webhooks,
    /// and every change by others of ada, her orders and her reviews.
    ///
    /// Their own data is excluded: votes, flags, and logins to an account whose password they know.
    fileprivate func isAudited(by caller: String?) -> Bool {
        let shops = ["/inventory", "/webhooks", "/sales/coupons", "/sales/gift-cards"]
        if shops.contains(where: path.hasPrefix) { return true }
        if path.hasPrefix("/sales/shipping-methods") || path.hasPrefix("/sales/tax-rates") {
            return true
        }
        if path.hasPrefix("/sales/coupons") || path.hasPrefix("/sales/gift-cards") { return true }
        guard caller != "ada" else { return false }
        let isHers = ["/customers/ada", "/sales/1", "/sales/2", "/sales/3", "/reviews/1"].contains {
            target == $0 || target.hasPrefix("\($0)/")
        }
        return isHers && !path.hasSuffix("/vote") && !path.hasSuffix("/flag")
    }
}

extension TestShop {
    fileprivate func auditEntries() throws -> Int64 {
        try value("SELECT COUNT(*) AS value FROM audit_entries")
    }
}
