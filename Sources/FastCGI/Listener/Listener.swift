import CGlibc
import Glibc
import HTTP
import Logging
import Synchronization
import Threads

/// Receives requests from a web server (FastCGI 1.0) and answers several at a time.
///
/// One thread accepts connections. A ready set holds every connection. Each worker takes one that
/// is ready, serves one request and puts the connection back.
public final class Listener: Sendable {
    /// The settings of a listener.
    public struct Configuration: Sendable {
        /// The number of threads that answer requests, at least 1.
        public var workers: Int
        /// The timeout in milliseconds for reading a request that has begun.
        public var receiveTimeoutMs = 10_000
        /// The timeout in milliseconds for a peer that does not read its response.
        public var sendTimeoutMs = 10_000
        /// The largest body in bytes; a larger one is rejected with 413.
        public var bodyBytesMax = Request.bodyBytesMax
        /// The time in milliseconds that a peer has to close a dismissed connection.
        ///
        /// nginx needs some milliseconds. The limit is for a peer that is delayed or ignores the
        /// dismissal.
        public var dismissalMs = 1000
        /// The largest number of open connections.
        ///
        /// Further connections wait in the backlog of the socket, and no connection is kept at the
        /// limit. The default is half of 1024, the usual limit of descriptors.
        public var connectionsMax = 512

        /// Creates the default configuration with this many workers.
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
    /// Readable once the drain has begun.
    let stopAccepting: Descriptor
    /// Readable once the drain has ended.
    let stopWorking: Descriptor
    /// The accepting thread, followed by the workers.
    private let threads = Mutex<[Thread]>([])
    private let draining = Atomic(false)
    private let busyWorkers = Atomic(0)
    private let finishedRequests = Atomic(0)
    private let unreadableRequests = Atomic(0)
    private let failedAccepts = Atomic(0)

    /// Creates a listener that has not started.
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

    /// Starts the threads and returns.
    ///
    /// The caller must block SIGTERM and SIGINT in every thread and wait for them.
    /// - Throws: `StartError`, after stopping all threads.
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

    /// Stops accepting, answers the requests on open connections and closes all connections.
    ///
    /// Returns when the last thread has ended. That takes as long as the slowest handler, which the
    /// process's service manager limits, and until the web server has closed its connections. The
    /// web server is asked to do so at once. Connections of other peers are closed after the grace
    /// period.
    public func drain() {
        guard !draining.exchange(true, ordering: .relaxed) else { return }
        let ending = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        eventfd_write(stopAccepting.number, 1)
        // No connection is added from here on.
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
    /// The number of finished requests and of idle workers.
    public struct Progress: Sendable, Equatable {
        /// The number of requests answered since the start.
        public let finished: Int
        /// The number of workers that wait for a request.
        public let idle: Int

        /// Whether the workers make progress, for a watchdog that polls.
        ///
        /// False if no worker was idle at either time and no request finished between them.
        public func isAlive(since earlier: Progress) -> Bool {
            idle > 0 || earlier.idle > 0 || finished != earlier.finished
        }
    }

    /// The current progress of the workers.
    public var progress: Progress {
        Progress(
            finished: finishedRequests.load(ordering: .relaxed), idle: workers - busy)
    }

    /// The number of workers.
    public var workers: Int { configuration.workers }

    /// The number of workers that read, answer or write at this moment.
    public var busy: Int { busyWorkers.load(ordering: .relaxed) }

    /// The number of open connections, busy or idle.
    public var connectionsOpen: Int { connections.countNow }
    /// The number of failed attempts to accept a connection, for example without free descriptors.
    public var acceptFailures: Int { failedAccepts.load(ordering: .relaxed) }
    /// The number of requests rejected before routing: unreadable or too large.
    public var unreadable: Int { unreadableRequests.load(ordering: .relaxed) }

    func workerIsBusy() { busyWorkers.add(1, ordering: .relaxed) }
    func workerIsIdle() { busyWorkers.subtract(1, ordering: .relaxed) }
    func acceptHasFailed() { failedAccepts.add(1, ordering: .relaxed) }
    func requestIsUnreadable() { unreadableRequests.add(1, ordering: .relaxed) }
    func requestIsFinished() { finishedRequests.add(1, ordering: .relaxed) }
}
