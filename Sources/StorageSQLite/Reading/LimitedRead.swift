import CSQLite
import Storage
import Synchronization
import Threads

/// How long a read with a time limit waits for its turn, in milliseconds.
///
/// It is short because the waiting thread serves no other request.
private let turnWaitMs: Int64 = 25

/// After how many steps of its virtual machine SQLite calls the progress handler: about 0.1 ms.
///
/// https://www.sqlite.org/c3ref/progress_handler.html
private let stepsPerCheck: Int32 = 1000

extension Connection {
    func within<T>(milliseconds: Int64, _ body: () throws -> T) throws -> T {
        guard settings.limitedReads.wait(timeoutMs: turnWaitMs) else { throw StoreError.busy }
        defer { settings.limitedReads.signal() }
        let limit = TimeLimit(milliseconds)
        let database = handle.database
        return try withExtendedLifetime(limit) {
            sqlite3_progress_handler(
                database, stepsPerCheck,
                { context in
                    guard let context else { return 0 }
                    return Unmanaged<TimeLimit>.fromOpaque(context).takeUnretainedValue().isOver
                        ? 1 : 0
                },
                Unmanaged.passUnretained(limit).toOpaque())
            defer {
                sqlite3_progress_handler(database, 0, nil, nil)
                settings.counts.limitedSteps.add(
                    limit.checks * Int(stepsPerCheck), ordering: .relaxed)
            }
            do {
                return try body()
            } catch StoreError.timeout {
                settings.counts.timeouts.add(1, ordering: .relaxed)
                throw StoreError.timeout
            }
        }
    }
}

/// A limit on the calling thread's processor time, and on ten times as much time by the clock.
///
/// On a busy machine a cheap read takes long because its thread waits for a processor.
private final class TimeLimit {
    private let endProcessorMs: Int64
    private let endMs: Int64
    private(set) var checks = 0

    init(_ milliseconds: Int64) {
        endProcessorMs = threadProcessorMs() + milliseconds
        endMs = monotonicMs() + 10 * milliseconds
    }

    var isOver: Bool {
        checks += 1
        return threadProcessorMs() >= endProcessorMs || monotonicMs() >= endMs
    }
}
