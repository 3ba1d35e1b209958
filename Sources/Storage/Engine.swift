/// A database engine: a store, and what those who run the shop need of it.
public protocol Engine: Store {
    /// The database in messages and logs: a path, or a URL without password.
    var name: String { get }

    /// Closes the store after the waiting writes are committed.
    ///
    /// Later calls of `read` and `write` throw `StoreError.unavailable`. A second `close` does
    /// nothing.
    func close()

    /// The counters and gauges since the store was opened.
    var metrics: [Metric] { get }

    /// Whether a write has failed within the last `seconds` because the database was unavailable,
    /// and none has succeeded since.
    func hasFailedToWrite(withinSeconds seconds: Int64) -> Bool

    /// The names of the tables, sorted; empty for a new database.
    /// - Throws: `StoreError`.
    func tables() throws -> [String]

    /// The rules for any database of this engine, the slowest first.
    var integrity: [Invariant] { get }

    /// Why the schema of this database cannot be compared, as a sentence, or nil if it can be.
    /// - Throws: `StoreError`.
    func reasonNotToCompare(in tx: any Transaction) throws -> String?

    /// Compares the schema in `tx` with the one that `migrations` create.
    ///
    /// - Returns: one sentence for each difference, sorted by name.
    /// - Throws: `StoreError`.
    func schemaFaults(in tx: any Transaction, against migrations: [Migration]) throws -> [String]

    /// Runs `bodies` concurrently on one snapshot, each on its own connection and thread.
    ///
    /// It is for commands that read a large database completely.
    ///
    /// - Parameters:
    ///   - bodies: the reads, started in this order. Put the longest ones first.
    ///   - atOnce: the most threads that run at once.
    ///   - afterEach: called with the number of finished bodies, on any thread, one call at a time.
    /// - Returns: the results, in the order of `bodies`.
    /// - Throws: the first error that a body throws. No body starts after that.
    func readTogether<T: Sendable>(
        _ bodies: [@Sendable (any Transaction) throws -> T], atOnce: Int,
        afterEach: @escaping @Sendable (Int) -> Void
    ) throws -> [T]

    /// The plan that the engine would use for `sql`, one line per step, without running it.
    ///
    /// It is for tests and operators.
    /// - Throws: `StoreError.engine` if `sql` does not compile.
    func queryPlan(of sql: SQL) throws -> [String]

    /// Prepares `index` for fast searches after many rows were added or changed.
    /// - Throws: `StoreError`.
    func merge(_ index: FullText) throws

    /// The tables and full-text indexes with their columns, each after those that it refers to.
    /// - Throws: `StoreError`.
    func dataTables(in tx: any Transaction) throws -> [DataTable]

    /// Passes every row of `table` to `visit`, in any order.
    /// - Throws: `StoreError`, or the errors of `visit`.
    func readRows(
        of table: DataTable, in tx: any Transaction, _ visit: ([Value]) throws -> Void) throws

    /// Replaces the rows of `table` by those that `body` passes to its argument.
    /// - Throws: `StoreError`, or the errors of `body`.
    func loadRows(
        into table: DataTable, in tx: any Transaction,
        _ body: (_ add: ([Value]) throws -> Void) throws -> Void) throws

    /// The last number of each table whose numbers are never reused (`.identity`).
    /// - Throws: `StoreError`.
    func lastNumbers(in tx: any Transaction) throws -> [String: Int64]

    /// Continues the numbers of each table after the given one.
    ///
    /// Tables without an entry continue after their highest number.
    /// - Throws: `StoreError`.
    func setLastNumbers(_ numbers: [String: Int64], in tx: any Transaction) throws
}

/// A table, or a full-text index with its documents, for a copy to another database.
public struct DataTable: Sendable, Hashable {
    /// The name in the catalogue of the database.
    public let name: String
    /// The columns that hold data; the first column of a full-text index is `document`.
    public let columns: [String]

    /// Creates a table.
    public init(_ name: String, columns: [String]) {
        self.name = name
        self.columns = columns
    }
}

extension Engine {
    /// Nil: the schema can be compared anywhere.
    public func reasonNotToCompare(in tx: any Transaction) throws -> String? { nil }

    /// Whether the database has the table of migrations.
    /// - Throws: `StoreError`.
    public func isShop() throws -> Bool {
        try tables().contains("schema_migrations")
    }

    /// Whether the database has tables, but not that of migrations.
    /// - Throws: `StoreError`.
    public func isForeign() throws -> Bool {
        let names = try tables()
        return !names.isEmpty && !names.contains("schema_migrations")
    }
}

/// The purpose for which a store is opened.
public enum Workload: Sendable {
    /// Many short reads and writes by several threads in a sandbox.
    case requests
    /// Like `requests`, for work that can wait: its writes give way to those of other processes.
    case background
    /// A command that reads all of a large shop, with more memory for each connection.
    case wholeTables
}

/// A family of metrics, as Prometheus understands it.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
public struct Metric: Sendable {
    /// How the values behave.
    public enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
        case summary
    }

    /// One value.
    public struct Sample: Sendable {
        /// The end of the family's name in this line, such as `_count`.
        public var suffix = ""
        /// The names and values of the labels.
        public var labels: [(name: String, value: String)] = []
        /// The value as a number in text.
        public let value: String

        /// Creates a sample.
        public init(
            suffix: String = "", labels: [(name: String, value: String)] = [], value: String
        ) {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    /// The name with its unit, such as `souk_wal_bytes`.
    public let name: String
    /// How the values behave.
    public let kind: Kind
    /// One sentence.
    public let help: String
    /// The values, at least one.
    public let samples: [Sample]

    /// Creates a family.
    public init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// Creates a family of one value without labels.
    public init(_ name: String, _ kind: Kind, _ help: String, _ value: some Numeric) {
        self.init(name, kind, help, [Sample(value: "\(value)")])
    }
}
