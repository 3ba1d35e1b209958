/// Something that holds for the whole shop at any moment, and the statement that finds where it
/// does not.
public struct Invariant: Sendable {
    /// What holds, in one sentence: "A wallet's balance is the sum of its ledger".
    public let sentence: String
    /// Selects one text column `subject` for each breach: nothing, if all is well.
    public let breaches: SQL
    /// Selects one integer `weight`: 0 if all is well.
    ///
    /// For what takes long to find and not to rule out.
    private let proof: SQL?

    /// An invariant of a slice's own tables.
    public init(_ sentence: String, breaches: SQL) {
        self.sentence = sentence
        self.breaches = breaches
        proof = nil
    }

    /// An invariant of rows that cancel out: each of `sums` is 0 over the rows of `entries` with the
    /// same `key`, which may be several columns.
    ///
    /// To find that so needs no order and no lookups; only where it is not are rows grouped, and
    /// `subject` says, for a group, what is broken.
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

    /// The first places where it does not hold, at most a hundred.
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
