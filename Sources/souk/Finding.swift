import HTTP
import Launch
import Service
import Storage
import StorageSQLite

/// An invariant, and where it does not hold: the first hundred places.
struct Finding: JSONWritable {
    let sentence: String
    let breaches: [String]

    /// Looks at everything, or at what must hold for any SQLite file.
    static func all(in tx: any Transaction, integrityAlone: Bool = false) throws -> [Finding] {
        let integrity = SQLiteStore.integrity.map { Invariant($0.sentence, breaches: $0.breaches) }
        return try (integrity + (integrityAlone ? [] : invariants)).map { invariant in
            let rows = try tx.all("\(invariant.breaches) LIMIT 100") { try $0["subject"] as String }
            return Finding(sentence: invariant.sentence, breaches: rows)
        }
    }

    func show() {
        print("\(breaches.isEmpty ? "ok    " : "BROKEN") \(sentence)")
        for breach in breaches { print("       \(breach)") }
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("invariant", sentence)
            $0.field("holds", breaches.isEmpty)
            $0.field("breaches", breaches)
        }
    }
}
