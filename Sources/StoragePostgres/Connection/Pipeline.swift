import CPQ
import Storage

/// What has been sent to the server and not yet answered, in order.
struct ExpectedAnswers {
    enum Item {
        case preparation(PreparedStatement)
        /// The removal of the statement with this name.
        case removal(String)
        /// A statement, and whether its result is kept for later.
        case statement(PreparedStatement, isAnnounced: Bool)
        case once(String)
        /// The end of a transaction, after which the server accepts statements again.
        case sync
    }

    private var items: [Item] = []
    private var head = 0

    var count: Int { items.count - head }

    var first: Item? { head < items.count ? items[head] : nil }

    mutating func append(_ item: Item) { items.append(item) }

    mutating func removeFirst() {
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        }
    }
}

/// A statement that has not been sent yet.
enum QueuedStatement {
    /// A statement that the server keeps.
    case prepared(SQL, by: StatementRunner)
    /// The same, and its result is kept until the transaction asks for it.
    case announced(SQL, by: StatementRunner)
    /// A text with its parameters that the server does not keep.
    case once(String, [Value])
}

extension PostgresConnection {
    /// Queues a statement; nothing leaves the process yet.
    func queue(_ sent: QueuedStatement) throws {
        switch sent {
        case .prepared(let sql, let runner): try queue(sql, by: runner, isAnnounced: false)
        case .announced(let sql, let runner): try queue(sql, by: runner, isAnnounced: true)
        case .once(let text, let values): try queue(text, values)
        }
    }

    private func queue(_ sql: SQL, by runner: StatementRunner, isAnnounced: Bool) throws {
        let statement = try statements.take(sql, by: runner) { try text(of: $0, by: runner) }
        if runner != .store { try queueRemovals() }
        if statement.state == .new {
            try check(
                PQsendPrepare(
                    pq, statement.name, statement.text, Int32(statement.types.count),
                    statement.types))
            statement.state = .sent
            expected.append(.preparation(statement))
        }
        let sent = try parameters.with(sql.values, sql: { statement.text }) {
            PQsendQueryPrepared(pq, statement.name, $0, $1, $2, $3, 1)
        }
        try check(sent)
        expected.append(.statement(statement, isAnnounced: isAnnounced))
    }

    /// Removes statements that are no longer used.
    ///
    /// BEGIN must come first in its transaction, so this never precedes it.
    private func queueRemovals() throws {
        for name in statements.takeDropped() {
            try check(PQsendQueryParams(pq, "DEALLOCATE \(name)", 0, nil, nil, nil, nil, 1))
            expected.append(.removal(name))
        }
    }

    /// Queues a statement that is not kept.
    private func queue(_ text: String, _ values: [Value]) throws {
        let types = values.map(\.oid)
        let sent = try parameters.with(values, sql: { text }) {
            PQsendQueryParams(pq, text, $0, types, $1, $2, $3, 1)
        }
        try check(sent)
        expected.append(.once(text))
    }

    /// Queues the end of a transaction.
    ///
    /// It commits a transaction without BEGIN, and the server then accepts statements again after
    /// an error.
    func queueSync() throws {
        try check(PQpipelineSync(pq))
        expected.append(.sync)
    }

    /// Sends what is queued and returns the result of the last statement that was not announced.
    ///
    /// - Throws: `ServerFailure` of the first statement that failed, `ConnectionLost` or
    ///   `AnswerOverdue`.
    func exchange(until deadlineMs: Int64?) throws -> QueryResult {
        try check(PQsendFlushRequest(pq))
        try sendBuffer(until: deadlineMs)
        guard let last = try answers(until: deadlineMs) else {
            throw StoreError.misuse("The server gave no result.")
        }
        return last
    }

    /// Reads all answers but the last `count`, and returns the result of the last statement that was
    /// not announced.
    func answers(allBut count: Int = 0, until deadlineMs: Int64?) throws -> QueryResult? {
        var last: QueryResult?
        var failure: ServerFailure?
        while expected.count > count, let item = expected.first {
            let result = try nextResult(until: deadlineMs)
            expected.removeFirst()
            switch item {
            case .sync:
                // What came before belongs to an earlier transaction.
                last = nil
                failure = nil
                announced = []
                continue
            case .preparation(let statement):
                if result.isSuccess {
                    statements.confirm(statement)
                } else {
                    statements.forget(statement)
                }
                failure = failure ?? result.failure(of: statement.text)
            case .removal(let name):
                if result.isSkipped { statements.drop(name) }
            case .statement(let statement, let isAnnounced):
                result.statement = statement
                failure = failure ?? result.failure(of: statement.text)
                if isAnnounced { announced.append(result) } else { last = result }
            case .once(let text):
                failure = failure ?? result.failure(of: text)
                last = result
            }
            if let failure, failure.endsConnection {
                throw lost(failure.message, unanswered: expected.count)
            }
        }
        if let failure { throw failure }
        return last
    }

    /// The next result, and nothing more of its statement.
    private func nextResult(until deadlineMs: Int64?) throws -> QueryResult {
        try waitForAnswer(until: deadlineMs)
        guard let first = PQgetResult(pq) else { throw lost("libpq has no result.") }
        let result = QueryResult(first)
        if result.endsRound { return result }
        while true {
            try waitForAnswer(until: deadlineMs)
            guard let other = PQgetResult(pq) else { break }
            PQclear(other)
        }
        if PQstatus(pq) != CONNECTION_OK {
            // A message of the server about the end came before the end.
            let failure = result.failure(of: "")
            let isTold = failure.map { !$0.state.isEmpty } ?? false
            throw lost(failure?.explanation, unanswered: isTold ? expected.count - 1 : nil)
        }
        return result
    }

    /// Runs statements without parameters in the simple protocol, after what is queued.
    func runText(_ text: String, until deadlineMs: Int64?) throws {
        try leavePipeline(until: deadlineMs)
        _ = try simpleQuery(text, until: deadlineMs)
        guard PQenterPipelineMode(pq) == 1 else { throw lost() }
    }

    /// Leaves the pipeline mode after the answers to everything that is queued.
    func leavePipeline(until deadlineMs: Int64?) throws {
        try check(PQsendFlushRequest(pq))
        try sendBuffer(until: deadlineMs)
        _ = try answers(until: deadlineMs)
        try queueSync()
        try sendBuffer(until: deadlineMs)
        _ = try answers(until: deadlineMs)
        guard PQexitPipelineMode(pq) == 1 else { throw lost() }
    }

    /// Runs `text` outside pipeline mode and returns the last result.
    func simpleQuery(_ text: String, until deadlineMs: Int64?) throws -> QueryResult? {
        try check(PQsendQuery(pq, text))
        return try results(of: text, until: deadlineMs)
    }

    /// Sends what is buffered and returns the last result of `text`, outside pipeline mode.
    func results(of text: String, until deadlineMs: Int64?) throws -> QueryResult? {
        try sendBuffer(until: deadlineMs)
        var last: QueryResult?
        var failure: ServerFailure?
        while true {
            try waitForAnswer(until: deadlineMs)
            guard let next = PQgetResult(pq) else { break }
            let result = QueryResult(next)
            failure = failure ?? result.failure(of: text)
            last = result
        }
        if PQstatus(pq) != CONNECTION_OK { throw lost(failure?.message) }
        if let failure { throw failure }
        return last
    }

    /// Sends what libpq has buffered, as far as the system takes it at once.
    func sendWithoutWaiting() throws {
        settings.counts.flushes.add(1, ordering: .relaxed)
        if PQflush(pq) < 0 { throw lost() }
    }

    /// Checks the result of a libpq function that queues something.
    private func check(_ code: Int32) throws {
        guard code == 1 else { throw lost() }
    }
}
