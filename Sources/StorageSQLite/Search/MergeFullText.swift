import CSQLite
public import Storage

extension SQLiteStore {
    /// Merges the pieces of a full-text index into one.
    ///
    /// Each commit adds one, and few are merged as they come: among a million documents written by
    /// the thousand a search took twice as long as in one piece. Done in steps of some milliseconds,
    /// so that whoever sells need not wait.
    /// https://www.sqlite.org/fts5.html#the_merge_command
    public func merge(_ index: FullText) throws {
        // Below zero, all of them are taken up, and not only those of the same size.
        let pages = SQLiteStore.pagesPerMerge
        var isUnfinished = try write { try mergeSome(of: index, pages: -pages, in: $0) }
        while isUnfinished {
            isUnfinished = try write { try mergeSome(of: index, pages: pages, in: $0) }
        }
    }

    private static let pagesPerMerge = 500

    /// - Returns: whether there is more to merge.
    private func mergeSome(of index: FullText, pages: Int, in tx: any Transaction) throws -> Bool {
        guard let connection = tx as? Connection else { return false }
        let database = connection.handle.database
        let before = sqlite3_total_changes64(database)
        let text = "INSERT INTO \(index.name) (\(index.name), rank) VALUES ('merge', \(pages))"
        try Statement(text, on: connection.handle).run()
        connection.hasChanged = true
        // One is the statement's own.
        return sqlite3_total_changes64(database) - before > 1
    }
}
