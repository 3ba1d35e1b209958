import Logging
import Synchronization
import Threads

/// A thread that repeats a step until it is stopped.
final class RepeatingThread: Sendable {
    /// The longest pause in milliseconds after a step that failed.
    private static let failurePauseMaxMs: Int64 = 10_000

    private let name: String
    private let log: Logger
    private let step: @Sendable () throws -> Int64
    private let wakes = Semaphore(0)
    private let isStopping = Atomic(false)
    private let finishedSteps = Atomic(0)
    private let thread = Mutex<Thread?>(nil)

    /// Creates a thread that has not started.
    ///
    /// `step` returns the pause in milliseconds before the next step.
    init(named name: String, log: Logger, step: @escaping @Sendable () throws -> Int64) {
        self.name = name
        self.log = log
        self.step = step
    }

    /// The number of steps that have returned or failed.
    var steps: Int { finishedSteps.load(ordering: .relaxed) }

    func start() throws {
        let started = try Thread(named: name) { [self] in run() }
        thread.withLock { $0 = started }
    }

    /// Ends the present pause.
    func wake() { wakes.signal() }

    /// Stops after the present step, and waits for it.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        wake()
        let ending = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        ending?.join()
    }

    private func run() {
        var failures = Int64(0)
        while !isStopping.load(ordering: .relaxed) {
            var pauseMs: Int64
            do {
                pauseMs = try step()
                failures = 0
            } catch {
                failures += 1
                pauseMs = min(Self.failurePauseMaxMs, 500 * failures * failures)
                log.error("\(name) failed", metadata: ["error": "\(error)"])
            }
            finishedSteps.add(1, ordering: .relaxed)
            guard pauseMs > 0, wakes.wait(timeoutMs: pauseMs) else { continue }
            // One step serves all of the calls of `wake`.
            while wakes.wait(timeoutMs: 0) {}
        }
    }
}
