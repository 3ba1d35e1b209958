import CGlibc
import Glibc
import HTTP
import Logging
import Synchronization
import Threads

/// Takes requests from a web server and has them answered (FastCGI 1.0), several at a time.
///
/// One thread accepts. A ready set holds every connection; each worker takes one that is ready,
/// serves one request and puts it back.
public final class Listener: Sendable {
    /// What may differ from one process to the next.
    public struct Configuration: Sendable {
        /// Threads that answer, at least 1.
        public var workers: Int
        /// How long a worker waits for a peer that has begun a request and fallen silent.
        public var receiveTimeoutMs = 10_000
        /// How long a worker waits for a peer that does not read its answer.
        public var sendTimeoutMs = 10_000
        /// A larger body is refused with 413.
        public var bodyBytesMax = Request.bodyBytesMax
        /// How long, at the end, a peer may take to close a connection.
        ///
        /// nginx does within its turn, milliseconds; this is for one that is held up, or that does
        /// not understand.
        public var dismissalMs = 1000
        /// Connections open at a time; more wait in the socket's backlog, and none is kept at the
        /// bound.
        ///
        /// Half of the 1024 descriptors that a process gets unless told otherwise.
        public var connectionsMax = 512

        /// The defaults, with this many workers.
        public init(workers: Int) {
            self.workers = workers
        }
    }

    let configuration: Configuration
    let handle: @Sendable (Request) -> Response
    let socket: ListeningSocket
    let logger: Logger
    let ready: ReadySet
    let connections: Connections
    /// Readable from the beginning of the drain on.
    let stopAccepting: Descriptor
    /// Readable from its end on.
    let stopWorking: Descriptor
    /// The accepting one, and then the workers.
    private let threads = Mutex<[Thread]>([])
    private let draining = Atomic(false)
    private let busyWorkers = Atomic(0)
    private let finishedRequests = Atomic(0)
    private let unreadableRequests = Atomic(0)
    private let failedAccepts = Atomic(0)

    /// A listener that has not started yet.
    ///
    /// `handle` runs on several threads at once, and may block.
    /// - Throws: `StartError`
    public init(
        on socket: ListeningSocket, _ configuration: Configuration, logger: Logger,
        handle: @escaping @Sendable (Request) -> Response
    ) throws {
        guard Exchange.isReady else { throw StartError("libfcgi cannot be initialised") }
        guard configuration.workers > 0, configuration.connectionsMax > 0 else {
            throw StartError("a listener needs a worker and a connection at least")
        }
        Allocator.bound()
        self.socket = socket
        self.configuration = configuration
        self.logger = logger
        self.handle = handle
        ready = try ReadySet()
        connections = try Connections(
            countMax: configuration.connectionsMax, graceMs: configuration.dismissalMs)
        stopAccepting = try Descriptor(eventfd(0, Int32(EFD_CLOEXEC)), from: "open an eventfd")
        stopWorking = try Descriptor(eventfd(0, Int32(EFD_CLOEXEC)), from: "open an eventfd")
    }

    /// Starts the workers and returns.
    ///
    /// SIGTERM and SIGINT are the caller's to block, in every other thread, and to wait for.
    /// - Throws: `StartError`, with nothing left running.
    public func start() throws {
        guard ready.watchForAll(stopWorking.number) else {
            throw StartError(failedTo: "watch an eventfd")
        }
        do {
            try startThread("accept") {
                var acceptor = Acceptor(for: $0)
                acceptor.run()
            }
            for number in 1...configuration.workers {
                try startThread("worker-\(number)") {
                    var worker = Worker(for: $0)
                    worker.run()
                }
            }
        } catch {
            drain()
            throw error
        }
    }

    private func startThread(_ name: String, _ body: @escaping @Sendable (Listener) -> Void) throws
    {
        let thread = try Thread(named: name) { [self] in body(self) }
        threads.withLock { $0.append(thread) }
    }

    /// Stops accepting, answers what comes on the connections that are open, and has each closed.
    ///
    /// Returns when the last thread has ended. That takes as long as the slowest handler, which
    /// whoever started the process bounds, and until the web server has closed its connections,
    /// which it is asked to do at once. Those of a peer that does not are closed in the end.
    public func drain() {
        guard !draining.exchange(true, ordering: .relaxed) else { return }
        let ending = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        eventfd_write(stopAccepting.number, 1)
        // From here on no connection is added.
        ending.first?.join()
        connections.dismissAll()
        while connections.areInUse { usleep(1000) }
        eventfd_write(stopWorking.number, 1)
        for worker in ending.dropFirst() { worker.join() }
        connections.closeAll()
        socket.close()
    }
}

extension Listener {
    /// What the workers have done and are doing.
    public struct Progress: Sendable, Equatable {
        /// Requests answered since the start.
        public let finished: Int
        /// Workers that wait for something to do.
        public let idle: Int

        /// Whether something still moves, for a watchdog that asks now and then.
        ///
        /// False where every worker has been busy both times and no request was finished between.
        public func isAlive(since earlier: Progress) -> Bool {
            idle > 0 || earlier.idle > 0 || finished != earlier.finished
        }
    }

    /// What the workers have done and are doing, at this moment.
    public var progress: Progress {
        Progress(
            finished: finishedRequests.load(ordering: .relaxed), idle: workers - busy)
    }

    /// Workers that there are.
    public var workers: Int { configuration.workers }

    /// Workers that read, answer or write at this moment.
    public var busy: Int { busyWorkers.load(ordering: .relaxed) }

    /// Connections that are open, busy or not.
    public var connectionsOpen: Int { connections.countNow }
    /// Tries to accept a connection that failed, as where there are no descriptors left.
    public var acceptFailures: Int { failedAccepts.load(ordering: .relaxed) }
    /// Requests that were refused before anybody could be asked: unreadable, or too large.
    public var unreadable: Int { unreadableRequests.load(ordering: .relaxed) }

    func workerIsBusy() { busyWorkers.add(1, ordering: .relaxed) }
    func workerIsIdle() { busyWorkers.subtract(1, ordering: .relaxed) }
    func acceptHasFailed() { failedAccepts.add(1, ordering: .relaxed) }
    func requestIsUnreadable() { unreadableRequests.add(1, ordering: .relaxed) }
    func requestIsFinished() { finishedRequests.add(1, ordering: .relaxed) }
}
