public import Storage

extension SQLiteStore {
    /// The statistics as metrics.
    public var metrics: [Metric] {
        let figures = statistics
        return [
            Metric("souk_commits_total", .counter, "Transactions committed.", figures.commits),
            Metric(
                "souk_writes_total", .counter,
                "Writes answered, including rejected ones and dry runs.", figures.writes),
            Metric(
                "souk_batch_writes", .summary, "Writes per commit.",
                [
                    Metric.Sample(suffix: "_sum", value: "\(figures.writes)"),
                    Metric.Sample(suffix: "_count", value: "\(figures.batches)"),
                ]),
            Metric("souk_readers", .gauge, "Concurrent reads allowed.", figures.readersMax),
            Metric("souk_readers_busy", .gauge, "Reads in progress.", figures.readersBusy),
            Metric(
                "souk_read_timeouts_total", .counter, "Searches stopped at their time limit.",
                figures.timeouts),
            Metric(
                "souk_statement_cache_hits_total", .counter, "Statements found in the cache.",
                figures.statementsReused),
            Metric(
                "souk_statement_cache_misses_total", .counter, "Statements missing from the cache.",
                figures.statementsPrepared),
            Metric(
                "souk_wal_bytes", .gauge,
                "Size of the write-ahead log, which all responders share.",
                figures.logBytes),
            Metric(
                "souk_checkpoints_total", .counter,
                "WAL checkpoints by this process; partial: a reader blocked the rest.",
                [
                    Metric.Sample(
                        labels: [("result", "complete")], value: "\(figures.checkpointsComplete)"),
                    Metric.Sample(
                        labels: [("result", "partial")], value: "\(figures.checkpointsPartial)"),
                    Metric.Sample(
                        labels: [("result", "failed")], value: "\(figures.checkpointsFailed)"),
                ]),
            Metric(
                "souk_checkpoint_frames_left", .gauge,
                "WAL frames left by the last checkpoint; grows during a long read.",
                figures.framesLeft),
        ]
    }
}
