import CPQ
import Glibc
import Storage
import Threads

/// A connection to the server, with its prepared statements.
///
/// It is always in libpq's pipeline mode: statements are queued, sent together, and their results
/// are read in order. https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
///
/// `@unchecked Sendable`: one thread uses it at a time. The pool lends it to one thread.
final class PostgresConnection: @unchecked Sendable {
    let pq: OpaquePointer
    let settings: PostgresSettings
    let warnings = Warnings()
    let openedMs = monotonicMs()
    var statements: StatementNames
    var parameters = Parameters()
    /// What has been sent and not yet answered, in order.
    var expected = ExpectedAnswers()
    /// The results of announced statements, in order, until the transaction takes them.
    var announced: [QueryResult] = []
    /// Whether the connection can no longer be used.
    var isBroken = false

    /// Opens a connection and checks the server.
    ///
    /// - Throws: `StoreError.unavailable` with a sentence for the operator.
    init(_ settings: PostgresSettings) throws {
        guard let pq = connect(settings.address.parameters) else {
            throw StoreError.unavailable("There is no memory for a connection.")
        }
        self.pq = pq
        self.settings = settings
        statements = StatementNames(statementsMax: settings.statementsMax)
        // From here on, `deinit` closes the connection.
        settings.counts.connectionsOpen.add(1, ordering: .relaxed)
        guard PQstatus(pq) == CONNECTION_OK else {
            throw openingFailure(settings.address, String(cString: PQerrorMessage(pq)))
        }
        settings.counts.connectionsOpened.add(1, ordering: .relaxed)
        guard PQsetnonblocking(pq, 1) == 0 else {
            throw StoreError.unavailable("The connection cannot be made non-blocking.")
        }
        warnings.install(on: pq)
        do {
            try configure()
        } catch let failure as ServerFailure {
            throw failure.storeError(isWrite: true)
        } catch is AnswerOverdue {
            throw StoreError.overdue(settings)
        } catch let lost as ConnectionLost {
            throw StoreError.lost(settings, lost)
        }
        guard PQenterPipelineMode(pq) == 1 else {
            throw StoreError.unavailable("The connection cannot enter pipeline mode.")
        }
    }

    deinit {
        settings.counts.connectionsOpen.subtract(1, ordering: .relaxed)
        // Never PQcancel: cancelling a COMMIT that waits for a standby makes it succeed.
        PQfinish(pq)
    }

    /// Whether the server has not closed the connection while nobody used it.
    var isOpen: Bool {
        !isBroken && PQconsumeInput(pq) == 1 && PQstatus(pq) == CONNECTION_OK
    }

    /// The results of the statements that were announced, in order.
    func takeAnnounced() -> [QueryResult] {
        guard !announced.isEmpty else { return [] }
        defer { announced = [] }
        return announced
    }

    /// Reads what has arrived, and waits for more until the server has answered.
    func waitForAnswer(until deadlineMs: Int64?) throws {
        while PQisBusy(pq) != 0 {
            try wait(for: POLLIN, until: deadlineMs)
            guard PQconsumeInput(pq) == 1 else { throw lost() }
        }
    }

    /// Sends everything that libpq has buffered.
    func sendBuffer(until deadlineMs: Int64?) throws {
        settings.counts.flushes.add(1, ordering: .relaxed)
        while true {
            switch PQflush(pq) {
            case 0: return
            case 1:
                // The server may have to send before it can receive.
                try wait(for: POLLIN | POLLOUT, until: deadlineMs)
                guard PQconsumeInput(pq) == 1 else { throw lost() }
            default: throw lost()
            }
        }
    }

    /// Marks the connection as broken.
    func lost(_ reason: String? = nil, unanswered: Int? = nil) -> ConnectionLost {
        isBroken = true
        settings.counts.connectionsLost.add(1, ordering: .relaxed)
        let message = reason ?? String(cString: PQerrorMessage(pq))
        return ConnectionLost(reason: message.oneLine, unanswered: unanswered)
    }

    private func wait(for events: Int32, until deadlineMs: Int64?) throws {
        var descriptor = pollfd(fd: PQsocket(pq), events: Int16(events), revents: 0)
        while true {
            let timeoutMs = deadlineMs.map { Int32(clamping: max(0, $0 - monotonicMs())) } ?? -1
            let count = poll(&descriptor, 1, timeoutMs)
            if count > 0 { return }
            if count == 0 {
                isBroken = true
                throw AnswerOverdue()
            }
            guard errno == EINTR else { throw lost(String(cString: strerror(errno))) }
        }
    }
}

/// Connects as libpq does, trying each host for `connect_timeout` seconds.
private func connect(_ parameters: [String: String]) -> OpaquePointer? {
    let pairs = parameters.map { ($0.key, $0.value) }
    let keywords = pairs.map { strdup($0.0) }
    let values = pairs.map { strdup($0.1) }
    defer { for text in keywords + values { free(text) } }
    return PQconnectdbParams(
        keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
}

extension String {
    /// The text without line breaks, for a message.
    var oneLine: String {
        split { $0 == "\n" || $0 == "\t" }.joined(separator: " ")
    }
}

extension StoreError {
    static func overdue(_ settings: PostgresSettings) -> StoreError {
        .unavailable(
            "The server of \(settings.address.name) did not answer within \(settings.busyWaitMs) ms."
        )
    }

    static func lost(_ settings: PostgresSettings, _ lost: ConnectionLost) -> StoreError {
        .unavailable("The connection to \(settings.address.name) broke: \(lost.reason)")
    }
}
