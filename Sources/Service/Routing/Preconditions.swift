import HTTP
import HTTPTypes
import Synchronization

/// A request's `If-Match` and `If-None-Match` (RFC 9110 §13.1).
///
/// A handler evaluates them against the resource that it changes, inside its transaction. A change
/// whose handler did not is refused: its sender believes that they hold.
final class Preconditions: Sendable {
    private let ifMatch: String?
    private let ifNoneMatch: String?
    private let isEvaluated = Atomic(false)

    /// Nil if the request has neither.
    init?(_ request: Request) {
        ifMatch = request.field(.ifMatch)
        ifNoneMatch = request.field(.ifNoneMatch)
        if ifMatch == nil, ifNoneMatch == nil { return nil }
    }

    /// Compares both with the resource, or with its absence.
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

    /// - Throws: `Problem` 422 `invalid_request` if nothing has evaluated them.
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
    /// Refuses conditions on a call that has no resource to compare them with.
    /// - Throws: `Problem` 422 `invalid_request`.
    func requireNoPrecondition() throws {
        if let preconditions = Preconditions(self) { throw preconditions.unsupported }
    }
}

extension Call {
    /// Refuses the change of a resource that is no longer the one its sender saw.
    ///
    /// Call it inside the transaction that makes the change.
    /// - Parameter current: the resource as its sender would be shown it, or nil if there is none
    ///   yet, which matches nothing, not even `*`.
    /// - Throws: `Problem` 412 `precondition_failed`.
    public func requireMatch<T: JSONWritable>(_ current: T?) throws {
        guard let preconditions else { return }
        try preconditions.evaluate(current.map { ETag(of: JSONWriter.bytes(of: $0)) })
    }
}

extension Problem {
    /// 412: the resource is not the one that the request is for.
    static let hasChanged = Problem(
        .preconditionFailed, "precondition_failed",
        "The resource does not match the precondition. Read it again.")
}
