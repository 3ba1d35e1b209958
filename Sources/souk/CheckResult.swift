import HTTP
import Launch
import Service
import Storage

/// An invariant with its first hundred violations.
struct CheckResult: JSONWritable {
    let sentence: String
    let breaches: [String]
    /// Why the invariant was not checked, or nil if it was.
    var skipped: String? = nil

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
            let skipped = try store.reasonNotToCompare(in: $0)
            return CheckResult(
                sentence:
                    "Tables, columns, rules, indexes, triggers and views are those of this program.",
                breaches: skipped == nil ? try store.schemaFaults(in: $0, against: applied) : [],
                skipped: skipped)
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
        let mark = skipped != nil ? "skip  " : breaches.isEmpty ? "ok    " : "BROKEN"
        print("\(mark) \(sentence)")
        for line in breaches + [skipped].compactMap({ $0 }) { print("       \(line)") }
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("invariant", sentence)
            $0.field("holds", skipped == nil ? breaches.isEmpty : nil)
            $0.field("breaches", breaches)
            if let skipped { $0.field("skipped", skipped) }
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
