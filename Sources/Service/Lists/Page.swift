public import HTTP
import HTTPTypes
public import Storage

/// One page of a list with keyset pagination: the first `limit` rows after the cursor.
///
/// Every page costs the same.
public struct Page: Sendable {
    /// The number of rows, 1–100.
    @usableFromInline let limit: Int64
    let sort: Sort?
    let idColumn: SQL
    /// The list and its sort, in the form that a cursor has.
    let order: String
    /// The last row of the previous page; nil for the first page.
    let after: Cursor?

    /// The value of `sort=`; empty if the list has only one order.
    public var sortName: String { sort?.name ?? "" }

    /// The rows of the page, and one more if there is a next page.
    ///
    /// `rows` reads one range of the list and is called again until there are enough rows. The
    /// first range has the rows with the same key as the last row, and the second one the rows
    /// after them. An index finds the start of each range directly. For `(key, id) > (k, i)` an
    /// engine would only use the key and scan the rows with the same key.
    public func read<T>(_ rows: (KeysetRange) throws -> [T]) rethrows -> [T] {
        var found: [T] = []
        for place in places where found.count <= limit {
            let more = try rows(range(place, count: limit + 1 - Int64(found.count)))
            // The first range is moved instead of copied.
            if found.isEmpty { found = more } else { found += more }
        }
        return found
    }

    /// The page as one range, for rows that no index has in this order.
    public var whole: KeysetRange { range(after.map(Place.laterRow) ?? .start, count: limit + 1) }

    private var places: [Place] {
        guard let after else { return [.start] }
        guard let sort else { return [.equalKey(after)] }
        return sort.isBeforeFirst(after.key) ? [.start] : [.equalKey(after), .laterKey(after)]
    }

    private func range(_ place: Place, count: Int64) -> KeysetRange {
        KeysetRange(place: place, sort: sort, idColumn: idColumn, count: count)
    }

    enum Place: Sendable {
        case start
        case equalKey(Cursor)
        case laterKey(Cursor)
        case laterRow(Cursor)
    }

    /// A part of a list that one statement reads.
    public struct KeysetRange: Sendable {
        let place: Place
        let sort: Sort?
        let idColumn: SQL
        /// The largest number of rows.
        public let count: Int64

        /// The condition for WHERE.
        public var condition: SQL {
            guard let sort else {
                switch place {
                case .start: return "\(idColumn) < \(Int64.max)"
                case .equalKey(let row), .laterKey(let row), .laterRow(let row):
                    return "\(idColumn) < \(row.id)"
                }
            }
            return condition(on: sort.column)
        }

        /// The condition in one part of a compound statement, whose sort column is the expression
        /// `column`.
        public func condition(on column: SQL) -> SQL {
            guard let sort else { return condition }
            let isDescending = sort.isDescending
            let begin: SQL
            switch place {
            case .equalKey(let row):
                return isDescending
                    ? "\(column) = \(row.key) AND \(idColumn) < \(row.id)"
                    : "\(column) = \(row.key) AND \(idColumn) > \(row.id)"
            case .start:
                begin = isDescending ? "\(column) <= \(sort.first)" : "\(column) >= \(sort.first)"
            case .laterKey(let row):
                begin = isDescending ? "\(column) < \(row.key)" : "\(column) > \(row.key)"
            case .laterRow(let row):
                begin =
                    isDescending
                    ? "(\(column), \(idColumn)) < (\(row.key), \(row.id)) AND \(column) <= \(sort.first)"
                    : "(\(column), \(idColumn)) > (\(row.key), \(row.id)) AND \(column) >= \(sort.first)"
            }
            guard let last = sort.last else { return begin }
            return isDescending
                ? "\(begin) AND \(column) >= \(last)" : "\(begin) AND \(column) <= \(last)"
        }

        /// The end of the statement: ORDER BY and LIMIT.
        public var end: SQL {
            guard let sort else { return "ORDER BY \(idColumn) DESC LIMIT \(count)" }
            if case .equalKey = place {
                return sort.isDescending
                    ? "ORDER BY \(idColumn) DESC LIMIT \(count)"
                    : "ORDER BY \(idColumn) LIMIT \(count)"
            }
            return sort.isDescending
                ? "ORDER BY \(sort.column) DESC, \(idColumn) DESC LIMIT \(count)"
                : "ORDER BY \(sort.column), \(idColumn) LIMIT \(count)"
        }
    }

    /// Creates `{"data":[…],"next":…}` with a `Link` to the next page (RFC 8288).
    /// - Parameters:
    /// - rows: the result of `read`, at most `limit + 1` rows.
    /// - key: the value of the sort column in a row.
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

    /// The cursor for the page after a row.
    @usableFromInline
    func cursor(_ key: Value, _ id: Int64) -> String {
        Cursor(order: order, key: sort == nil ? .null : key, id: id).text
    }
}

extension Response {
    /// Adds the address of the next page: the same request with another `after`.
    public mutating func link(toNext cursor: String, of request: Request) {
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
    /// Escapes every byte that a path or a query may not contain (RFC 3986 §3.3, §3.4).
    ///
    /// Text of a client therefore cannot end the `<…>` of a link.
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
    /// Reads `limit` and `after` of a list with the newest first.
    public mutating func page(id: SQL = "id") -> Page {
        page(id: id, sort: nil)
    }

    /// Reads `limit`, `after` and `sort` of a list with several orders.
    ///
    /// `sorts` are the supported orders, and `standard` is the default.
    public mutating func page(id: SQL = "id", sorts: [Sort], standard: String) -> Page {
        let name = optional("sort", .oneOf(sorts.map(\.name))) ?? standard
        return page(id: id, sort: sorts.first { $0.name == name })
    }

    /// Reads `limit` and `after` of a list that is always ordered by `sort`.
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

/// A list that is returned without pagination.
public struct Listing<Item: JSONWritable>: JSONWritable {
    @usableFromInline let data: ArraySlice<Item>
    @usableFromInline let isPage: Bool
    @usableFromInline let next: String?

    /// Creates a list of all elements.
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

    /// Writes `{"data":[…]}`, with `next` if the list is paginated.
    @inlinable
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("data", data)
            if isPage { $0.field("next", next) }
        }
    }
}
