import TestShop

/// A request with hostile text in one or several places.
struct HostileRequest {
    let description: String
    let method: String
    let target: String
    var fields: [(String, String)] = []
    var body: [UInt8]?
}

/// Requests for each route, with hostile text in every place that a client controls.
struct HostileRequests {
    private var text: HostileText

    init(_ chance: SeededRandom) { text = HostileText(chance) }

    /// Of a body: 128 KiB minus the bytes around the text.
    private static let bodyBytesMax = 120_000
    /// Of a request line and of a header field; nginx accepts 8 KiB.
    private static let lineBytesMax = 7000

    private static let members = [
        "username", "password", "full_name", "age", "address", "gender", "marital_status",
        "refresh_token", "current_password", "new_password",
        "role", "status", "amount", "note", "name", "category", "price", "sku", "description",
        "stock", "low_stock", "delta", "reason", "items",
        "expected_total", "restock", "product_id", "quantity", "rating", "title", "comment", "text",
        "helpful",
    ]
    private static let parameters = [
        "q", "limit", "after", "sort", "category", "min_price", "max_price", "in_stock", "username",
        "actor", "role", "status", "from", "to",
        "product_id", "rating", "flagged", "dry_run",
    ]

    /// A request for `route`, such as `GET /sales/:id`.
    mutating func next(_ route: String) -> HostileRequest {
        let parts = route.split(separator: " ").map(String.init)
        let (method, path) = (parts[0], parts[1])
        let takesBody = method != "GET" && method != "DELETE"
        switch text.below(takesBody ? 5 : 3) {
        case 0:
            let path = hostilePath(path)
            return HostileRequest(
                description: "\(route): path", method: method, target: path,
                fields: takesBody ? [("Content-Type", "application/json")] : [],
                body: takesBody ? Array("{}".utf8) : nil)
        case 1:
            return HostileRequest(
                description: "\(route): query", method: method,
                target: "\(plainPath(path))?\(hostileQuery())",
                fields: takesBody ? [("Content-Type", "application/json")] : [],
                body: takesBody ? Array("{}".utf8) : nil)
        case 2:
            let name = text.pick([
                "Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "Content-Type",
            ])
            let value = text.encoded(bytesMax: Self.lineBytesMax, escapes: false)
            let start = text.pick(["", "Bearer ", "W/\"", "application/json;"])
            return HostileRequest(
                description: "\(route): \(name)", method: method, target: plainPath(path),
                fields: [(name, "\(start)x\(value)x")], body: takesBody ? Array("{}".utf8) : nil)
        default:
            let (kind, body) = hostileBody()
            return HostileRequest(
                description: "\(route): \(kind)", method: method, target: plainPath(path),
                fields: [("Content-Type", "application/json")],
                body: Array(body.utf8.prefix(Self.bodyBytesMax)))
        }
    }

    private func plainPath(_ path: String) -> String {
        segments(path).map { segment in
            guard segment.hasPrefix(":") else { return "/\(segment)" }
            return segment == ":username" ? "/boss" : "/1"
        }.joined()
    }

    private mutating func hostilePath(_ path: String) -> String {
        var found = ""
        for segment in segments(path) {
            found += segment.hasPrefix(":") ? "/x\(text.encoded(bytesMax: 3000))" : "/\(segment)"
        }
        return path.contains(":") ? found : "\(found)/x\(text.encoded(bytesMax: 3000))"
    }

    private func segments(_ path: String) -> [String] {
        path.split(separator: "/").map(String.init)
    }

    private mutating func hostileQuery() -> String {
        switch text.below(3) {
        case 0:
            return
                "\(text.encoded(bytesMax: Self.lineBytesMax / 2))=\(text.encoded(bytesMax: 3000))"
        case 1:
            let name = text.pick(Self.parameters)
            return Array(repeating: "\(name)=1", count: Self.lineBytesMax / (name.count + 3))
                .joined(separator: "&")
        default:
            return "\(text.pick(Self.parameters))=\(text.encoded(bytesMax: Self.lineBytesMax - 50))"
        }
    }

    private mutating func hostileBody() -> (kind: String, body: String) {
        let room = Self.bodyBytesMax
        switch text.below(6) {
        case 0: return ("name", "{\(text.json(bytesMax: room)):1}")
        case 1:
            let names = (0..<30).map { _ in "\(text.json(bytesMax: room / 30)):0" }
            return ("names", "{\(names.joined(separator: ","))}")
        case 2:
            let name = text.pick(Self.members)
            return ("value of \(name)", "{\"\(name)\":\(text.json(bytesMax: room))}")
        case 3:
            let values = Self.members.map {
                let size = text.pick([20, 300, room / Self.members.count])
                let value =
                    text.below(4) == 0 ? text.value(bytesMax: size) : text.json(bytesMax: size)
                return "\"\($0)\":\(value)"
            }
            return ("all values", "{\(values.joined(separator: ","))}")
        case 4:
            let inner = "{\(text.json(bytesMax: room / 2)):\(text.json(bytesMax: room / 2))}"
            return ("nested", "{\"items\":[\(inner)]}")
        default:
            let name = text.pick(Self.members)
            return ("structure in \(name)", "{\"\(name)\":\(text.value(bytesMax: room))}")
        }
    }
}
