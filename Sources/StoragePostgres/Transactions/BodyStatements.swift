import Storage
import Threads

extension PostgresTransaction: Transaction {
    private var runner: StatementRunner { isWrite ? .write : .read }

    func each(_ sql: SQL, _ visit: (Row) throws -> Bool) throws -> Int {
        guard let result = try perform(.prepared(sql, by: runner)) else { return 0 }
        try result.each(visit)
        return result.changedCount
    }

    func insert(_ sql: SQL) throws -> Int64 {
        var id: Int64?
        guard
            try each(
                "\(sql) RETURNING id",
                { row in
                    id = try row["id"]
                    return false
                }) == 1, let id
        else {
            throw StoreError.misuse("The statement did not insert exactly one row.", sql.template)
        }
        return id
    }

    func update(_ sql: SQL, returning columns: StaticString, from row: SQL) throws -> Row? {
        try first("\(sql) RETURNING \(SQL(stringLiteral: columns))")
    }

    func announce(_ sql: SQL) { announcements.add(sql, by: runner, isChange: false) }

    func announce(_ sql: SQL, returning columns: StaticString) {
        announcements.add(
            "\(sql) RETURNING \(SQL(stringLiteral: columns))", by: runner, isChange: true)
    }

    func later(_ sql: SQL) throws {
        do {
            // A change of the schema has no parameters and cannot wait.
            if sql.values.isEmpty { _ = try text(of: sql, by: runner) }
            try enqueue(.prepared(sql, by: runner))
        } catch is SchemaChange {
            try run(sql)
        }
    }

    /// The server limits each statement of `body`, so the time that `body` itself takes does not
    /// count.
    ///
    /// It cannot limit processor time. By the clock, a statement gets `clockFactor` times as much,
    /// because it may wait for the disk or for a processor.
    func within<T>(milliseconds: Int64, _ body: () throws -> T) throws -> T {
        guard settings.limitedReads.wait(timeoutMs: turnWaitMs) else { throw StoreError.busy }
        defer { settings.limitedReads.signal() }
        let outerMs = limitMs
        try limitStatements(to: milliseconds * clockFactor)
        do {
            let value = try body()
            try limitStatements(to: outerMs)
            return value
        } catch {
            limitMs = outerMs
            if case StoreError.timeout = error {
                settings.counts.timeouts.add(1, ordering: .relaxed)
            }
            // After an error of the server, the transaction is over and its settings with it.
            if failure == nil { try limitStatements(to: outerMs) }
            throw error
        }
    }

    /// Makes waits for locks end before the call does.
    func limitLocks(until endMs: Int64) throws {
        let limit = String(lockLimit(within: endMs - monotonicMs()))
        try enqueue(.prepared("SELECT set_config('lock_timeout', \(limit), true)", by: .store))
    }

    private func limitStatements(to milliseconds: Int64) throws {
        let limit = String(milliseconds)
        try enqueue(
            .prepared("SELECT set_config('statement_timeout', \(limit), true)", by: .store))
        limitMs = milliseconds
    }

    /// The cluster, its timeline and the number of the database.
    ///
    /// A promotion and a recovery to a point in time begin a timeline, and pg_restore fills another
    /// database. `pg_control_checkpoint` would show the former timeline until the first checkpoint
    /// after a promotion.
    func storageIdentity() throws -> String {
        let row = try first(
            """
            SELECT 'cluster ' || system_identifier
                || ' timeline ' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
                || ' database ' || (SELECT oid FROM pg_database WHERE datname = current_database())
                AS place
            FROM pg_control_system()
            """)
        guard let place: String = try row?["place"] else {
            throw StoreError.unavailable("The server does not identify itself.")
        }
        return place
    }

    /// Reads through a cursor, which must not outlive its transaction.
    func stream(_ sql: SQL, _ visit: (Row) throws -> Bool) throws {
        try stream(text(of: sql, by: runner), sql.values, visit)
    }

    /// The same for the text of a query.
    func stream(_ query: String, _ values: [Value], _ visit: (Row) throws -> Bool) throws {
        try makeExplicit()
        cursors += 1
        let cursor = "souk_\(cursors)"
        try enqueue(.once("DECLARE \(cursor) NO SCROLL CURSOR FOR \(query)", values))
        var shape: RowShape?
        while true {
            let fetched = try perform(.once("FETCH \(rowsPerFetch) FROM \(cursor)", []))
            guard let fetched, fetched.count > 0 else { break }
            let columns = shape ?? RowShape(fetched.result)
            shape = columns
            guard try columns.each(of: fetched.result, visit) else { break }
            if fetched.count < rowsPerFetch { break }
        }
        try enqueue(.once("CLOSE \(cursor)", []))
    }

    /// Moves the counter of `table` to its highest id.
    ///
    /// It changes nothing if the counter is there already. A writer that takes a number at the same
    /// moment as it moves may get a number that is in use, and its INSERT then fails.
    func numbered(_ table: StaticString) throws {
        try perform(
            .once(
                """
                SELECT setval(counter, highest) FROM (
                    SELECT pg_get_serial_sequence('\(table)', 'id')::regclass AS counter,
                        (SELECT MAX(id) FROM \(table)) AS highest
                ) AS numbers
                WHERE highest > COALESCE(pg_sequence_last_value(counter), 0)
                """, []))
    }

    /// Waits for other migrations as long as they take, and lets this one take as long.
    func lockSchema() throws {
        deadlineMs = nil
        try enqueue(.prepared("SELECT set_config('lock_timeout', '0', true)", by: .store))
        try perform(.once("SELECT pg_advisory_xact_lock(\(schemaLock))", []))
    }

    /// A hash identifies the name: two names with the same one only wait for each other.
    ///
    /// Keys of two numbers are apart from keys of one, such as `schemaLock`.
    func lock(_ name: String) throws {
        try enqueue(.prepared("SELECT pg_advisory_xact_lock(1, hashtext(\(name)))", by: .store))
    }
}

/// How long a read with a time limit waits for its turn, in milliseconds.
///
/// It is short because the waiting thread serves no other request.
private let turnWaitMs: Int64 = 25

/// How much longer than its processor time a limited statement may take.
private let clockFactor: Int64 = 5

/// How many rows of a stream are in memory at once.
private let rowsPerFetch = 1000

/// The number of the lock for changes of the schema: "souk" in ASCII.
private let schemaLock = 0x736f_756b
