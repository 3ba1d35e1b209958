import FastCGI
import Service
import Storage

/// A gauge that only one of the daemons has.
public struct Gauge: Sendable {
    let name: String
    let help: String
    let type: PrometheusText.Kind
    let value: @Sendable () -> Int

    /// Creates a gauge with its full name, such as `souk_password_hashes_waiting`.
    public init(_ name: String, _ help: String, _ value: @escaping @Sendable () -> Int) {
        self.init(name, help, .gauge, value)
    }

    /// Creates a counter, which only grows, with its full name.
    public init(
        counting name: String, _ help: String, _ value: @escaping @Sendable () -> Int
    ) {
        self.init(name, help, .counter, value)
    }

    private init(
        _ name: String, _ help: String, _ type: PrometheusText.Kind,
        _ value: @escaping @Sendable () -> Int
    ) {
        self.name = name
        self.help = help
        self.type = type
        self.value = value
    }
}

extension PrometheusText {
    mutating func build(schemaVersion: Int) {
        family(
            "souk_build_info", .gauge, "Always 1; the label has the version of the program.",
            [Sample(labels: [("version", version)], value: "1")])
        family(
            "souk_schema_version", .gauge, "Migrations that this program requires.", schemaVersion)
    }

    mutating func requests(_ traffic: Traffic) {
        family(
            "souk_requests_total", .counter,
            "Requests answered, by route pattern; HEAD counts as GET.",
            traffic.lines.flatMap { line in
                // Report them from the start with 0, because a rate ignores the first value of a
                // series.
                line.statuses(always: [500, 503]).map { status, count in
                    Sample(
                        labels: line.labels + [("code", "\(status)")], value: "\(count)")
                }
            })
        family(
            "souk_request_duration_seconds", .histogram,
            "Time from the complete request to its response, without nginx and the network.",
            traffic.lines.flatMap(PrometheusText.histogram))
        family(
            "souk_database_refusals_total", .counter,
            "Requests answered with 503 because the database was busy or unavailable.",
            [
                Sample(labels: [("reason", "busy")], value: "\(traffic.busy)"),
                Sample(labels: [("reason", "unavailable")], value: "\(traffic.unavailable)"),
            ])
    }

    /// The samples of one route's histogram, with cumulative buckets.
    ///
    /// Empty if the route has had no request.
    private static func histogram(_ line: Traffic.Line) -> [Sample] {
        let buckets = line.buckets
        let count = buckets.reduce(0, +)
        guard count > 0 else { return [] }
        var below = 0
        let samples = zip(buckets, Traffic.boundsUs.map { "\(seconds($0))" } + ["+Inf"]).map {
            below += $0
            return Sample(
                suffix: "_bucket", labels: line.labels + [("le", $1)], value: "\(below)")
        }
        return samples + [
            Sample(suffix: "_sum", labels: line.labels, value: "\(seconds(line.microseconds))"),
            Sample(suffix: "_count", labels: line.labels, value: "\(count)"),
        ]
    }

    private static func seconds(_ microseconds: Int) -> Double { Double(microseconds) / 1e6 }

    mutating func listener(_ listener: Listener) {
        family("souk_workers", .gauge, "Worker threads.", listener.workers)
        family("souk_workers_busy", .gauge, "Worker threads that serve a request.", listener.busy)
        family(
            "souk_connections", .gauge, "Open connections from nginx.",
            listener.connectionsOpen)
        family(
            "souk_accept_failures_total", .counter, "Failed attempts to accept a connection.",
            listener.acceptFailures)
        family(
            "souk_unreadable_requests_total", .counter,
            "Requests rejected before routing: unreadable or too large.",
            listener.unreadable)
    }
}

extension Traffic.Line {
    fileprivate var labels: [(name: String, value: String)] {
        [("method", method), ("route", route)]
    }
}
