public import Storage

extension PostgresStore {
    /// The counters since the store was opened.
    public var metrics: [Metric] {
        let counts = settings.counts
        let retries = counts.retries.withLock { $0 }.sorted { $0.key < $1.key }
        return [
            Metric(
                "souk_commits_total", .counter, "Transactions committed.",
                counts.commits.load(ordering: .relaxed)),
            Metric(
                "souk_read_timeouts_total", .counter, "Searches stopped at their time limit.",
                counts.timeouts.load(ordering: .relaxed)),
            Metric(
                "souk_statement_cache_hits_total", .counter, "Statements found in the cache.",
                counts.statementsReused.load(ordering: .relaxed)),
            Metric(
                "souk_statement_cache_misses_total", .counter, "Statements missing from the cache.",
                counts.statementsPrepared.load(ordering: .relaxed)),
            Metric(
                "souk_postgres_connections_max", .gauge, "Connections allowed.",
                settings.connectionsMax),
            Metric(
                "souk_postgres_connections_open", .gauge, "Open connections.",
                counts.connectionsOpen.load(ordering: .relaxed)),
            Metric(
                "souk_postgres_connections_busy", .gauge, "Connections in use by a transaction.",
                pool.busy),
            Metric(
                "souk_postgres_connects_total", .counter, "Connections opened.",
                counts.connectionsOpened.load(ordering: .relaxed)),
            Metric(
                "souk_postgres_connections_lost_total", .counter,
                "Connections that broke while in use.",
                counts.connectionsLost.load(ordering: .relaxed)),
            Metric(
                "souk_postgres_round_trips_total", .counter, "Times that requests were sent.",
                counts.flushes.load(ordering: .relaxed)),
            Metric(
                "souk_postgres_unknown_outcomes_total", .counter,
                "Commits whose outcome is unknown.",
                counts.unknownOutcomes.load(ordering: .relaxed)),
            Metric(
                "souk_postgres_retries_total", .counter,
                "Transactions that ran again, by SQLSTATE.",
                retries.isEmpty
                    ? [Metric.Sample(labels: [("reason", "40001")], value: "0")]
                    : retries.map {
                        Metric.Sample(labels: [("reason", $0.key)], value: "\($0.value)")
                    }),
        ]
    }
}
