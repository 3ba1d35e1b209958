import HTTP
public import Service

/// Reads the payload of a job.
///
/// - Throws: `Problem` if it does not have the members of `type`.
public func jobPayload<T: Input>(_ text: String, as type: T.Type) throws -> T {
    guard case .object(let members) = try ClientJSON(stored: text) else {
        throw Problem.invalid([.init(field: "payload", message: "must be an object")])
    }
    return try T(checking: members)
}
