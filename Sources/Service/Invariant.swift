public import Storage

/// Something that holds for the whole shop at any moment, and the statement that finds where it
/// does not.
public struct Invariant: Sendable {
    /// What holds, in one sentence: "A wallet holds the sum of its ledger".
    public let sentence: String
    /// Selects one text column `subject` for each breach: nothing, if all is well.
    public let breaches: SQL

    /// An invariant of a slice's own tables.
    public init(_ sentence: String, breaches: SQL) {
        self.sentence = sentence
        self.breaches = breaches
    }
}
