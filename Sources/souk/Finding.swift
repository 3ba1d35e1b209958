import HTTP
import Launch
import Service
import Storage
import StorageSQLite

/// An invariant, and where it does not hold: the first hundred places.
struct Finding: JSONWritable {
    let sentence: String
    let breaches: [String]

    /// Looks at everything, or at what must hold for any SQLite file, on one snapshot and on
    /// `atOnce` processors; shows a bar on a terminal.
    static func all(
        in store: SQLiteStore, integrityAlone: Bool = false, atOnce: Int
    ) throws -> [Finding] {
        let integrity = SQLiteStore.integrity.map { Invariant($0.sentence, breaches: $0.breaches) }
        let bodies: [@Sendable (any Transaction) throws -> Finding] =
            (integrity + (integrityAlone ? [] : invariants)).map { invariant in
                { Finding(sentence: invariant.sentence, breaches: try invariant.find(in: $0)) }
            }
        let all = bodies.count
        return try store.readTogether(bodies, atOnce: atOnce) { showProgress($0, all) }
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
