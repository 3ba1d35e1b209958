import Logging
import Outbox
import Storage
import Threads
import Values

/// Attempts jobs, and records the results.
struct JobAttempts: Sendable {
    /// The pauses in seconds after failed attempts of a job of an unknown kind.
    ///
    /// During an upgrade, a newer courier may have a handler for it.
    private static let unknownKindSeconds: [Int64] = [60, 300, 1800, 7200, 43_200]
    /// The largest number of bytes of an error that is kept.
    private static let errorBytesMax = 1000

    private let store: any Store
    private let handlers: [String: JobHandler]
    private let counts: CourierCounts
    private let log: Logger
    private let clock: @Sendable () -> Instant

    init(
        on store: any Store, handlers: [JobHandler], counts: CourierCounts, log: Logger,
        clock: @escaping @Sendable () -> Instant
    ) {
        self.store = store
        self.handlers = Dictionary(handlers.map { ($0.kind, $0) }) { first, _ in first }
        self.counts = counts
        self.log = log
        self.clock = clock
    }

    /// Makes one attempt and records its result, also if that takes several tries.
    ///
    /// `isHeld` says whether the courier still holds the lease.
    func run(_ job: Job, _ lease: JobLease, whileHeld isHeld: @Sendable () -> Bool) {
        let outcome = attempt(job)
        var pauseMs: Int64 = 100
        var mayBeRecorded = false
        while isHeld() {
            do {
                try record(outcome, of: job, lease, again: mayBeRecorded)
                return
            } catch let error where error.mayPass {
                if case StoreError.outcomeUnknown = error { mayBeRecorded = true }
                // The work is done, so do not repeat it because the database is busy.
                _ = Semaphore(0).wait(timeoutMs: pauseMs)
                pauseMs = min(5000, pauseMs * 2)
            } catch {
                return giveUp(job, lease, because: error)
            }
        }
    }

    /// Repeats a job whose result cannot be recorded, as after a failed attempt.
    private func giveUp(_ job: Job, _ lease: JobLease, because error: any Error) {
        log.error("cannot record", metadata: ["job": "\(job.id)", "error": "\(error)"])
        do {
            try record(
                .retry(error: "The result could not be recorded: \(error)"), of: job, lease)
        } catch {
            // The lease runs out.
            log.error("cannot fail", metadata: ["job": "\(job.id)", "error": "\(error)"])
        }
    }

    private func attempt(_ job: Job) -> JobOutcome {
        guard let handler = handlers[job.kind] else {
            return .retry(error: "This version of the courier does not know the kind \(job.kind).")
        }
        do {
            return try handler.attempt(job)
        } catch {
            return .retry(error: "\(error)")
        }
    }

    /// Ends the attempt and calls the handler's record, in one transaction.
    ///
    /// `again` says whether an earlier call may have done so without an answer of the server.
    private func record(
        _ outcome: JobOutcome, of job: Job, _ lease: JobLease, again: Bool = false
    ) throws {
        let end = end(of: outcome, of: job)
        let now = clock()
        let isOurs = try store.write { tx in
            let (isOurs, record) = try apply(outcome, end, to: lease, at: now, in: tx)
            if isOurs { try record?(end, tx) }
            return isOurs
        }
        guard isOurs || again else {
            counts.lostLeases.add(1, ordering: .relaxed)
            log.warning("lost a lease", metadata: ["job": "\(job.id)", "kind": "\(job.kind)"])
            return
        }
        counts.note(end, of: job.kind)
        note(outcome, end, of: job)
    }

    private func apply(
        _ outcome: JobOutcome, _ end: JobEnd, to lease: JobLease, at now: Instant,
        in tx: any Transaction
    ) throws -> (isOurs: Bool, record: ResultRecord?) {
        switch (outcome, end) {
        case (.done(let record), _):
            return (try complete(lease, in: tx), record)
        case (.retry(_, let error, let record), .retried(let time)):
            return (try release(lease, until: time, error: kept(error), in: tx), record)
        case (.retry(_, let error, let record), _), (.failed(let error, let record), _):
            return (try fail(lease, error: kept(error), at: now, in: tx), record)
        }
    }

    private func end(of outcome: JobOutcome, of job: Job) -> JobEnd {
        switch outcome {
        case .done: return .completed
        case .failed: return .failed
        case .retry(let afterSeconds, _, _):
            let pauses = handlers[job.kind]?.retrySeconds ?? Self.unknownKindSeconds
            let index = Int(clamping: job.attempts) - 1
            guard pauses.indices.contains(index) else { return .failed }
            // The random part keeps jobs that failed together from being repeated together.
            let pauseMs = (afterSeconds ?? pauses[index]) * 1000
            let randomMs = Int64.random(in: 0...max(1, pauseMs / 5))
            return .retried(at: Instant(milliseconds: clock().milliseconds + pauseMs + randomMs))
        }
    }

    private func note(_ outcome: JobOutcome, _ end: JobEnd, of job: Job) {
        let error: String
        switch outcome {
        case .done: return
        case .retry(_, let reason, _), .failed(let reason, _): error = reason
        }
        let fields: Logger.Metadata = [
            "job": "\(job.id)", "kind": "\(job.kind)", "queue": "\(job.queue)",
            "attempt": "\(job.attempts)", "error": "\(kept(error))",
        ]
        if end == .failed {
            log.error("failed", metadata: fields)
        } else {
            log.info("retry", metadata: fields)
        }
    }

    private func kept(_ error: String) -> String {
        String(decoding: error.utf8.prefix(Self.errorBytesMax), as: UTF8.self)
    }
}

extension Error {
    /// Whether the same transaction may succeed later.
    var mayPass: Bool {
        guard let error = self as? StoreError else { return false }
        return switch error {
        case .busy, .timeout, .unavailable, .outcomeUnknown: true
        case .noTable, .constraint, .column, .schema, .engine: false
        }
    }
}
