import Foundation
import HTTP
public import HTTPTypes
import Testing

/// openapi.yaml, as far as requests and answers are compared with it.
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

    /// The description of this project, which each process reads once.
    public static func read() throws -> OpenAPI { try project.get() }

    private static let project = Result { try OpenAPI() }

    /// Where Package.swift is.
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

    /// The operation that a request asks for; the path without parameters comes first.
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
    /// A node, or what it refers to; members beside the reference come first.
    func resolve(_ node: JSON) -> JSON {
        guard case .object(let members) = node, let path = node["$ref"]?.text else { return node }
        let target = path.split(separator: "/").dropFirst().reduce(document as JSON?) {
            $0?[String($1)]
        }
        let beside = members.filter { $0.name != "$ref" }
        return .object(beside + (target.map(resolve)?.members ?? []))
    }

    /// What an operation answers with a status, which may be described for its class: `4XX`.
    func responses(of operation: Operation, status: Int) -> [JSON] {
        ["\(status)", "\(status / 100)XX"].compactMap {
            operation.node["responses"]?[$0].map(resolve)
        }
    }

    /// The problem codes that no answer of any operation names.
    public var unnamedCodes: [String] {
        let answers = operations.flatMap { $0.node["responses"]?.members ?? [] }
        let texts = answers.compactMap { resolve($0.value)["description"]?.text }
        let codes = document["components"]?["schemas"]?["Code"]?["x-codes"]?.members ?? []
        return codes.map(\.name).filter { code in !texts.contains { $0.contains("`\(code)`") } }
    }

    /// Expects that an error is one that its operation describes.
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
    /// The members of a body that an operation takes; empty if it takes none.
    public func bodyMembers(of operation: Operation) -> Set<String> {
        let body = operation.node["requestBody"].map(resolve)
        let schema = body?["content"]?["application/json"]?["schema"].map(resolve)
        return Set(schema?["properties"]?.members.map(\.name) ?? [])
    }

    /// The parameters in the query that an operation takes.
    public func queryParameters(of operation: Operation) -> Set<String> {
        let own = operation.node["parameters"]?.elements ?? []
        let parameters = ((operation.shared?.elements ?? []) + own).map(resolve)
        return Set(parameters.filter { $0["in"] == "query" }.compactMap { $0["name"]?.text })
    }

    /// Whether an operation says that it rejects `dry_run`.
    public func rejectsDryRun(_ operation: Operation) -> Bool {
        operation.node["description"]?.text?.contains("Rejects `dry_run`") == true
    }

    /// Every name of a parameter in the query, and of a member of any schema.
    public var inputNames: Set<String> {
        let schemas = document["components"]?["schemas"]?.members.map(\.value) ?? []
        let members = schemas.flatMap { $0["properties"]?.members.map(\.name) ?? [] }
        return operations.reduce(into: Set(members)) { $0.formUnion(queryParameters(of: $1)) }
    }
}

extension JSON {
    /// The members of an object; none of anything else.
    var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }
}
