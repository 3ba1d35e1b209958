import FastCGI
import Glibc
import HTTP
import Logging
import Storage
import Synchronization

/// The health of the whole shop: this responder and the other ones.
///
/// The sockets of all responders are in one folder. One thread queries all of them at once, for two
/// seconds at most. The result is valid for a second, and other threads use the last one meanwhile.
/// Concurrent requests therefore cost no more than one. A query occupies a thread of each other
/// responder as long, so a shop queries one responder at a time (nginx/http/upstreams.conf).
final class ShopHealth: Sendable {
    private static let patienceMs = 2000

    /// The result of a query.
    struct Report: Sendable {
        /// The faults of the responders.
        var faults: [Problem.Fault]
        /// Whether the courier is healthy; the shop sells without it.
        var isCourierUp: Bool
    }

    private struct State {
        var report: Report?
        var end = ContinuousClock.now
        var isAsking = false
    }

    private let name: String
    private let folder: String?
    private let store: any Engine
    private let room: DiskRoom
    private let log: Logger
    private let state = Mutex(State())

    init(
        of name: String, at socket: String?, on store: any Engine, room: DiskRoom, log: Logger
    ) {
        self.name = name
        folder = socket.map { path in
            path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        }
        self.store = store
        self.room = room
        self.log = log
    }

    /// The fault of this responder, or nil.
    ///
    /// The check only reads from the database. The free disk space and the results of the writes of
    /// the last 10 s show whether writes work.
    func ownFault() -> Problem.Fault? {
        do {
            try schema.verify(store)
            if let fault = room.fault { return .init(field: name, message: fault) }
            guard !store.hasFailedToWrite(withinSeconds: 10) else {
                return .init(field: name, message: "cannot write to the database")
            }
            return nil
        } catch StoreError.schema(let sentence) {
            log.warning("unhealthy", metadata: ["error": "\(sentence)"])
            return .init(field: name, message: "requires a different schema than the database has")
        } catch {
            log.warning("unhealthy", metadata: ["error": "\(error)"])
            return .init(field: name, message: "cannot read the database")
        }
    }

    /// The health of the shop, at most 1 s old, or 3 s if a responder does not answer.
    func report() -> Report {
        // After a long pause, a second thread waits for the result of the first.
        for _ in 0..<300 {
            switch turn() {
            case .known(let report): return report
            case .ask:
                let report = ask()
                state.withLock { $0 = State(report: report, end: .now) }
                return report
            case .wait: usleep(10_000)
            }
        }
        let fault = Problem.Fault(field: name, message: "got no responses of the others in time")
        return Report(faults: [fault], isCourierUp: false)
    }

    private enum Turn {
        case known(Report)
        case ask
        case wait
    }

    private func turn() -> Turn {
        state.withLock {
            // While a query is in progress, an older result is accepted.
            let ageMax: Duration = $0.isAsking ? .seconds(3) : .seconds(1)
            if let report = $0.report, $0.end.duration(to: .now) < ageMax { return .known(report) }
            guard !$0.isAsking else { return .wait }
            $0.isAsking = true
            return .ask
        }
    }

    private func ask() -> Report {
        let end = ContinuousClock.now + .milliseconds(ShopHealth.patienceMs)
        let siblings = ResponderProgram.all.map { "\($0.name)" }.filter { $0 != name }
        let asked = siblings.map { Sibling($0, in: folder) }
        let courier = Sibling("\(ResponderProgram.courier.name)", in: folder)
        let own = ownFault()
        func fault(of sibling: Sibling) -> Problem.Fault? {
            sibling.fault(withinMs: max(1, Int((end - .now) / .milliseconds(1))))
        }
        let others = asked.compactMap(fault)
        return Report(
            faults: (own.map { [$0] } ?? []) + others, isCourierUp: fault(of: courier) == nil)
    }
}

/// Another responder and the query of its health.
private final class Sibling {
    private let name: String
    private let client: ResponderClient?

    init(_ name: String, in folder: String?) {
        self.name = name
        client = folder.flatMap {
            try? ResponderClient("/healthz/\(name)", at: "\($0)/\(name).sock")
        }
    }

    func fault(withinMs milliseconds: Int) -> Problem.Fault? {
        switch client?.status(withinMs: milliseconds) {
        case 200?: nil
        case nil: .init(field: name, message: "does not answer")
        default: .init(field: name, message: "reports that it is unhealthy")
        }
    }
}
