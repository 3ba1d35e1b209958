/// A condition that the shop always meets.
public struct Invariant: Sendable {
    /// The condition in one sentence: "A wallet's balance is the sum of its ledger".
    public let sentence: String
    /// Returns the first violations, at most 100, each as a short text: "order 7".
    ///
    /// It throws `StoreError`.
    public let find: @Sendable (_ tx: any Transaction) throws -> [String]

    /// The most violations that are reported.
    public static let breachesMax = 100

    /// Creates an invariant from the search for its violations, of which it returns at most 100.
    public init(
        _ sentence: String, find: @escaping @Sendable (any Transaction) throws -> [String]
    ) {
        self.sentence = sentence
        self.find = find
    }

    /// Creates an invariant of a slice's own tables.
    ///
    /// `breaches` selects one text column `subject` for each violation.
    public init(_ sentence: String, breaches: SQL) {
        self.init(sentence) { try Invariant.first(breaches, in: $0) }
    }

    /// Creates an invariant of single rows.
    ///
    /// `breach` returns the violation in a row, or nil.
    public init(
        _ sentence: String, rows: SQL, breach: @escaping @Sendable (Row) throws -> String?
    ) {
        self.init(sentence) { tx in
            var found: [String] = []
            try tx.stream(rows) {
                if let one = try breach($0) { found.append(one) }
                return found.count < Invariant.breachesMax
            }
            return found
        }
    }

    /// Creates an invariant of rows that cancel out.
    ///
    /// Each of `sums` is 0 over the rows of `entries` with the same `key`, which may be several
    /// columns. The proof needs no order and no lookups. Only if it fails are rows grouped, and
    /// `subject` describes the violation of a group.
    public init(_ sentence: String, sums: [SQL], of key: SQL, in entries: SQL, subject: SQL) {
        let differ = sums.map { "\(SQL(sum: $0)) <> 0" as SQL }
        let anyDiffers = differ.dropFirst().reduce(differ.first ?? "1 = 0") { "\($0) OR \($1)" }
        self.init(sentence) { tx in
            let proof: SQL = """
                SELECT \(SQL(weight: sums, of: key)) AS weight FROM (\(entries)) AS entry
                """
            if try tx.first(proof)?["weight"] == (0 as Int64) { return [] }
            return try Invariant.first(
                """
                SELECT DISTINCT \(subject) AS subject FROM (\(entries)) AS entry
                GROUP BY \(key) HAVING \(anyDiffers)
                """, in: tx)
        }
    }

    private static func first(_ breaches: SQL, in tx: any Transaction) throws -> [String] {
        try tx.all("\(breaches) LIMIT \(Int64(breachesMax))") { try $0["subject"] }
    }
}
