import HTTP
import HTTPTypes

/// Finds the route of a request.
struct RouteTable: Sendable {
    /// Routes by their number of segments.
    ///
    /// A route with a literal comes before one with a parameter in the same position.
    private let routes: [[Route]]

    init(_ routes: [Route]) {
        let depth = routes.map(\.segments.count).max() ?? 0
        self.routes = (0...depth).map { count in
            routes.filter { $0.segments.count == count }.sorted { $0.literals > $1.literals }
        }
    }

    /// The route, and the values of its parameters.
    /// - Throws: `Problem` 404 `not_found`, or 405 `method_not_allowed` with `Allow` (RFC 9110
    ///   §15.5.6).
    func route(for request: Request) throws -> (Route, PathParameters) {
        let segments = try pathSegments(of: request.path)
        let method: HTTPRequest.Method = request.method == .head ? .get : request.method
        guard segments.count < routes.count else { throw Problem.notFound() }
        let candidates = routes[segments.count]
        var known: Int?
        for index in candidates.indices where candidates[index].fits(segments) {
            // A literal has priority over a parameter: /customers/login is never a username.
            if let known, candidates[known].literals > candidates[index].literals { break }
            if candidates[index].method == method {
                return (candidates[index], candidates[index].parameters(of: segments))
            }
            known = index
        }
        guard let known else { throw Problem.notFound() }
        throw notAllowed(candidates.filter { $0.path == candidates[known].path })
    }

    /// The decoded segments of an absolute path.
    ///
    /// Empty segments (`//` or a final slash), dot segments and escaped slashes match no route. The
    /// web server resolves them, so a path that still has them was disguised.
    private func pathSegments(of path: String) throws -> [String] {
        var path = path
        // Bytes, because finding characters would be slower and the separator is ASCII.
        return try path.withUTF8 { bytes in
            guard bytes.first == UInt8(ascii: "/") else { throw Problem.notFound() }
            var segments: [String] = []
            var rest = bytes.dropFirst()
            while true {
                let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
                segments.append(try pathSegment(String(decoding: rest[..<end], as: UTF8.self)))
                guard end < rest.endIndex else { return segments }
                rest = rest[(end + 1)...]
            }
        }
    }

    /// The largest number of bytes in a segment; no id or username is longer.
    private static let segmentBytesMax = 255

    private func pathSegment(_ text: String) throws -> String {
        guard let decoded = Substring(text).percentDecoded(), decoded.byteCount > 0,
            !decoded.isSame(as: "."), !decoded.isSame(as: ".."),
            let segment = decoded.string(bytesMax: RouteTable.segmentBytesMax),
            !segment.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 < 0x20 })
        else { throw Problem.notFound() }
        return segment
    }

    private func notAllowed(_ routes: [Route]) -> Problem {
        var methods = routes.map(\.method.rawValue)
        if methods.contains("GET") { methods.append("HEAD") }
        return Problem(
            .methodNotAllowed, "method_not_allowed", "The path does not support this method.",
            fields: [.allow: methods.sorted().joined(separator: ", ")])
    }
}

/// The values of a route's path parameters.
typealias PathParameters = [(name: String, text: String)]

extension Route {
    fileprivate var literals: Int {
        segments.count { if case .literal = $0 { true } else { false } }
    }

    /// Whether `path`, which has the same length, matches every literal.
    fileprivate func fits(_ path: [String]) -> Bool {
        for index in segments.indices {
            if case .literal(let literal) = segments[index], literal != path[index] { return false }
        }
        return true
    }

    fileprivate func parameters(of path: [String]) -> PathParameters {
        var parameters: PathParameters = []
        for (segment, text) in zip(segments, path) {
            if case .parameter(let name) = segment { parameters.append((name, text)) }
        }
        return parameters
    }
}
