public import Logging
public import Outbox
public import Service
public import Storage
public import Values

/// What the courier does for a shop: one line for each kind of job, reader of the feed and periodic task.
public struct CourierTasks: Sendable {
    /// The handlers of jobs, one for each kind.
    public var handlers: [JobHandler]
    /// The readers of the feed, which enqueue jobs.
    public var subscribers: [EventSubscriber]
    /// The work that needs no job.
    public var periodic: [PeriodicTask]
    /// Metrics beside those of jobs and events.
    public var gauges: [CourierGauge]

    /// Creates a table of tasks.
    public init(
        handlers: [JobHandler] = [], subscribers: [EventSubscriber] = [],
        periodic: [PeriodicTask] = [], gauges: [CourierGauge] = []
    ) {
        self.handlers = handlers
        self.subscribers = subscribers
        self.periodic = periodic
        self.gauges = gauges
    }
}

/// The settings of the courier.
public struct CourierSettings: Sendable {
    /// The number of jobs that may be in progress at once.
    public let workers: Int
    /// The age in days after which events are deleted.
    public let eventsDays: Int

    /// Creates settings.
    public init(workers: Int, eventsDays: Int) {
        self.workers = workers
        self.eventsDays = eventsDays
    }
}

/// What the tasks of a shop may use.
public struct CourierOwner: Sendable {
    /// The settings of the courier.
    public let settings: CourierSettings
    /// The shop with its signing keys.
    public let shop: Shop
    /// The database of the shop.
    public let store: any Store
    /// The log of the courier.
    public let log: Logger

    /// Creates the surroundings of the tasks.
    public init(_ settings: CourierSettings, of shop: Shop, on store: any Store, log: Logger) {
        self.settings = settings
        self.shop = shop
        self.store = store
        self.log = log
    }
}

/// A metric that is read from the database.
public struct CourierGauge: Sendable {
    /// The full name, such as `souk_webhooks_failing`.
    public let name: String
    /// What it counts, as a sentence.
    public let help: String
    /// The present value.
    public let value: @Sendable (any Transaction) throws -> Int64

    /// Creates a gauge.
    public init(
        _ name: String, _ help: String,
        _ value: @escaping @Sendable (any Transaction) throws -> Int64
    ) {
        self.name = name
        self.help = help
        self.value = value
    }
}

/// A reader of the feed.
///
/// It gets each event once, in the order of the feed, in the transaction that moves the courier's
/// cursor. Several events come together if they are new. It only writes to the database, such
/// as a job, because the transaction may run again.
///
/// An event for which it throws an error becomes a job, so that the other events and readers go on.
public struct EventSubscriber: Sendable {
    /// The name in those jobs and in the log.
    public let name: String
    /// Reads the next events.
    public let notify: @Sendable ([Event], _ now: Instant, _ tx: any Transaction) throws -> Void

    /// Creates a reader.
    public init(
        _ name: String,
        notify: @escaping @Sendable ([Event], _ now: Instant, _ tx: any Transaction) throws -> Void
    ) {
        self.name = name
        self.notify = notify
    }
}

/// The handler of one kind of job.
public struct JobHandler: Sendable {
    /// The kind of the jobs.
    public let kind: String
    /// The pauses in seconds after each failed attempt.
    ///
    /// A random part of up to a fifth is added. After the last pause and one more attempt, the job
    /// has failed.
    public let retrySeconds: [Int64]
    /// Makes one attempt, outside of any transaction.
    ///
    /// A job may be attempted again after it succeeded, if the courier was killed before it could
    /// record that. The id of the job is the same in each attempt. A thrown error counts as a retry.
    public let attempt: @Sendable (Job) throws -> JobOutcome

    /// Creates a handler.
    public init(
        kind: String, retrySeconds: [Int64], attempt: @escaping @Sendable (Job) throws -> JobOutcome
    ) {
        self.kind = kind
        self.retrySeconds = retrySeconds
        self.attempt = attempt
    }
}

/// The result of an attempt.
public enum JobOutcome: Sendable {
    /// The work is done.
    case done(ResultRecord? = nil)
    /// The attempt failed. The next one begins after `afterSeconds`, or as the handler says if that
    /// is nil.
    case retry(afterSeconds: Int64? = nil, error: String, ResultRecord? = nil)
    /// No further attempt can succeed.
    case failed(error: String, ResultRecord? = nil)
}

/// Writes the result of an attempt, in the transaction that ends it.
///
/// It is not called if another courier has claimed the job.
public typealias ResultRecord = @Sendable (JobEnd, any Transaction) throws -> Void

/// What happens to a job after an attempt.
public enum JobEnd: Sendable, Equatable {
    case completed
    case retried(at: Instant)
    case failed
}
