import HTTPTypes
import Synchronization

/// Counts the responses of a responder since its start, by route.
///
/// A route is identified by its pattern and not by the requested path. The number of counters is
/// therefore fixed: one for each route, and one for requests without a route.
public final class Traffic: Sendable {
    /// The upper bounds of the histogram's buckets in microseconds; one more bucket is unbounded.
    public static let boundsUs = [
        500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
        2_500_000, 10_000_000,
    ]

    /// The routes in the order of their table, followed by the counters for requests without a
    /// route.
    public let lines: [Line]
    /// Requests answered with 503 because the database stayed locked until the timeout.
    public var busy: Int { busyCount.load(ordering: .relaxed) }
    /// Requests answered with 503 because the database was unavailable.
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
    /// The counters of one route.
    ///
    /// `@unchecked Sendable`: the pointer never changes, and its targets are atomic.
    public final class Line: @unchecked Sendable {
        /// The method, where `GET` includes HEAD; `any` if no route was found.
        public let method: String
        /// The pattern, such as `/sales/:id`, or `unknown`.
        public let route: String
        // One counter for each status and each bucket, and the sum of microseconds.
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

        /// Counts a response with three relaxed additions.
        func count(status: Int, microseconds: Int) {
            let bucket = boundsUs.firstIndex { microseconds <= $0 } ?? boundsUs.count
            counters[min(max(status - 100, 0), Line.statuses - 1)].add(1, ordering: .relaxed)
            counters[Line.statuses + bucket].add(1, ordering: .relaxed)
            counters[Line.count - 1].add(microseconds, ordering: .relaxed)
        }

        /// The number of responses for each status that occurred or is in `always`.
        public func statuses(always: Set<Int>) -> [(status: Int, count: Int)] {
            (100..<600).compactMap { status in
                let count = counters[status - 100].load(ordering: .relaxed)
                return count > 0 || always.contains(status) ? (status, count) : nil
            }
        }

        /// The number of responses in each bucket; the last bucket has no upper bound.
        public var buckets: [Int] {
            (0...boundsUs.count).map { counters[Line.statuses + $0].load(ordering: .relaxed) }
        }

        /// The total time of all responses in microseconds.
        public var microseconds: Int { counters[Line.count - 1].load(ordering: .relaxed) }
    }
}
