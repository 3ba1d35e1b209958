import HTTP
import Storage
import Values

/// Runs the transactions of one request, with its caller and its idempotency key.
struct Transactions: Sendable {
    let store: any Store
    let admission: Admission
    let credential: Credential?
    let route: Route
    let path: PathParameters
    let now: Instant
    /// Nil without a key, and in a dry run, which stores no response.
    var key: IdempotencyKey?
    let isDryRun: Bool
    /// The time for which the request waits; nil if it cannot wait.
    let pauses: Pauses?
    let reclaim: Reclaim?

    var end: TransactionEnd { isDryRun ? .rollback : .commit }

    /// The caller, if they may use the route.
    /// - Throws: `Problem` 401, 403.
    func admit(in tx: any Transaction) throws -> Caller {
        try admission.admit(credential, to: route, path, at: now, in: tx)
    }

    /// Admits the caller in a separate transaction.
    func admit() throws -> Caller {
        guard credential != nil else { return .anonymous }
        return try store.read(admit(in:))
    }

    /// Announces what `once` will ask and `handler` will run, before the caller is admitted.
    ///
    /// A caller without a session may be nobody, so nothing is done for them yet.
    func announceOnce(and handler: Route.Announcement? = nil, in tx: any Transaction) {
        guard case .session(let claims) = credential else { return }
        key?.announce(for: claims.customer, in: tx)
        handler?(tx)
    }

    /// Runs `work`.
    /// - Throws: `Replay` if a request with the same key has a response; `Problem`.
    func once(
        _ call: Call, in tx: any Transaction, _ work: () throws -> Response
    ) throws -> Response {
        guard let key else { return try work() }
        return try key.once(for: call.caller, at: call.now, in: tx, work)
    }

    /// Runs a write, and once more if it failed because of holds that could be ended.
    func orReclaim(_ write: () throws -> Response) throws -> Response {
        do {
            return try write()
        } catch let problem as Problem {
            guard let reclaim, reclaim.codes.contains(problem.code), try reclaim.run(store, now)
            else { throw problem }
            return try write()
        }
    }

    /// Runs a write that calls `once`, or replays the stored response.
    ///
    /// Where writers run at once, a retry does not see a first call that has not committed yet, and
    /// waits for its locks. After the commit the retry fails because of what the first call has
    /// changed, for example with `insufficient_stock`.
    func orReplay(_ call: Call, _ write: () throws -> Response) throws -> Response {
        do {
            return try orReclaim(write)
        } catch let replay as Replay {
            return replay.response
        } catch let problem as Problem {
            guard let key else { throw problem }
            let stored = try store.read { tx in
                try key.replay(to: try admit(in: tx), at: call.now, in: tx)
            }
            guard let stored else { throw problem }
            return stored
        }
    }
}
