import HTTP
import HTTPTypes
public import Testing

extension TestShop {
    /// Every element of a list, read page by page as a client does: by `next`, which the `Link`
    /// must repeat.
    /// - Parameters:
    /// - target: path and query, without `limit`.
    /// - limit: how many a page holds; each but the last must be full.
    public func walk(
        _ target: String, as account: String? = nil, limit: Int,
        at location: SourceLocation = #_sourceLocation
    ) throws -> [JSON] {
        let query = "\(target)\(target.contains("?") ? "&" : "?")limit=\(limit)"
        var found: [JSON] = []
        var after = ""
        for _ in 0..<1000 {
            let response = try send(.get, query + after, as: account)
            guard response.status.code == 200, let next = try response.json["next"] else {
                throw TestFailure(description: "\(query)\(after): \(response.text)")
            }
            let page = try response.json["data"]?.elements ?? []
            found += page
            let link = HTTPField.Name("Link").flatMap { response.fields[$0] }
            guard let cursor = next.text else {
                #expect(page.count <= limit, sourceLocation: location)
                #expect(link == nil, sourceLocation: location)
                return found
            }
            after = "&after=\(cursor)"
            #expect(page.count == limit, sourceLocation: location)
            #expect(link == "<\(query)\(after)>; rel=\"next\"", sourceLocation: location)
        }
        throw TestFailure(description: "\(target) has no end.")
    }

    /// The ids (or another member) of a list, once it has been found the same in pages of 1, 2, 7
    /// and 100.
    public func ids(
        _ target: String, as account: String? = nil, member: String = "id",
        at location: SourceLocation = #_sourceLocation
    ) throws -> [Int64] {
        let whole = try walk(target, as: account, limit: 100, at: location)
        for limit in [1, 2, 7] {
            let pages = try walk(target, as: account, limit: limit, at: location)
            #expect(pages == whole, "\(target) by \(limit)", sourceLocation: location)
        }
        return whole.compactMap { $0[member]?.integer }
    }
}
