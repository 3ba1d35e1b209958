import HTTP
import Launch
import Service
import Storage

/// An invariant with its first hundred violations.
struct CheckResult: JSONWritable {
    let sentence: String
    let breaches: [String]

    private typealias Body = @Sendable (any Transaction) throws -> CheckResult

    /// Checks all invariants on one snapshot, on `atOnce` threads, and shows progress on a
    /// terminal.
    ///
    /// If the database has only some of the migrations (`applied`), it checks the file and its
    /// schema. The invariants need the newest tables.
    static func all(
        in store: any Engine, applied: [Migration] = schema, atOnce: Int
    ) throws -> [CheckResult] {
        let compare: Body = {
            CheckResult(
                sentence:
                    "Tables, columns, rules, indexes, triggers and views are those of this program.",
                breaches: try store.schemaFaults(in: $0, against: applied))
        }
        let isCurrent = applied.count == schema.count
        let bodies = store.integrity.map(look) + [compare] + (isCurrent ? invariants : []).map(look)
        let all = bodies.count
        return try store.readTogether(bodies, atOnce: atOnce) { showProgress($0, all) }
    }

    /// Evaluates an invariant.
    ///
    /// It counts as violated if it cannot be evaluated, because a column is missing or a page is
    /// unreadable.
    private static func look(at invariant: Invariant) -> Body {
        {
            do {
                return CheckResult(
                    sentence: invariant.sentence, breaches: try invariant.find($0))
            } catch StoreError.engine(_, let message, _) {
                return unchecked(invariant, message)
            } catch let error as StoreError where error.isOfTheSchema {
                return unchecked(invariant, "\(error)")
            }
        }
    }

    private static func unchecked(_ invariant: Invariant, _ reason: String) -> CheckResult {
        CheckResult(sentence: invariant.sentence, breaches: ["cannot be checked: \(reason)"])
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

extension StoreError {
    /// Whether a table or a column is missing or has another type.
    fileprivate var isOfTheSchema: Bool {
        switch self {
        case .noTable, .column: true
        default: false
        }
    }
}
