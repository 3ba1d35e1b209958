public import HTTP
import HTTPTypes
public import Storage

/// An entry of a route table: method, path, access, input and handler.
public struct Route: Sendable {
    /// A handler that runs inside the request's transaction.
    public typealias Handler = @Sendable (Call, any Transaction) throws -> Response
    /// A handler that opens its own transactions.
    ///
    /// It is for work that must not hold one open, such as hashing a password.
    public typealias OutsideHandler = @Sendable (Call) throws -> Response

    let method: HTTPRequest.Method
    let path: String
    let access: Access
    let segments: [Segment]
    /// The scope that an API key needs; nil if the route accepts no key.
    let scope: Scope?
    /// Whether the handler gets the message as it was received, because its sender signs the bytes.
    ///
    /// Such a request has no idempotency key and no dry run.
    let isRaw: Bool
    /// Reads the query and the body, and returns the handler with its input.
    let parse: @Sendable (Request, Fields) throws -> Work
    /// The position in its responder's table.
    var index = 0

    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter(String)
    }

    /// Announces statements of a handler (`Transaction.announce`).
    typealias Announcement = @Sendable (any Transaction) -> Void

    /// A handler with its input.
    enum Work: Sendable {
        case inside(Handler, announcing: Announcement? = nil)
        case outside(OutsideHandler)
    }

    init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, isRaw: Bool = false,
        parse: @escaping @Sendable (Request, Fields) throws -> Work
    ) {
        self.isRaw = isRaw
        self.method = method
        self.path = path
        self.access = access
        self.parse = parse
        self.segments = path.split(separator: "/").map {
            $0.first == ":" ? .parameter(String($0.dropFirst())) : .literal(String($0))
        }
        self.scope = Scope(
            segment: path.split(separator: "/").first.map(String.init) ?? "",
            isSafe: method.isSafe)
    }

    /// A route without input.
    init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access,
        _ handler: @escaping Handler
    ) {
        self.init(method, path, access) { request, query in
            _ = try NoParameters.read(query)
            try request.requireNoBody()
            return .inside(handler)
        }
    }

    /// A route whose input is a JSON body.
    init<T: Input>(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, body: T.Type,
        _ handler: @escaping @Sendable (T, Call, any Transaction) throws -> Response
    ) {
        self.init(method, path, access) { request, query in
            _ = try NoParameters.read(query)
            let input = try request.body(T.self)
            return .inside { call, tx in try handler(input, call, tx) }
        }
    }

    /// For the comparison with openapi.yaml: `GET /sales/:id`.
    public var description: String { "\(method.rawValue) \(path)" }
}

extension Route {
    /// Reads a resource, or a list without parameters.
    public static func get(
        _ path: String, _ access: Access, _ handler: @escaping Handler
    ) -> Route { Route(.get, path, access, handler) }

    /// Reads a list that takes query parameters.
    public static func get<T: Input>(
        _ path: String, _ access: Access, query: T.Type,
        _ handler: @escaping @Sendable (T, Call, any Transaction) throws -> Response
    ) -> Route {
        Route(.get, path, access) { request, query in
            let input = try T.read(query)
            try request.requireNoBody()
            return .inside { call, tx in try handler(input, call, tx) }
        }
    }

    /// Reads a resource with a handler that opens its own transactions.
    public static func get(
        _ path: String, _ access: Access, outside handler: @escaping OutsideHandler
    ) -> Route {
        Route(.get, path, access) { request, query in
            _ = try NoParameters.read(query)
            try request.requireNoBody()
            return .outside(handler)
        }
    }

    /// Reads a list that takes query parameters, with a handler that opens its own transactions.
    public static func get<T: Input>(
        _ path: String, _ access: Access, query: T.Type,
        outside handler: @escaping @Sendable (T, Call) throws -> Response
    ) -> Route {
        Route(.get, path, access) { request, query in
            let input = try T.read(query)
            try request.requireNoBody()
            return .outside { call in try handler(input, call) }
        }
    }

    /// Advances a resource by one step without input.
    public static func post(
        _ path: String, _ access: Access, _ handler: @escaping Handler
    ) -> Route { Route(.post, path, access, handler) }

    /// Creates a resource, or advances one by a step.
    public static func post<T: Input>(
        _ path: String, _ access: Access, body: T.Type,
        _ handler: @escaping @Sendable (T, Call, any Transaction) throws -> Response
    ) -> Route { Route(.post, path, access, body: body, handler) }

    /// Advances a resource by one step, with a body that may be omitted.
    public static func post<T: Input>(
        _ path: String, _ access: Access, optionalBody: T.Type,
        _ handler: @escaping @Sendable (T, Call, any Transaction) throws -> Response
    ) -> Route {
        Route(.post, path, access) { request, query in
            _ = try NoParameters.read(query)
            let input = try request.optionalBody(T.self)
            return .inside { call, tx in try handler(input, call, tx) }
        }
    }

    /// Creates or advances a resource with a handler that opens its own transactions.
    public static func post<T: Input>(
        _ path: String, _ access: Access, body: T.Type,
        outside handler: @escaping @Sendable (T, Call) throws -> Response
    ) -> Route { outside(.post, path, access, body: body, handler) }

    /// Creates a resource with a handler that opens its own transactions if `needsOwn`.
    ///
    /// Other bodies run in the request's transaction, which is faster. `announcing` is called before
    /// the caller is admitted.
    public static func post<T: Input>(
        _ path: String, _ access: Access, body: T.Type,
        if needsOwn: @escaping @Sendable (T) -> Bool,
        outside other: @escaping @Sendable (T, Call) throws -> Response,
        announcing announce: @escaping @Sendable (T, any Transaction) -> Void,
        _ handler: @escaping @Sendable (T, Call, any Transaction) throws -> Response
    ) -> Route {
        Route(.post, path, access) { request, query in
            _ = try NoParameters.read(query)
            let input = try request.body(T.self)
            guard needsOwn(input) else {
                return .inside(
                    { call, tx in try handler(input, call, tx) },
                    announcing: { tx in announce(input, tx) })
            }
            try request.requireNoPrecondition()
            return .outside { call in try other(input, call) }
        }
    }

    private static func outside<T: Input>(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, body: T.Type,
        _ handler: @escaping @Sendable (T, Call) throws -> Response
    ) -> Route {
        Route(method, path, access) { request, query in
            _ = try NoParameters.read(query)
            let input = try request.body(T.self)
            try request.requireNoPrecondition()
            return .outside { call in try handler(input, call) }
        }
    }

    /// Advances a resource by one step without input, with a handler that opens its own
    /// transactions.
    public static func post(
        _ path: String, _ access: Access, outside handler: @escaping OutsideHandler
    ) -> Route {
        Route(.post, path, access) { request, query in
            _ = try NoParameters.read(query)
            try request.requireNoBody()
            try request.requireNoPrecondition()
            return .outside(handler)
        }
    }

    /// Receives a message of another program, which its handler reads and authenticates itself.
    ///
    /// Its body may be anything, and its query is ignored.
    public static func post(_ path: String, raw handler: @escaping OutsideHandler) -> Route {
        Route(.post, path, .tokenless, isRaw: true) { _, _ in .outside(handler) }
    }

    /// Creates or replaces a resource without input.
    public static func put(
        _ path: String, _ access: Access, _ handler: @escaping Handler
    ) -> Route { Route(.put, path, access, handler) }

    /// Replaces a resource or one of its properties.
    public static func put<T: Input>(
        _ path: String, _ access: Access, body: T.Type,
        _ handler: @escaping @Sendable (T, Call, any Transaction) throws -> Response
    ) -> Route { Route(.put, path, access, body: body, handler) }

    /// Changes some fields of a resource.
    public static func patch<T: Input>(
        _ path: String, _ access: Access, body: T.Type,
        _ handler: @escaping @Sendable (T, Call, any Transaction) throws -> Response
    ) -> Route { Route(.patch, path, access, body: body, handler) }

    /// Changes some fields of a resource with a handler that opens its own transactions, and
    /// evaluates the conditions of the request itself (`Call.requireMatch`).
    public static func patch<T: Input>(
        _ path: String, _ access: Access, body: T.Type,
        outside handler: @escaping @Sendable (T, Call) throws -> Response
    ) -> Route {
        Route(.patch, path, access) { request, query in
            _ = try NoParameters.read(query)
            let input = try request.body(T.self)
            return .outside { call in try handler(input, call) }
        }
    }

    /// Deletes a resource with a handler that opens its own transactions.
    public static func delete<T: Input>(
        _ path: String, _ access: Access, body: T.Type,
        outside handler: @escaping @Sendable (T, Call) throws -> Response
    ) -> Route { outside(.delete, path, access, body: body, handler) }

    /// Deletes a resource.
    public static func delete(
        _ path: String, _ access: Access, _ handler: @escaping Handler
    ) -> Route { Route(.delete, path, access, handler) }
}
