/// A condition that the shop always meets, and the statement that finds its violations.
public struct Invariant: Sendable {
    /// The condition in one sentence: "A wallet's balance is the sum of its ledger".
    public let sentence: String
    /// Selects one text column `subject` for each violation, and no rows if there is none.
    public let breaches: SQL
    /// Selects one integer `weight`: 0 if there is no violation.
    ///
    /// It is for violations that are slow to find but fast to rule out.
    private let proof: SQL?

    /// Creates an invariant of a slice's own tables.
    public init(_ sentence: String, breaches: SQL) {
        self.sentence = sentence
        self.breaches = breaches
        proof = nil
    }

    /// Creates an invariant of rows that cancel out.
    ///
    /// Each of `sums` is 0 over the rows of `entries` with the same `key`, which may be several
    /// columns. The proof needs no order and no lookups. Only if it fails are rows grouped, and
    /// `subject` describes the violation of a group.
    public init(_ sentence: String, sums: [SQL], of key: SQL, in entries: SQL, subject: SQL) {
        self.sentence = sentence
        breaches = """
            SELECT DISTINCT \(subject) AS subject FROM (\(entries)) AS entry
            GROUP BY \(key) HAVING \(sums.joined { "\(.sum)(\($0)) <> 0" } with: { "\($0) OR \($1)" })
            """
        proof = """
            SELECT \(.weight)(\(Int64(sums.count)), \(sums.joined { $0 } with: { "\($0), \($1)" }), \(key)) AS weight
            FROM (\(entries)) AS entry
            """
    }

    /// The first violations, at most 100.
    public func find(in tx: any Transaction) throws -> [String] {
        if let proof, try tx.first(proof)?["weight"] == (0 as Int64) { return [] }
        return try tx.all("\(breaches) LIMIT 100") { try $0["subject"] }
    }
}

extension [SQL] {
    fileprivate func joined(_ one: (SQL) -> SQL, with join: (SQL, SQL) -> SQL) -> SQL {
        dropFirst().reduce(first.map(one) ?? "") { join($0, one($1)) }
    }
}
