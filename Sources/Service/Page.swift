public import HTTP
import HTTPTypes
public import Storage

/// A column that a list can be ordered by.
///
/// The id breaks ties, so the order is total.
public struct Sort: Sendable {
    /// As `sort=` spells it, and what a cursor remembers: `price`, `-price`.
    public let name: String
    let column: SQL
    let isDescending: Bool
    /// What stands before every row: the first page is the page after this.
    let start: Value

    /// An order by an integer column, up and down.
    ///
    /// Where the list is filtered by the same column the first page begins at `lowest`, or at
    /// `highest`, and does not read its way there.
    public static func integer(
        _ name: String, _ column: SQL, from lowest: Int64? = nil, to highest: Int64? = nil
    ) -> [Sort] {
        pair(
            name, column, lowest: .integer(lowest ?? .min), highest: .integer(highest ?? .max))
    }

    /// An order by a text column of at most 255 characters, up and down.
    ///
    /// Nothing of that length sorts behind 256 times the last code point.
    public static func text(_ name: String, _ column: SQL) -> [Sort] {
        let highest = String(repeating: "\u{10FFFF}", count: 256)
        return pair(name, column, lowest: .text(""), highest: .text(highest))
    }

    /// An order by a text column, upwards only, that begins at `lowest`.
    public static func ascending(_ name: String, _ column: SQL, from lowest: String = "") -> Sort {
        Sort(name: name, column: column, isDescending: false, start: .text(lowest))
    }

    /// An order by an integer column, downwards only.
    public static func descending(_ name: String, _ column: SQL) -> Sort {
        Sort(name: name, column: column, isDescending: true, start: .integer(.max))
    }

    private static func pair(_ name: String, _ column: SQL, lowest: Value, highest: Value) -> [Sort]
    {
        [
            Sort(name: name, column: column, isDescending: false, start: lowest),
            Sort(name: "-" + name, column: column, isDescending: true, start: highest),
        ]
    }
}

/// One page of a list by keyset: "the first `limit` rows behind this one", which costs the same on
/// every page.
public struct Page: Sendable {
    /// 1–100.
    let limit: Int64
    let sort: Sort?
    let idColumn: SQL
    let after: Cursor

    /// The order it is read in, as `sort=` spells it; empty where the list knows only one.
    public var sortName: String { sort?.name ?? "" }

    /// Goes among the conditions of the statement.
    public var condition: SQL {
        guard let sort else { return "\(idColumn) < \(after.id)" }
        return behind(sort.column)
    }

    /// The same in one part of a compound statement, where the order's column is the expression
    /// `column`.
    ///
    /// SQLite finds the place in an index on an expression by a plain comparison only.
    public func condition(on column: SQL) -> SQL {
        let bound: SQL = sort?.isDescending == true ? "<=" : ">="
        return "\(column) \(bound) \(after.key) AND \(behind(column))"
    }

    private func behind(_ column: SQL) -> SQL {
        sort?.isDescending == true
            ? "(\(column), \(idColumn)) < (\(after.key), \(after.id))"
            : "(\(column), \(idColumn)) > (\(after.key), \(after.id))"
    }

    /// Goes behind the conditions: ORDER BY and LIMIT, with one row more than the page to know
    /// whether there is another.
    public var end: SQL {
        let fetched = limit + 1
        guard let sort else { return "ORDER BY \(idColumn) DESC LIMIT \(fetched)" }
        return sort.isDescending
            ? "ORDER BY \(sort.column) DESC, \(idColumn) DESC LIMIT \(fetched)"
            : "ORDER BY \(sort.column), \(idColumn) LIMIT \(fetched)"
    }

    /// `{"data":[…],"next":…}` with a `Link` to the next page (RFC 8288).
    /// - Parameters:
    /// - rows: what the statement gave, `limit + 1` at most.
    /// - key: the value of the sort's column in a row.
    public func response<T: JSONWritable>(
        _ rows: [T], to call: Call, id: (T) -> Int64, key: (T) -> Value = { _ in .null }
    ) -> Response {
        var next: String?
        let shown = rows.prefix(Int(limit))
        if rows.count > shown.count, let last = shown.last {
            next =
                Cursor(
                    order: after.order, key: sort == nil ? .null : key(last), id: id(last)
                ).text
        }
        var response = Response.ok(Listing(data: shown, next: next))
        if let next {
            let query = call.request.query.split(separator: "&").filter {
                $0.prefix { $0 != "=" }.percentDecoded(plusIsSpace: true) != "after"
            }
            let target =
                "\(call.request.path)?\((query + ["after=\(next)"]).joined(separator: "&"))"
            response.fields.append(HTTPField(name: .link, value: "<\(target)>; rel=\"next\""))
        }
        return response
    }
}

extension Fields {
    /// `limit` and `after` of a list that is newest first.
    public mutating func page(id: SQL = "id") -> Page {
        page(id: id, sort: nil)
    }

    /// `limit`, `after` and `sort` of a list that can be ordered in the ways of `sorts`; `standard`
    /// is the one it has where nobody asks for another.
    public mutating func page(id: SQL = "id", sorts: [Sort], standard: String) -> Page {
        let name = optional("sort", .oneOf(sorts.map(\.name))) ?? standard
        return page(id: id, sort: sorts.first { $0.name == name })
    }

    /// `limit` and `after` of a list that is always ordered by `sort`.
    public mutating func page(id: SQL = "id", by sort: Sort) -> Page {
        page(id: id, sort: sort)
    }

    private mutating func page(id: SQL, sort: Sort?) -> Page {
        let limit = optional("limit", .integer(1...100)) ?? 20
        let start = Cursor(
            order: "\(list) \(sort?.name ?? "")", key: sort?.start ?? .null,
            id: sort?.isDescending == false ? 0 : .max)
        let after = optional("after", .cursor(like: start)) ?? start
        return Page(limit: limit, sort: sort, idColumn: id, after: after)
    }
}

/// A list that comes whole.
public struct Listing<Items: Sequence>: JSONWritable where Items.Element: JSONWritable {
    let data: Items
    let isPage: Bool
    let next: String?

    /// A list of everything there is.
    public init(_ data: Items) {
        self.data = data
        self.isPage = false
        self.next = nil
    }

    init(data: Items, next: String?) {
        self.data = data
        self.isPage = true
        self.next = next
    }

    /// `{"data":[…]}`, and `next` where there can be one.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("data", Elements(items: data))
            if isPage { $0.field("next", next) }
        }
    }
}

private struct Elements<Items: Sequence>: JSONWritable where Items.Element: JSONWritable {
    let items: Items

    func write(to json: inout JSONWriter) { json.array(items) }
}
