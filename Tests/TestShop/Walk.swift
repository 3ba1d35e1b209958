import HTTP
import HTTPTypes
public import Testing

extension TestShop {
    /// Reads every element of a list page by page by `next`, which the `Link` must repeat.
    ///
    /// `target` is path and query without `limit`. Each page except the last must be full.
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

    /// The ids, or another member, of a list.
    ///
    /// Pages of 1, 2, 7 and 100 must return the same.
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
