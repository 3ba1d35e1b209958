import Glibc
import HTTP
import Storage
import Synchronization
import TestShop

/// Responses that threads received, by the number of the thread.
final class Answers: Sendable {
    private let answers: Mutex<[Response?]>

    init(count: Int) {
        answers = Mutex(Array(repeating: nil, count: count))
    }

    /// Records the response, or nil if the request could not be sent.
    func note(_ number: Int, _ send: () throws -> Response) {
        let answer = try? send()
        answers.withLock { $0[number] = answer }
    }

    var all: [Response?] { answers.withLock { $0 } }
}

extension TestShop {
    /// The response to ada's login.
    ///
    /// `change` commits after the login has read her password and before it writes the session.
    func loginDuring(_ change: @escaping @Sendable (any Transaction) throws -> Void) throws
        -> Response
    {
        try during(change) { try $0.login("ada") }
    }

    /// The response to a request.
    ///
    /// `change` commits after the request was authorized and before it writes.
    func during(
        _ change: @escaping @Sendable (any Transaction) throws -> Void,
        _ send: @escaping @Sendable (TestShop) throws -> Response
    ) throws -> Response {
        let isHeld = Atomic(false)
        let answers = Answers(count: 1)
        onThreads(2) { number in
            if number == 0 {
                // This job holds all accounts and sessions until the request has had half a second.
                _ = try? self.store.write { tx in
                    // As the end of a session does: the request waits for these rows.
                    for locked: SQL in [
                        "SELECT id FROM customers ORDER BY id \(.alone("customers"))",
                        "SELECT id FROM sessions ORDER BY id \(.alone("sessions"))",
                    ] { _ = try tx.all(locked) { try $0["id"] as Int64 } }
                    isHeld.store(true, ordering: .releasing)
                    usleep(500_000)
                    try change(tx)
                }
            } else {
                while !isHeld.load(ordering: .acquiring) { usleep(1000) }
                answers.note(0) { try send(self) }
            }
        }
        guard let answer = answers.all.first ?? nil else {
            throw TestFailure(description: "The request could not be sent.")
        }
        return answer
    }
}
