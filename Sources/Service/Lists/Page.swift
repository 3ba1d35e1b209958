public import HTTP
import HTTPTypes
public import Storage

/// One page of a list by keyset: "the first `limit` rows behind this one", which costs the same on
/// every page.
public struct Page: Sendable {
    /// 1–100.
    @usableFromInline let limit: Int64
    let sort: Sort?
    let idColumn: SQL
    /// The list and its order, as a cursor has them.
    let order: String
    /// The row before the page; nil before the first.
    let after: Cursor?

    /// The order it is read in, as `sort=` spells it; empty where the list knows only one.
    public var sortName: String { sort?.name ?? "" }

    /// The rows of the page, and one more to know whether there is another page.
    ///
    /// `rows` reads a range of the list, and is asked again for the next one until there are
    /// enough: first the rows that are as the last one in the order's column, then what is behind
    /// them. An engine finds either at once; `(key, id) > (k, i)` it finds by the key alone, and
    /// reads its way through the ties.
    public func read<T>(_ rows: (KeysetRange) throws -> [T]) rethrows -> [T] {
        var found: [T] = []
        for place in places where found.count <= limit {
            let more = try rows(range(place, count: limit + 1 - Int64(found.count)))
            // Mostly all there is: taken over instead of copied.
            if found.isEmpty { found = more } else { found += more }
        }
        return found
    }

    /// The page as one range, for rows that no index has in this order.
    public var whole: KeysetRange { range(after.map(Place.row) ?? .start, count: limit + 1) }

    private var places: [Place] {
        guard let after else { return [.start] }
        guard let sort else { return [.ties(after)] }
        return sort.begins(behind: after.key) ? [.start] : [.ties(after), .behind(after)]
    }

    private func range(_ place: Place, count: Int64) -> KeysetRange {
        KeysetRange(place: place, sort: sort, idColumn: idColumn, count: count)
    }

    enum Place: Sendable {
        case start
        case ties(Cursor)
        case behind(Cursor)
        case row(Cursor)
    }

    /// A part of a list that is read in one go.
    public struct KeysetRange: Sendable {
        let place: Place
        let sort: Sort?
        let idColumn: SQL
        /// As many rows as it may have.
        public let count: Int64

        /// Goes among the conditions of the statement.
        public var condition: SQL {
            guard let sort else {
                switch place {
                case .start: return "\(idColumn) < \(Int64.max)"
                case .ties(let row), .behind(let row), .row(let row):
                    return "\(idColumn) < \(row.id)"
                }
            }
            return condition(on: sort.column)
        }

        /// The same in one part of a compound statement, where the order's column is the expression
        /// `column`.
        public func condition(on column: SQL) -> SQL {
            guard let sort else { return condition }
            let isDescending = sort.isDescending
            let begin: SQL
            switch place {
            case .ties(let row):
                return isDescending
                    ? "\(column) = \(row.key) AND \(idColumn) < \(row.id)"
                    : "\(column) = \(row.key) AND \(idColumn) > \(row.id)"
            case .start:
                begin = isDescending ? "\(column) <= \(sort.first)" : "\(column) >= \(sort.first)"
            case .behind(let row):
                begin = isDescending ? "\(column) < \(row.key)" : "\(column) > \(row.key)"
            case .row(let row):
                begin =
                    isDescending
                    ? "(\(column), \(idColumn)) < (\(row.key), \(row.id)) AND \(column) <= \(sort.first)"
                    : "(\(column), \(idColumn)) > (\(row.key), \(row.id)) AND \(column) >= \(sort.first)"
            }
            guard let last = sort.last else { return begin }
            return isDescending
                ? "\(begin) AND \(column) >= \(last)" : "\(begin) AND \(column) <= \(last)"
        }

        /// Goes behind the conditions: ORDER BY and LIMIT.
        public var end: SQL {
            guard let sort else { return "ORDER BY \(idColumn) DESC LIMIT \(count)" }
            if case .ties = place {
                return sort.isDescending
                    ? "ORDER BY \(idColumn) DESC LIMIT \(count)"
                    : "ORDER BY \(idColumn) LIMIT \(count)"
            }
            return sort.isDescending
                ? "ORDER BY \(sort.column) DESC, \(idColumn) DESC LIMIT \(count)"
                : "ORDER BY \(sort.column), \(idColumn) LIMIT \(count)"
        }
    }

    /// `{"data":[…],"next":…}` with a `Link` to the next page (RFC 8288).
    /// - Parameters:
    /// - rows: what `read` gave, `limit + 1` at most.
    /// - key: the value of the sort's column in a row.
    @inlinable
    public func response<T: JSONWritable>(
        _ rows: [T], to call: Call, id: (T) -> Int64, key: (T) -> Value = { _ in .null }
    ) -> Response {
        let shown = rows.prefix(Int(limit))
        guard rows.count > shown.count, let last = shown.last else {
            return .ok(Listing(data: shown, next: nil))
        }
        let next = cursor(key(last), id(last))
        var response = Response.ok(Listing(data: shown, next: next))
        response.link(toNext: next, of: call.request)
        return response
    }

    /// What `after` says for the page behind a row.
    @usableFromInline
    func cursor(_ key: Value, _ id: Int64) -> String {
        Cursor(order: order, key: sort == nil ? .null : key, id: id).text
    }
}

extension Response {
    /// Adds the address of the next page: what was asked for, with another `after`.
    @usableFromInline
    mutating func link(toNext cursor: String, of request: Request) {
        var link = "<\(request.path.uriEscaped)?"
        for pair in request.query.utf8.split(separator: UInt8(ascii: "&")) {
            let name = Substring(pair.prefix { $0 != UInt8(ascii: "=") })
            let isAfter = name.percentDecoded(plusIsSpace: true)?.utf8.elementsEqual("after".utf8)
            if isAfter != true { link += "\(String(Substring(pair)).uriEscaped)&" }
        }
        fields.append(HTTPField(name: .link, value: "\(link)after=\(cursor)>; rel=\"next\""))
    }
}

extension String {
    /// With an escape for every byte that a path or a query may not hold (RFC 3986 §3.3, §3.4), so
    /// that no client's text can end the `<…>` of a link.
    fileprivate var uriEscaped: String {
        guard !utf8.allSatisfy(\.isAllowedInURI) else { return self }
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            if byte.isAllowedInURI {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isAllowedInURI: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "-._~%!$&'()*+,;=:@/?".utf8.contains(self)
        }
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
        let order = "\(list) \(sort?.name ?? "")"
        let after = optional("after", .cursor(of: order, like: sort?.first ?? .null))
        return Page(limit: limit, sort: sort, idColumn: id, order: order, after: after)
    }
}

/// A list that comes whole.
public struct Listing<Item: JSONWritable>: JSONWritable {
    @usableFromInline let data: ArraySlice<Item>
    @usableFromInline let isPage: Bool
    @usableFromInline let next: String?

    /// A list of everything there is.
    @inlinable
    public init(_ data: [Item]) {
        self.data = data[...]
        self.isPage = false
        self.next = nil
    }

    @inlinable
    init(data: ArraySlice<Item>, next: String?) {
        self.data = data
        self.isPage = true
        self.next = next
    }

    /// `{"data":[…]}`, and `next` where there can be one.
    @inlinable
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("data", data)
            if isPage { $0.field("next", next) }
        }
    }
}
