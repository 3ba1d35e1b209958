import HTTPTypes
import Synchronization

/// What a responder has answered since it started, by route.
///
/// A route is known by its pattern and never by the path that was asked for, so there are as many
/// as the table has lines, and one more for everything that is in no line.
public final class Traffic: Sendable {
    /// The upper ends of the histogram's buckets in microseconds; one more has none.
    public static let boundsUs = [
        500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
        2_500_000, 10_000_000,
    ]

    /// The routes in the order of their table, and last what no route was found for.
    public let lines: [Line]
    /// Requests that met a database locked beyond the time-out, and were told to come again.
    public var busy: Int { busyCount.load(ordering: .relaxed) }
    /// Requests that met a database that cannot be used at present.
    public var unavailable: Int { unavailableCount.load(ordering: .relaxed) }
    let busyCount = Atomic(0)
    let unavailableCount = Atomic(0)

    init(_ routes: [Route]) {
        lines =
            routes.map { Line(method: $0.method.rawValue, route: $0.path) }
            + [Line(method: "any", route: "unknown")]
    }
}

extension Traffic {
    /// The answers of one route.
    ///
    /// `@unchecked Sendable`: the pointer is never changed, and what it points at is atomic.
    public final class Line: @unchecked Sendable {
        /// `GET` counts HEAD too; `any` where no route was found.
        public let method: String
        /// `/sales/:id`, or `unknown`.
        public let route: String
        // Each status, each bucket, and the sum of microseconds.
        private let counters: UnsafeMutablePointer<Atomic<Int>>
        private static let statuses = 500
        private static let count = statuses + boundsUs.count + 2

        init(method: String, route: String) {
            self.method = method
            self.route = route
            counters = .allocate(capacity: Line.count)
            for index in 0..<Line.count { (counters + index).initialize(to: Atomic(0)) }
        }

        deinit {
            counters.deinitialize(count: Line.count)
            counters.deallocate()
        }

        /// Counts an answer: three relaxed additions.
        func count(status: Int, microseconds: Int) {
            let bucket = boundsUs.firstIndex { microseconds <= $0 } ?? boundsUs.count
            counters[min(max(status - 100, 0), Line.statuses - 1)].add(1, ordering: .relaxed)
            counters[Line.statuses + bucket].add(1, ordering: .relaxed)
            counters[Line.count - 1].add(microseconds, ordering: .relaxed)
        }

        /// Each status that was answered, or is `always` to be told of, and how often.
        public func statuses(always: Set<Int>) -> [(status: Int, count: Int)] {
            (100..<600).compactMap { status in
                let count = counters[status - 100].load(ordering: .relaxed)
                return count > 0 || always.contains(status) ? (status, count) : nil
            }
        }

        /// How many answers fell into each bucket, the last one being without an upper end.
        public var buckets: [Int] {
            (0...boundsUs.count).map { counters[Line.statuses + $0].load(ordering: .relaxed) }
        }

        /// What all answers took together.
        public var microseconds: Int { counters[Line.count - 1].load(ordering: .relaxed) }
    }
}
