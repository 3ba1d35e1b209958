import Crypto
import Glibc
public import Logging
import Outbox
public import Storage
import Synchronization
public import Values

/// The threads of a courier: one passes events on, one claims jobs, one does periodic tasks,
/// and several attempt jobs.
public final class CourierThreads: Sendable {
    private let store: any Store
    private let counts: CourierCounts
    private let gauges: [CourierGauge]
    private let log: Logger
    private let clock: @Sendable () -> Instant
    private let deliverer: JobDeliverer
    private let dispatching: RepeatingThread
    private let claiming: RepeatingThread
    private let maintaining: RepeatingThread

    /// Creates a courier that has not started.
    public init(
        _ tasks: CourierTasks, _ settings: CourierSettings, on store: any Store, log: Logger,
        clock: @escaping @Sendable () -> Instant = { .now() }
    ) {
        self.store = store
        gauges = tasks.gauges
        self.log = log
        self.clock = clock
        // Unique among all couriers, also after a restart with the same process id.
        let name = "\(getpid())-\(Base64URL.encode(randomBytes(12)))"
        let handlers = tasks.handlers + [.events(for: tasks.subscribers, clock: clock)]
        counts = CourierCounts(of: handlers.map(\.kind))
        let deliverer = JobDeliverer(
            on: store, as: name, workers: settings.workers,
            attempts: JobAttempts(
                on: store, handlers: handlers, counts: counts, log: log, clock: clock),
            counts: counts, log: log, clock: clock)
        self.deliverer = deliverer
        let dispatcher = Dispatcher(
            store: store, subscribers: tasks.subscribers, counts: counts, log: log, clock: clock)
        let upkeep = Upkeep(
            tasks.periodic + [
                .pruneEvents(olderThanDays: settings.eventsDays), .pruneFailedJobs,
                .pruneNoticeTimes,
            ],
            on: store, log: log, clock: clock)
        dispatching = RepeatingThread(named: "dispatch", log: log) { try dispatcher.step() }
        claiming = RepeatingThread(named: "claim", log: log) { try deliverer.step() }
        maintaining = RepeatingThread(named: "upkeep", log: log) { upkeep.step() }
    }

    /// Starts the threads and returns.
    /// - Throws: `ThreadError`.
    public func start() throws {
        try deliverer.start { [claiming] in claiming.wake() }
        for thread in [dispatching, claiming, maintaining] { try thread.start() }
    }

    /// Finishes the jobs in progress, and releases those that take longer than `milliseconds`.
    public func drain(withinMs milliseconds: Int64) {
        for thread in [claiming, dispatching, maintaining] { thread.stop() }
        deliverer.drain(withinMs: milliseconds)
    }

    /// How many steps each thread has finished.
    public struct Progress: Sendable, Equatable {
        let dispatched: Int
        let claimed: Int

        /// Whether each thread has finished a step, for a watchdog that polls.
        public func isAlive(since earlier: Progress) -> Bool {
            dispatched != earlier.dispatched && claimed != earlier.claimed
        }
    }

    /// The current progress.
    public var progress: Progress {
        Progress(dispatched: dispatching.steps, claimed: claiming.steps)
    }
}

extension CourierThreads {
    /// The metrics of jobs and events.
    ///
    /// The figures of the database are missing if it cannot be read.
    public var metrics: [Metric] {
        do {
            let (figures, values) = try store.read { tx in
                (try OutboxFigures(in: tx), try gauges.map { try $0.value(tx) })
            }
            return counted + self.figures(figures)
                + zip(gauges, values).map { Metric($0.name, .gauge, $0.help, Int($1)) }
        } catch {
            log.warning("cannot read the metrics", metadata: ["error": "\(error)"])
            return counted
        }
    }

    private var counted: [Metric] {
        let kinds = counts.byKind
        func byKind(_ name: String, _ help: String, _ value: (CourierCounts.Results) -> Int)
            -> Metric
        {
            Metric(
                name, .counter, help,
                kinds.map {
                    Metric.Sample(labels: [("kind", $0.kind)], value: "\(value($0.results))")
                })
        }
        return [
            Metric(
                "souk_events_numbered_total", .counter, "Events that got a position in the feed.",
                counts.numberedEvents.load(ordering: .relaxed)),
            Metric(
                "souk_events_postponed_total", .counter,
                "Events that could not be handled at once, and that became jobs.",
                counts.postponedEvents.load(ordering: .relaxed)),
            Metric(
                "souk_events_dispatch_failures_total", .counter,
                "Failed attempts to pass events on.",
                counts.failedDispatches.load(ordering: .relaxed)),
            Metric(
                "souk_jobs_claimed_total", .counter, "Attempts that this courier began.",
                counts.claimedJobs.load(ordering: .relaxed)),
            Metric(
                "souk_jobs_lost_total", .counter,
                "Attempts whose result was not recorded, because their lease had ended.",
                counts.lostLeases.load(ordering: .relaxed)),
            byKind("souk_jobs_delivered_total", "Jobs that were done.", \.delivered),
            byKind("souk_jobs_retried_total", "Failed attempts that are repeated.", \.retried),
            byKind("souk_jobs_failed_total", "Jobs whose last attempt failed.", \.failed),
        ]
    }

    private func figures(_ figures: OutboxFigures) -> [Metric] {
        let now = clock()
        func age(_ time: Instant?) -> Double {
            guard let time else { return 0 }
            return Double(max(0, now.milliseconds - time.milliseconds)) / 1000
        }
        return [
            Metric(
                "souk_jobs_pending", .gauge, "Jobs that wait for an attempt, at most 100,000.",
                figures.pendingJobs),
            Metric(
                "souk_jobs_leased", .gauge, "Jobs in progress on any courier.", figures.leasedJobs),
            Metric(
                "souk_jobs_failed", .gauge,
                "Failed jobs that wait for the operator, at most 100,000.",
                figures.failedJobs),
            Metric(
                "souk_jobs_due_age_seconds", .gauge,
                "Time for which the oldest due job has waited; 0 if none is due.",
                age(figures.firstRunAt)),
            Metric(
                "souk_events_unnumbered", .gauge,
                "Events that are not in the feed yet, at most 100,000.", figures.unnumberedEvents),
            Metric(
                "souk_events_unnumbered_age_seconds", .gauge,
                "Age of the oldest event that is not in the feed yet.",
                age(figures.firstUnnumberedAt)),
            Metric(
                "souk_events_unread", .gauge, "Events in the feed that the courier has not read.",
                figures.unreadEvents),
            Metric(
                "souk_events_unread_age_seconds", .gauge,
                "Age of the oldest event in the feed that the courier has not read.",
                age(figures.firstUnreadAt)),
        ]
    }
}
