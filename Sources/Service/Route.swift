public import HTTP
public import HTTPTypes
public import Storage

/// One line of a responder's table of contents: method, path, who may, and the handler.
public struct Route: Sendable {
    typealias Handler = @Sendable (Call) throws -> Response

    let method: HTTPRequest.Method
    let path: String
    let access: Access
    let handler: Handler
    /// Whether its handler is one transaction, in which its caller is looked up.
    var isOneTransaction = false
    let segments: [Segment]
    /// Its place in its responder's table.
    var number = 0

    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter(String)
    }

    /// A route whose query may hold nothing.
    public init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access,
        _ handler: @escaping @Sendable (Call) throws -> Response
    ) {
        self.init(method, path, access) { (call, _: NoParameters) in try handler(call) }
    }

    /// A route whose query is read as the `Input` its handler takes.
    public init<T: Input>(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access,
        _ handler: @escaping @Sendable (Call, T) throws -> Response
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.handler = { call in try handler(call, T.read(call.parameters)) }
        self.segments = path.split(separator: "/").map {
            $0.first == ":" ? .parameter(String($0.dropFirst())) : .literal(String($0))
        }
    }

    /// A route whose handler is one transaction: the body is read before as the `Input` it takes, and
    /// the caller is looked up within.
    ///
    /// To look them up before as well costs a purchase among others a tenth of its time, because
    /// each commit makes a reader read anew.
    public init<T: Input>(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access,
        _ handler: @escaping @Sendable (T, Call, any Transaction) throws -> Response
    ) {
        self.init(method, path, access) { call in
            let body = try call.body(T.self)
            return try call.write { call, tx in try handler(body, call, tx) }
        }
        isOneTransaction = true
    }

    /// For the openapi.yaml comparison: `GET /sales/:id`.
    public var description: String { "\(method.rawValue) \(path)" }
}

extension Route {
    /// A list or a resource.
    public static func get(
        _ path: String, _ access: Access, _ handler: @escaping @Sendable (Call) throws -> Response
    ) -> Route { Route(.get, path, access, handler) }

    /// A list that takes parameters.
    public static func get<T: Input>(
        _ path: String, _ access: Access,
        _ handler: @escaping @Sendable (Call, T) throws -> Response
    ) -> Route { Route(.get, path, access, handler) }

    /// Something new, or a step that is not a plain replacement.
    public static func post(
        _ path: String, _ access: Access, _ handler: @escaping @Sendable (Call) throws -> Response
    ) -> Route { Route(.post, path, access, handler) }

    /// Something new, in one transaction.
    public static func post<T: Input>(
        _ path: String, _ access: Access,
        _ handler: @escaping @Sendable (T, Call, any Transaction) throws -> Response
    ) -> Route { Route(.post, path, access, handler) }

    /// The whole of something.
    public static func put(
        _ path: String, _ access: Access, _ handler: @escaping @Sendable (Call) throws -> Response
    ) -> Route { Route(.put, path, access, handler) }

    /// A part of something.
    public static func patch(
        _ path: String, _ access: Access, _ handler: @escaping @Sendable (Call) throws -> Response
    ) -> Route { Route(.patch, path, access, handler) }

    /// The end of something.
    public static func delete(
        _ path: String, _ access: Access, _ handler: @escaping @Sendable (Call) throws -> Response
    ) -> Route { Route(.delete, path, access, handler) }
}
