import CSQLite
public import Storage

extension SQLiteStore {
    /// Merges the segments of a full-text index into one.
    ///
    /// Each commit adds a segment, and FTS5 merges few of them automatically. With a million
    /// documents in groups of a thousand, a search took twice as long as after a merge. The merge
    /// runs in steps of a few milliseconds, so that other writes do not wait for it.
    /// https://www.sqlite.org/fts5.html#the_merge_command
    public func merge(_ index: FullText) throws {
        // A negative number starts a merge of all segments, not only of those of the same level.
        let pages = SQLiteStore.pagesPerMerge
        var isUnfinished = try write { try mergeSome(of: index, pages: -pages, in: $0) }
        while isUnfinished {
            isUnfinished = try write { try mergeSome(of: index, pages: pages, in: $0) }
        }
    }

    private static let pagesPerMerge = 500

    /// Merges some pages, and returns whether more are left.
    private func mergeSome(of index: FullText, pages: Int, in tx: any Transaction) throws -> Bool {
        guard let connection = tx as? Connection else { return false }
        let database = connection.handle.database
        let before = sqlite3_total_changes64(database)
        let text = "INSERT INTO \(index.name) (\(index.name), rank) VALUES ('merge', \(pages))"
        try Statement(text, on: connection.handle).run()
        connection.hasChanged = true
        // The INSERT itself counts as one change.
        return sqlite3_total_changes64(database) - before > 1
    }
}
