public import HTTP

/// Compares responses with their schemas, and records which members of each schema it has seen.
///
/// It supports the parts of JSON Schema that openapi.yaml uses. Of patterns and limits it only compares
/// `minLength`.
public struct SchemaComparison {
    private let description: OpenAPI
    private var described: [String: Set<String>] = [:]
    private var seen: [String: Set<String>] = [:]
    private var arrays: [String: Bool] = [:]
    /// The differences.
    public private(set) var faults: [String] = []

    /// Creates a comparison with the project's openapi.yaml.
    public init(with description: OpenAPI) {
        self.description = description
    }

    /// Members that no response had, and arrays that were always empty.
    public var unseen: [String] {
        let members = described.flatMap { schema, names in
            names.subtracting(seen[schema] ?? []).map { "\(schema).\($0)" }
        }
        return (members + arrays.filter { !$0.value }.map(\.key)).sorted()
    }

    /// Compares a response to `operation` with the schema for its status.
    public mutating func compare(
        _ response: Response, to operation: OpenAPI.Operation, type: String = "application/json"
    ) throws {
        let status = response.status.code
        let place = "\(operation.id) \(status)"
        guard let answer = description.responses(of: operation, status: status).first else {
            return faults.append("\(place) is not described")
        }
        let schema = answer["content"]?[type]?["schema"]
        switch (schema, response.body.isEmpty) {
        case (let schema?, false): compare(try response.json, schema, place, name: place)
        case (nil, true): break
        default: faults.append("\(place): only one of answer and description has a body")
        }
    }

    private mutating func compare(_ value: JSON, _ node: JSON, _ place: String, name: String) {
        let schema = description.resolve(node)
        let name = node["$ref"]?.text?.split(separator: "/").last.map(String.init) ?? name
        if let choices = schema["oneOf"]?.elements {
            let isNullable = choices.contains { $0["type"] == "null" }
            if isNullable && value == .null { return }
            return compare(value, choices[0], place, name: name)
        }
        if let choices = schema["enum"], !choices.elements.contains(value) {
            faults.append("\(place): \(value) is none of \(choices)")
        }
        guard isOfType(value, schema["type"]) else {
            return faults.append("\(place): \(value) is not of type \(schema["type"] ?? .null)")
        }
        switch value {
        case .string(let text):
            let least = schema["minLength"]?.integer ?? 0
            if text.unicodeScalars.count < least { faults.append("\(place) is too short: \(text)") }
        case .object(let members): compare(members, schema, place, name: name)
        case .array(let elements):
            arrays["\(name)[]"] = arrays["\(name)[]"] == true || !elements.isEmpty
            guard let items = schema["items"] else { return faults.append("\(place) has no items") }
            for element in elements { compare(element, items, "\(place)[]", name: "\(name)[]") }
        default: break
        }
    }

    private mutating func compare(
        _ members: [JSON.Member], _ schema: JSON, _ place: String, name: String
    ) {
        let properties = schema["properties"] ?? .object([])
        described[name, default: []].formUnion(properties.members.map(\.name))
        seen[name, default: []].formUnion(members.map(\.name))
        for member in members {
            guard let property = properties[member.name] else {
                if schema["additionalProperties"] != .bool(true) {
                    faults.append("\(place).\(member.name) is not in the schema \(name)")
                }
                continue
            }
            compare(
                member.value, property, "\(place).\(member.name)", name: "\(name).\(member.name)")
        }
        let names = Set(members.map(\.name))
        for required in (schema["required"]?.elements ?? []).compactMap(\.text)
        where !names.contains(required) {
            faults.append("\(place).\(required) is required and missing")
        }
    }

    private func isOfType(_ value: JSON, _ type: JSON?) -> Bool {
        guard let type else { return true }
        let types = type.text.map { [$0] } ?? type.elements.compactMap(\.text)
        switch value {
        case .null: return types.contains("null")
        case .bool: return types.contains("boolean")
        case .integer: return types.contains("integer") || types.contains("number")
        case .number: return types.contains("number")
        case .string: return types.contains("string")
        case .array: return types.contains("array")
        case .object: return types.contains("object")
        }
    }
}
