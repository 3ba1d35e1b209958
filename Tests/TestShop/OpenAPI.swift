import Foundation
import HTTP
public import HTTPTypes
import Testing

/// The parts of openapi.yaml with which requests and responses are compared.
public struct OpenAPI: Sendable {
    /// A method of a path.
    public struct Operation: Sendable {
        /// Its `operationId`.
        public let id: String
        /// As a `Route` describes itself: `GET /sales/:id`.
        public let route: String
        let method: HTTPRequest.Method
        let segments: [Substring]
        let node: JSON
        let shared: JSON?
    }

    /// Every operation.
    public let operations: [Operation]
    let document: JSON

    /// This project's openapi.yaml, which each process reads once.
    public static func read() throws -> OpenAPI { try project.get() }

    private static let project = Result { try OpenAPI() }

    /// The folder with Package.swift.
    public static let top = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "openapi-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = OpenAPI.top.appending(path: "make/docs.sh")
        process.arguments = [folder.path]
        try process.run()
        process.waitUntilExit()
        let text = try Data(contentsOf: folder.appending(path: "docs/openapi.json"))
        document = try JSON(parsing: Array(text))
        operations = document["paths"]?.members.flatMap(OpenAPI.operations) ?? []
    }

    private static func operations(of path: JSON.Member) -> [Operation] {
        let route = path.name.replacing("{", with: ":").replacing("}", with: "")
        return path.value.members.compactMap { member in
            guard let id = member.value["operationId"]?.text,
                let method = HTTPRequest.Method(rawValue: member.name.uppercased())
            else { return nil }
            return Operation(
                id: id, route: "\(method.rawValue) \(route)", method: method,
                segments: path.name.split(separator: "/"), node: member.value,
                shared: path.value["parameters"])
        }
    }

    /// The operation of a request.
    ///
    /// A path without parameters takes precedence.
    public func operation(_ method: HTTPRequest.Method, _ target: String) -> Operation? {
        let path = target.prefix { $0 != "?" }.split(separator: "/")
        let fitting = operations.filter {
            $0.method == (method == .head ? .get : method) && $0.segments.count == path.count
                && zip($0.segments, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return fitting.min { $0.parameterCount < $1.parameterCount }
    }
}

extension OpenAPI.Operation {
    fileprivate var parameterCount: Int { segments.count { $0.hasPrefix("{") } }
}

extension OpenAPI {
    /// A schema of `components`.
    public func schema(named name: String) -> JSON? {
        document["components"]?["schemas"]?[name]
    }

    /// A node, with its reference resolved.
    ///
    /// Members next to the reference take precedence.
    func resolve(_ node: JSON) -> JSON {
        guard case .object(let members) = node, let path = node["$ref"]?.text else { return node }
        let target = path.split(separator: "/").dropFirst().reduce(document as JSON?) {
            $0?[String($1)]
        }
        let beside = members.filter { $0.name != "$ref" }
        return .object(beside + (target.map(resolve)?.members ?? []))
    }

    /// The responses of an operation for a status, or for its class: `4XX`.
    func responses(of operation: Operation, status: Int) -> [JSON] {
        ["\(status)", "\(status / 100)XX"].compactMap {
            operation.node["responses"]?[$0].map(resolve)
        }
    }

    /// The problem codes that no response of any operation names.
    public var unnamedCodes: [String] {
        let answers = operations.flatMap { $0.node["responses"]?.members ?? [] }
        let texts = answers.compactMap { resolve($0.value)["description"]?.text }
        let codes = document["components"]?["schemas"]?["Code"]?["x-codes"]?.members ?? []
        return codes.map(\.name).filter { code in !texts.contains { $0.contains("`\(code)`") } }
    }

    /// Expects that the operation describes this error.
    func expectDescription(of response: Response, to request: Request) throws {
        let status = response.status.code
        guard status >= 400, let operation = operation(request.method, request.path),
            let code = try response.json["code"]?.text
        else { return }
        let isNamed = responses(of: operation, status: status).contains {
            $0["description"]?.text?.contains("`\(code)`") == true
        }
        #expect(isNamed, "\(operation.id) does not describe \(status) \(code)")
        let meaning = document["components"]?["schemas"]?["Code"]?["x-codes"]?[code]?.text
        #expect(meaning?.contains("\(status): ") == true, "x-codes: \(code) is \(status)")
    }
}

extension OpenAPI {
    /// The members of an operation's request body; empty if it has none.
    public func bodyMembers(of operation: Operation) -> Set<String> {
        let body = operation.node["requestBody"].map(resolve)
        let schema = body?["content"]?["application/json"]?["schema"].map(resolve)
        return Set(schema?["properties"]?.members.map(\.name) ?? [])
    }

    /// The query parameters of an operation.
    public func queryParameters(of operation: Operation) -> Set<String> {
        let own = operation.node["parameters"]?.elements ?? []
        let parameters = ((operation.shared?.elements ?? []) + own).map(resolve)
        return Set(parameters.filter { $0["in"] == "query" }.compactMap { $0["name"]?.text })
    }

    /// The header fields that an operation takes.
    public func headerParameters(of operation: Operation) -> Set<String> {
        let parameters = (operation.node["parameters"]?.elements ?? []).map(resolve)
        return Set(parameters.filter { $0["in"] == "header" }.compactMap { $0["name"]?.text })
    }

    /// Whether the description says that the operation rejects `dry_run`.
    public func rejectsDryRun(_ operation: Operation) -> Bool {
        operation.node["description"]?.text?.contains("Rejects `dry_run`") == true
    }

    /// Every name of a query parameter and of a schema member.
    public var inputNames: Set<String> {
        let schemas = document["components"]?["schemas"]?.members.map(\.value) ?? []
        let members = schemas.flatMap { $0["properties"]?.members.map(\.name) ?? [] }
        return operations.reduce(into: Set(members)) { $0.formUnion(queryParameters(of: $1)) }
    }
}

extension JSON {
    /// The members of an object; empty for other values.
    var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }
}
