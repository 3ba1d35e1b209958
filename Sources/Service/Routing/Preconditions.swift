import HTTP
import HTTPTypes
import Synchronization

/// The `If-Match` and `If-None-Match` of a request (RFC 9110 §13.1).
///
/// A handler evaluates them against the resource that it changes, inside its transaction. A change
/// without an evaluation is rejected, because its sender relies on the conditions.
final class Preconditions: Sendable {
    private let ifMatch: String?
    private let ifNoneMatch: String?
    private let isEvaluated = Atomic(false)

    /// Nil if the request has none of them.
    init?(_ request: Request) {
        ifMatch = request.field(.ifMatch)
        ifNoneMatch = request.field(.ifNoneMatch)
        if ifMatch == nil, ifNoneMatch == nil { return nil }
    }

    /// Evaluates both against the resource, or against its absence.
    /// - Throws: `Problem` 412 `precondition_failed`.
    func evaluate(_ current: ETag?) throws {
        isEvaluated.store(true, ordering: .relaxed)
        if let ifMatch {
            guard let current, current.isNamed(byIfMatch: ifMatch) else {
                throw Problem.hasChanged
            }
        }
        if let ifNoneMatch, let current, current.isNamed(byIfNoneMatch: ifNoneMatch) {
            throw Problem.hasChanged
        }
    }

    /// - Throws: `Problem` 422 `invalid_request` if the handler has not evaluated them.
    func requireEvaluated() throws {
        guard !isEvaluated.load(ordering: .relaxed) else { return }
        throw unsupported
    }

    fileprivate var unsupported: Problem {
        .invalid(
            [("If-Match", ifMatch), ("If-None-Match", ifNoneMatch)].filter { $0.1 != nil }.map {
                .init(field: $0.0, message: "is not supported by this operation")
            })
    }
}

extension Request {
    /// Rejects conditions on a call without a resource.
    /// - Throws: `Problem` 422 `invalid_request`.
    func requireNoPrecondition() throws {
        if let preconditions = Preconditions(self) { throw preconditions.unsupported }
    }
}

extension Call {
    /// Rejects a change if the resource differs from the version that the client has seen.
    ///
    /// Call it inside the transaction that makes the change.
    /// - Parameter current: the resource in the form that the client gets, or nil if it does not
    ///   exist. Nil matches no tag, not even `*`.
    /// - Throws: `Problem` 412 `precondition_failed`.
    public func requireMatch<T: JSONWritable>(_ current: T?) throws {
        guard let preconditions else { return }
        try preconditions.evaluate(current.map { ETag(of: JSONWriter.bytes(of: $0)) })
    }

    /// The same for a resource that is costly to read: `current` runs only if there are conditions.
    public func requireMatch<T: JSONWritable>(_ current: () throws -> T?) throws {
        if preconditions != nil { try requireMatch(try current()) }
    }
}

extension Problem {
    /// 412: the resource differs from the version that the request names.
    static let hasChanged = Problem(
        .preconditionFailed, "precondition_failed",
        "The resource does not match the precondition. Read it again.")
}
