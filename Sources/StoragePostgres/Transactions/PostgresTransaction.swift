import Storage
import Threads

/// A transaction on a connection that the pool has lent.
///
/// One thread uses it.
final class PostgresTransaction {
    let pool: ConnectionPool
    let isWrite: Bool
    /// When the call ends, or nil if it may take as long as it needs.
    var deadlineMs: Int64?
    /// Nil after the connection broke and no other could be opened.
    private var connection: PostgresConnection?
    /// Statements to send together with the next one.
    private var queue: [QueuedStatement] = []
    var announcements = Announcements()
    /// The first error of the server or of the connection, which ends the transaction.
    private(set) var failure: (any Error)?
    /// Whether the server has received anything of this transaction.
    private var hasSent = false
    /// Whether the server has answered, so that the body may rest on the answer.
    private var hasAnswer = false
    /// Whether a stale statement has been sent again.
    private var isRepeated = false
    /// Whether a statement has begun the transaction explicitly, so that a sync does not end it.
    private var isExplicit: Bool
    /// The number of statements that begin the transaction.
    private let beginCount: Int
    /// The time limit of the statements, or 0.
    var limitMs: Int64 = 0
    /// The number of cursors that were opened.
    var cursors = 0

    var settings: PostgresSettings { pool.settings }

    /// The most statements that wait to be sent.
    private static let queueMax = 128

    /// Takes a connection; nothing is sent before the first statement.
    ///
    /// `begin` holds the statements that begin the transaction. A read without them begins with its
    /// first statement and ends with a sync.
    init(
        _ pool: ConnectionPool, isWrite: Bool, until deadlineMs: Int64?,
        begin: [QueuedStatement] = []
    ) throws {
        connection = try pool.take(until: deadlineMs)
        self.pool = pool
        self.isWrite = isWrite
        self.deadlineMs = deadlineMs
        isExplicit = !begin.isEmpty
        queue = begin
        beginCount = begin.count
    }

    /// Runs a statement after the queued ones, all in one round trip.
    ///
    /// - Returns: nil for a change of the schema.
    @discardableResult
    func perform(_ statement: QueuedStatement) throws -> QueryResult? {
        guard failure == nil else { throw StoreError.misuse("The transaction has ended.") }
        if let result = announcements.take(statement) { return result }
        while true {
            do {
                let connection = try open()
                let result = try send(statement, on: connection)
                hasAnswer = true
                queue.removeAll(keepingCapacity: true)
                announcements.receive(connection.takeAnnounced())
                return result
            } catch let lost as ConnectionLost where mayRepeat {
                // The body has seen nothing yet, so another connection serves as well.
                try reconnect(after: lost)
            } catch let failure as ServerFailure
                where failure.isOfStaleStatement && mayRepeat && !isRepeated
            {
                // Once, because what the server does not support has the same SQLSTATE.
                isRepeated = true
                try reconnect(after: failure)
            } catch {
                throw fail(error)
            }
        }
    }

    private func send(_ statement: QueuedStatement, on connection: PostgresConnection) throws
        -> QueryResult?
    {
        hasSent = true
        for queued in queue { try connection.queue(queued) }
        do {
            try connection.queue(statement)
        } catch let change as SchemaChange {
            // It may rewrite a large table.
            try connection.runText(change.text, until: nil)
            return nil
        }
        for announced in announcements.unsent { try connection.queue(announced) }
        return try connection.exchange(until: deadlineMs)
    }

    /// Runs a COPY … FROM STDIN after the queued statements.
    func copyIn(_ text: String, _ body: (_ add: ([Value]) throws -> Void) throws -> Void) throws {
        guard failure == nil else { throw StoreError.misuse("The transaction has ended.") }
        do {
            let connection = try open()
            hasSent = true
            for queued in queue { try connection.queue(queued) }
            queue.removeAll(keepingCapacity: true)
            try connection.copyIn(text, body)
            hasAnswer = true
        } catch {
            throw fail(error)
        }
    }

    /// Sends a statement together with the next one.
    func enqueue(_ statement: QueuedStatement) throws {
        guard failure == nil else { throw StoreError.misuse("The transaction has ended.") }
        guard queue.count < PostgresTransaction.queueMax else {
            try perform(statement)
            return
        }
        queue.append(statement)
    }

    /// Turns the transaction that the first statement opened into one that a sync does not end.
    func makeExplicit() throws {
        guard !isExplicit else { return }
        try enqueue(.prepared("BEGIN", by: .store))
        isExplicit = true
    }

    private var mayRepeat: Bool { !isWrite && !hasAnswer && monotonicMs() < deadlineMs ?? .max }

    private func open() throws -> PostgresConnection {
        guard let connection else { throw StoreError.misuse("The connection is closed.") }
        return connection
    }

    private func reconnect(after failure: any Error) throws {
        guard let broken = connection else { throw fail(failure) }
        connection = nil
        do {
            connection = try pool.replace(broken)
        } catch {
            throw fail(error)
        }
    }

    /// Records the error that ends the transaction, and returns it for the caller.
    private func fail(_ error: any Error) -> any Error {
        // A fault of the caller, such as U+0000, changes nothing on the server, but part of
        // a statement may be queued.
        failure = error
        if spoilsConnection(error) { connection?.isBroken = true }
        return storeError(error)
    }
}

extension PostgresTransaction {
    /// Runs `body` and ends this read.
    func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        defer { abandon() }
        let value = try body(self)
        if failure == nil { endRead() }
        return value
    }

    /// Ends a read, without waiting for the server.
    func endRead() {
        finish { connection in
            if isExplicit { try connection.queue(.prepared("COMMIT", by: .store)) }
        }
    }

    /// Undoes the transaction, without waiting for the server.
    func abandon() {
        finish { connection in
            guard isExplicit else { return }
            // After an error the server skips everything until a sync.
            if failure != nil { try connection.queueSync() }
            try connection.queue(.prepared("ROLLBACK", by: .store))
        }
    }

    /// Commits the write.
    ///
    /// - Returns: whether there was anything to commit.
    /// - Throws: `StoreError.outcomeUnknown` if the server may or may not have committed.
    func commit() throws -> Bool {
        if let failure { throw storeError(failure) }
        try announcements.close()
        guard hasSent || queue.count > beginCount, let connection else {
            finish { _ in }
            return false
        }
        // Enough for a commit of a body that took until the deadline.
        let endMs = deadlineMs.map { max($0, monotonicMs() + PostgresTransaction.commitMs) }
        hasSent = true
        do {
            for queued in queue { try connection.queue(queued) }
            try connection.queue(.prepared("COMMIT", by: .store))
            try connection.queueSync()
        } catch {
            // Nothing of this has been sent, or only what fitted in no buffer.
            throw connection.isBroken ? unknown(error) : fail(error)
        }
        connection.warnings.clear()
        do {
            try connection.sendBuffer(until: endMs)
            let result = try connection.answers(allBut: 1, until: endMs)
            if let warning = connection.warnings.last { throw unknown(warning) }
            guard result?.command == "COMMIT" else {
                throw StoreError.misuse("The transaction has ended.")
            }
        } catch let error as ServerFailure {
            throw fail(error)
        } catch let lost as ConnectionLost {
            // One answer is left for the sync.
            let isBeforeCommit = lost.unanswered.map { $0 > 1 } ?? false
            throw isBeforeCommit ? fail(lost) : unknown(lost)
        } catch is AnswerOverdue {
            throw unknown(AnswerOverdue())
        }
        give(connection)
        return true
    }

    /// Checks everything that a commit would check, and undoes the transaction.
    func rollBack() throws {
        try announcements.close()
        if hasSent || queue.count > beginCount {
            try perform(.prepared("SET CONSTRAINTS ALL IMMEDIATE", by: .store))
        }
        if let failure { throw storeError(failure) }
        abandon()
    }

    /// How long a commit may take at least, in milliseconds.
    private static let commitMs: Int64 = 1000

    private func unknown(_ cause: any Error) -> StoreError {
        let reason =
            switch cause {
            case let lost as ConnectionLost: lost.reason
            case is AnswerOverdue: "the server did not answer in time"
            default: "\(cause)"
            }
        return unknown(reason)
    }

    private func unknown(_ reason: String) -> StoreError {
        let error = StoreError.outcomeUnknown(reason)
        connection?.isBroken = true
        failure = error
        settings.counts.unknownOutcomes.add(1, ordering: .relaxed)
        return error
    }

    /// Sends what ends the transaction and gives the connection back.
    private func finish(_ end: (PostgresConnection) throws -> Void) {
        guard let connection else { return }
        if hasSent, !connection.isBroken {
            do {
                try end(connection)
                try connection.queueSync()
                try connection.sendWithoutWaiting()
            } catch {
                connection.isBroken = true
            }
        }
        give(connection)
    }

    private func give(_ connection: PostgresConnection) {
        self.connection = nil
        _ = connection.takeAnnounced()
        if let failure, spoilsConnection(failure) { pool.discardIdle() }
        pool.giveBack(connection)
    }
}
