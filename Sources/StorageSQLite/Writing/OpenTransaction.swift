import CSQLite
import Storage

extension Connection: Transaction {
    func each(_ sql: SQL, _ visit: (Row) throws -> Bool) throws -> Int {
        // SQLite may have ended the transaction (disk full), and a body may have caught that. What
        // it did next would be a commit of its own.
        guard isInTransaction else {
            throw StoreError.misuse("The transaction has ended.", sql.template)
        }
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
            throw StoreError.misuse("It has not inserted one row.", sql.template)
        }
        return sqlite3_last_insert_rowid(handle.database)
    }

    /// Notes whether `statement`, which has ended, changed anything.
    private func noteChanges(of statement: Statement, since changesBefore: Int64) {
        guard !statement.isReadOnly, !hasChanged else { return }
        hasChanged =
            !statement.countsChanges
            || sqlite3_total_changes64(handle.database) != changesBefore
    }

    /// How many rows `statement` changed.
    private func changes(of statement: Statement, since changesBefore: Int64) -> Int {
        // It counts when it ends, which is here where its rows were not read to the end.
        statement.reset()
        // What counts nothing, such as CREATE, leaves the count of the statement before it.
        guard sqlite3_total_changes64(handle.database) != changesBefore else { return 0 }
        return Int(sqlite3_changes64(handle.database))
    }

    /// Prepares what a body may run: it ends no transaction, and in a read it changes nothing.
    private func prepare(_ sql: SQL) throws -> Statement {
        let statement = try Statement(sql.text(spelled: spelled), on: handle)
        if statement.isExplanation { return statement }
        guard !statement.isControl else {
            throw StoreError.misuse("A store alone begins and ends transactions.", statement.text)
        }
        guard role == .writer || statement.isReadOnly else {
            throw StoreError.misuse("A read must not write.", statement.text)
        }
        return statement
    }
}
