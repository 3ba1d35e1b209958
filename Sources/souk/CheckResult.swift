import HTTP
import Launch
import Service
import Storage
import StorageSQLite

/// An invariant, and where it does not hold: the first hundred places.
struct CheckResult: JSONWritable {
    let sentence: String
    let breaches: [String]

    private typealias Body = @Sendable (any Transaction) throws -> CheckResult

    /// Checks everything on one snapshot and on `atOnce` processors; shows a bar on a terminal.
    ///
    /// In a database that has had only some of this program's migrations, `applied`, the file and
    /// its schema are checked, because the invariants are about the newest tables.
    static func all(
        in store: SQLiteStore, applied: [Migration] = schema, atOnce: Int
    ) throws -> [CheckResult] {
        let integrity = SQLiteStore.integrity.map { Invariant($0.sentence, breaches: $0.breaches) }
        let compare: Body = {
            CheckResult(
                sentence:
                    "Tables, columns, rules, indexes, triggers and views are those of this program.",
                breaches: try SQLiteStore.schemaFaults(in: $0, against: applied))
        }
        let isCurrent = applied.count == schema.count
        let bodies = integrity.map(look) + [compare] + (isCurrent ? invariants : []).map(look)
        let all = bodies.count
        return try store.readTogether(bodies, atOnce: atOnce) { showProgress($0, all) }
    }

    /// An invariant that cannot be evaluated is broken: a column lacks, or a page is unreadable.
    private static func look(at invariant: Invariant) -> Body {
        {
            do {
                return CheckResult(
                    sentence: invariant.sentence, breaches: try invariant.find(in: $0))
            } catch StoreError.engine(_, let message, _) {
                return CheckResult(
                    sentence: invariant.sentence, breaches: ["cannot be checked: \(message)"])
            } catch StoreError.column(let column, let fault) {
                return CheckResult(
                    sentence: invariant.sentence,
                    breaches: ["cannot be checked: the column \(column) \(fault)"])
            }
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
