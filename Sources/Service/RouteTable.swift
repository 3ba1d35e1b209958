import HTTP
import HTTPTypes

/// Finds the route of a request.
struct RouteTable: Sendable {
    /// Routes by the number of their segments, those with a literal before those with a parameter
    /// in its place.
    private let routes: [[Route]]

    init(_ routes: [Route]) {
        let depth = routes.map(\.segments.count).max() ?? 0
        self.routes = (0...depth).map { count in
            routes.filter { $0.segments.count == count }.sorted { $0.literals > $1.literals }
        }
    }

    /// The route, and what its parameters hold.
    /// - Throws: `Problem` 404 `not_found`, or 405 `method_not_allowed` with `Allow` (RFC 9110
    ///   §15.5.6).
    func route(for request: Request) throws -> (Route, [String: String]) {
        let segments = try pathSegments(of: request.path)
        let method: HTTPRequest.Method = request.method == .head ? .get : request.method
        var known: Route?
        guard segments.count < routes.count else { throw Problem.notFound() }
        for route in routes[segments.count] {
            guard let parameters = route.match(segments) else { continue }
            // A path that another route spells out is not this one's parameter: /customers/login is
            // nobody's name.
            if let known, known.literals > route.literals { break }
            if route.method == method { return (route, parameters) }
            known = route
        }
        guard let known else { throw Problem.notFound() }
        throw notAllowed(routes[segments.count].filter { $0.path == known.path })
    }

    /// The decoded segments of an absolute path.
    ///
    /// An empty one (`//`, or a slash at the end), a dot segment or an escaped slash names nothing
    /// of ours. The web server would have resolved them, so they come from somebody who means
    /// another path than it says.
    private func pathSegments(of path: String) throws -> [String] {
        // Bytes, because what separates is ASCII, and characters have to be found first.
        let path = path.utf8
        guard path.first == UInt8(ascii: "/") else { throw Problem.notFound() }
        let segments = path.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return try segments.map {
            guard let segment = Substring($0).percentDecoded(), segment != "", segment != ".",
                segment != "..",
                !segment.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 < 0x20 })
            else { throw Problem.notFound() }
            return segment
        }
    }

    private func notAllowed(_ routes: [Route]) -> Problem {
        var methods = routes.map(\.method.rawValue)
        if methods.contains("GET") { methods.append("HEAD") }
        return Problem(
            .methodNotAllowed, "method_not_allowed", "The path is known, but not with this method.",
            fields: [.allow: methods.sorted().joined(separator: ", ")])
    }
}

extension Route {
    fileprivate var literals: Int {
        segments.count { if case .literal = $0 { true } else { false } }
    }

    /// What the parameters hold where `path` fits, or nil.
    fileprivate func match(_ path: [String]) -> [String: String]? {
        var parameters: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            switch segment {
            case .literal(let literal): if literal != text { return nil }
            case .parameter(let name): parameters[name] = text
            }
        }
        return parameters
    }
}
