import CSQLite
import Storage

extension Connection: Transaction {
    func each(_ sql: SQL, _ visit: (Row) throws -> Bool) throws -> Int {
        // SQLite may have ended the transaction, for example because the disk is full. If the body
        // ignored that error, its next statement would commit alone.
        guard isInTransaction, failure == nil else {
            throw StoreError.misuse("The transaction has ended.", sql.template)
        }
        do {
            return try visitRows(of: sql, visit)
        } catch let error as StoreError where role == .writer {
            failure = error
            throw error
        }
    }

    private func visitRows(of sql: SQL, _ visit: (Row) throws -> Bool) throws -> Int {
        let statement = try statements.take(sql, prepare: prepare)
        let changesBefore = sqlite3_total_changes64(handle.database)
        defer {
            statement.reset()
            statement.isInUse = false
            noteChanges(of: statement, since: changesBefore)
        }
        try statement.bind(sql.values)
        var row = Row(columns: statement.columns, values: [])
        while try statement.step() {
            try statement.read(into: &row)
            guard try visit(row) else { break }
        }
        return statement.isReadOnly ? 0 : changes(of: statement, since: changesBefore)
    }

    func insert(_ sql: SQL) throws -> Int64 {
        guard try run(sql) == 1 else {
            throw StoreError.misuse("The statement did not insert exactly one row.", sql.template)
        }
        return sqlite3_last_insert_rowid(handle.database)
    }

    func update(_ sql: SQL, returning columns: StaticString, from row: SQL) throws -> Row? {
        try run(sql) == 0 ? nil : try first(row)
    }

    func later(_ sql: SQL) throws { try run(sql) }

    func stream(_ sql: SQL, _ visit: (Row) throws -> Bool) throws { _ = try each(sql, visit) }

    /// SQLite numbers a row after the highest number that the table ever had.
    func numbered(_ table: StaticString) {}

    /// The number and the time of birth of the file: a copy has another file.
    func storageIdentity() throws -> String {
        var (inode, bornNs): (UInt64, Int64) = (0, 0)
        guard souk_file_identity(settings.path, &inode, &bornNs) == 0 else {
            throw StoreError.unavailable("The file of the database cannot be found.")
        }
        return "file \(inode) of \(bornNs)"
    }

    /// The lock of a write is on the whole database.
    func lockSchema() {}

    /// See `lockSchema`.
    func lock(_ name: String) {}

    /// Records whether `statement`, which has ended, changed anything.
    private func noteChanges(of statement: Statement, since changesBefore: Int64) {
        guard !statement.isReadOnly, !hasChanged else { return }
        hasChanged =
            !statement.countsChanges
            || sqlite3_total_changes64(handle.database) != changesBefore
    }

    /// Returns how many rows `statement` changed.
    private func changes(of statement: Statement, since changesBefore: Int64) -> Int {
        // SQLite updates the count when the statement ends. If not all rows were read, it ends
        // here.
        statement.reset()
        // Statements such as CREATE do not change the count, which is then that of an earlier
        // statement.
        guard sqlite3_total_changes64(handle.database) != changesBefore else { return 0 }
        return Int(sqlite3_changes64(handle.database))
    }

    /// Prepares a statement that a body may run.
    ///
    /// It must not begin or end a transaction, and in a read it must not write.
    private func prepare(_ sql: SQL) throws -> Statement {
        let statement = try Statement(sql.text(spelled: spelled), on: handle)
        if statement.isExplanation { return statement }
        guard !statement.isControl else {
            throw StoreError.misuse("Only the store begins and ends transactions.", statement.text)
        }
        guard role == .writer || statement.isReadOnly else {
            throw StoreError.misuse("A read must not write.", statement.text)
        }
        return statement
    }
}
