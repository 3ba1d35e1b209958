import FastCGI
import Service
import StorageSQLite

/// A gauge that only one of the daemons has.
public struct Gauge: Sendable {
    let name: String
    let help: String
    let value: @Sendable () -> Int

    /// Creates a gauge with its full name, such as `souk_password_hashes_waiting`.
    public init(_ name: String, _ help: String, _ value: @escaping @Sendable () -> Int) {
        self.name = name
        self.help = help
        self.value = value
    }
}

extension PrometheusText {
    mutating func build(schemaVersion: Int) {
        family(
            "souk_build_info", .gauge, "Always 1; the version of the program is in the label.",
            [Sample(labels: [("version", version)], value: "1")])
        family(
            "souk_schema_version", .gauge, "Migrations that this program counts on.", schemaVersion)
    }

    mutating func requests(_ traffic: Traffic) {
        family(
            "souk_requests_total", .counter,
            "Requests answered, by the pattern of their route; HEAD counts as GET.",
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
            "From a request that has been read to its answer, without nginx and the network.",
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
        family("souk_workers", .gauge, "Threads that answer.", listener.workers)
        family("souk_workers_busy", .gauge, "Threads that answer at this moment.", listener.busy)
        family(
            "souk_connections", .gauge, "Connections from nginx that are open.",
            listener.connectionsOpen)
        family(
            "souk_accept_failures_total", .counter, "Connections that could not be accepted.",
            listener.acceptFailures)
        family(
            "souk_unreadable_requests_total", .counter,
            "Requests refused before a route was looked for: unreadable, or too large.",
            listener.unreadable)
    }

    mutating func store(_ store: StoreStatistics) {
        family("souk_commits_total", .counter, "Transactions committed.", store.commits)
        family(
            "souk_writes_total", .counter,
            "Writes answered, those refused and rehearsed among them.", store.writes)
        family(
            "souk_batch_writes", .summary, "Writes that shared a commit.",
            [
                Sample(suffix: "_sum", value: "\(store.writes)"),
                Sample(suffix: "_count", value: "\(store.batches)"),
            ])
        family("souk_readers", .gauge, "Threads that may read at once.", store.readersMax)
        family("souk_readers_busy", .gauge, "Threads that read at this moment.", store.readersBusy)
        family(
            "souk_read_timeouts_total", .counter, "Searches stopped at their time limit.",
            store.timeouts)
        family(
            "souk_statement_cache_hits_total", .counter, "Statements that were prepared already.",
            store.statementsReused)
        family(
            "souk_statement_cache_misses_total", .counter, "Statements that had to be prepared.",
            store.statementsPrepared)
        family(
            "souk_wal_bytes", .gauge, "Length of the write-ahead log, which all responders share.",
            store.logBytes)
        family(
            "souk_checkpoints_total", .counter,
            "Copies of the log into the database by this process; partial: somebody still reads.",
            [
                Sample(labels: [("result", "complete")], value: "\(store.checkpointsComplete)"),
                Sample(labels: [("result", "partial")], value: "\(store.checkpointsPartial)"),
                Sample(labels: [("result", "failed")], value: "\(store.checkpointsFailed)"),
            ])
        family(
            "souk_checkpoint_frames_left", .gauge,
            "Frames that the last copy had to leave in the log: grows while a read does not end.",
            store.framesLeft)
    }
}

extension Traffic.Line {
    fileprivate var labels: [(name: String, value: String)] {
        [("method", method), ("route", route)]
    }
}
