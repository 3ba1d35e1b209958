public import Storage
import Synchronization

/// Every statement that was run, each text once, with the values of its first run.
public final class StatementRecord: Sendable {
    private let statements = Mutex<[String: SQL]>([:])
    private let runs = Mutex<[String]>([])
    private let changes = Mutex<[[String]]>([])

    /// Creates an empty record.
    public init() {}

    /// The statements, in the order of their texts.
    public var all: [SQL] {
        statements.withLock { $0.values.sorted { $0.template < $1.template } }
    }

    /// The templates of all statements, in the order in which they ran.
    public var templates: [String] { runs.withLock { $0 } }

    /// The templates of the statements of each write, in the order in which they ran.
    public var writes: [[String]] { changes.withLock { $0 } }

    func noteWrite(_ templates: [String]) {
        changes.withLock { $0.append(templates) }
    }

    func note(_ sql: SQL) {
        statements.withLock { $0[sql.template] = $0[sql.template] ?? sql }
        runs.withLock { $0.append(sql.template) }
    }
}

/// A store that records its statements and forwards them to the real one.
struct RecordingStore: Store {
    private let store: any Store
    private let record: StatementRecord

    init(_ store: any Store, _ record: StatementRecord) {
        self.store = store
        self.record = record
    }

    func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        try store.read { try body(RecordingTransaction(inner: $0, record: record, run: nil)) }
    }

    func write<T: Sendable>(
        _ end: TransactionEnd, _ body: @Sendable (any Transaction) throws -> T
    ) throws -> T {
        try store.write(end) { tx in
            let run = Run()
            defer { record.noteWrite(run.templates) }
            return try body(RecordingTransaction(inner: tx, record: record, run: run))
        }
    }
}

/// The statements of one run of a write.
private final class Run {
    var templates: [String] = []
}

private struct RecordingTransaction: Transaction {
    let inner: any Transaction
    let record: StatementRecord
    let run: Run?

    func each(_ sql: SQL, _ visit: (Row) throws -> Bool) throws -> Int {
        note(sql)
        return try inner.each(sql, visit)
    }

    func insert(_ sql: SQL) throws -> Int64 {
        note(sql)
        return try inner.insert(sql)
    }

    func update(_ sql: SQL, returning columns: StaticString, from row: SQL) throws -> Row? {
        note(sql)
        note(row)
        return try inner.update(sql, returning: columns, from: row)
    }

    func announce(_ sql: SQL) { inner.announce(sql) }

    func announce(_ sql: SQL, returning columns: StaticString) {
        inner.announce(sql, returning: columns)
    }

    private func note(_ sql: SQL) {
        record.note(sql)
        run?.templates.append(sql.template)
    }

    func later(_ sql: SQL) throws {
        note(sql)
        try inner.later(sql)
    }

    func stream(_ sql: SQL, _ visit: (Row) throws -> Bool) throws {
        note(sql)
        try inner.stream(sql, visit)
    }

    func numbered(_ table: StaticString) throws { try inner.numbered(table) }

    func storageIdentity() throws -> String { try inner.storageIdentity() }

    func lockSchema() throws { try inner.lockSchema() }

    func finishSchema() throws { try inner.finishSchema() }

    func lock(_ name: String) throws { try inner.lock(name) }

    func within<T>(milliseconds: Int64, _ body: () throws -> T) throws -> T {
        try inner.within(milliseconds: milliseconds, body)
    }
}
