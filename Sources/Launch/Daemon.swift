import Courier
import Customers
import FastCGI
import FoundationEssentials
import Glibc
import Logging
import Sales
import Service
import Storage

/// Runs a responder until SIGTERM or SIGINT; the main function of each daemon.
///
/// It listens on descriptor 0 if that is a socket, and otherwise at `--listen PATH` or `--listen
/// HOST:PORT`. It answers in-flight requests before it stops. Exit codes: 0 after a stop, 1 if it
/// cannot start, 64 for a wrong command line.
public func serve(_ program: ResponderProgram) -> Never {
    let name = program.processName
    // Before the first thread starts: threads inherit this mask, so only this thread gets the
    // signals.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    do {
        let address = try listenAddress(name, CommandLine.arguments.dropFirst())
        let settings = try Settings(ProcessInfo.processInfo.environment)
        let journal = ProcessInfo.processInfo.environment["JOURNAL_STREAM"]
        let log = Logger(label: name) { _ in
            JournalLog(level: settings.logLevel, name: name, journal: journal)
        }
        // Before the socket: a responder without a usable key must not accept requests. The courier
        // opens the tokens and secrets of its messages with it.
        let keys = KeyFileWatch(KeyFile(path: settings.jwtSecretFile), log: log)
        let shop = try settings.shop(report: keys.note)
        let store = try openStore(
            settings, for: program.tasks == nil ? .requests : .background)
        try schema.verify(store)
        try settings.verifyTimeZone(of: store)
        let socket = try ListeningSocket(inheritedOrAt: address)
        let courier = try program.courier(settings, of: shop, on: store, log: log)
        let listener = try listener(
            for: program, at: socket, on: store, of: shop, settings, keys, courier, log: log)
        try listener.start()
        try courier?.start()
        log.info("ready", metadata: beginning(settings, workers: listener.workers))
        watch(listener, courier, until: &signals)
        log.info("stopping")
        Service.stopWaiting()
        courier?.drain(withinMs: courierDrainMs)
        listener.drain()
        log.info("stopped", metadata: ["requests": "\(listener.progress.finished)"])
        store.close()
        exit(0)
    } catch {
        JournalLog.say("\(name) cannot start: \(error)")
        exit(1)
    }
}

/// The time in milliseconds that a stopping courier gives to the jobs in progress.
///
/// `make run` kills a program after 8 seconds.
private let courierDrainMs: Int64 = 7000

extension ResponderProgram {
    /// The threads of the courier; nil for a responder.
    fileprivate func courier(
        _ settings: Settings, of shop: Shop, on store: any Engine, log: Logger
    ) throws -> CourierThreads? {
        guard let tasks else { return nil }
        let own = CourierSettings(
            workers: settings.courierWorkers, eventsDays: settings.eventsDays)
        let owner = CourierOwner(own, of: shop, on: store, log: log)
        return CourierThreads(try tasks(settings, owner), own, on: store, log: log)
    }
}

/// Creates the listener of `program`, with its routes for health and metrics.
private func listener(
    for program: ResponderProgram, at socket: ListeningSocket, on store: any Engine, of shop: Shop,
    _ settings: Settings, _ keys: KeyFileWatch, _ courier: CourierThreads?, log: Logger
) throws -> Listener {
    let room = DiskRoom(beside: settings.databaseFile)
    let surroundings = Surroundings(
        room: room, keys: keys, backups: settings.databaseFile.map(BackupRecord.init))
    let metrics = MetricsRoutes(
        of: program, on: store, courier: courier, surroundings: surroundings)
    let health = HealthRoutes(
        program: program,
        health: ShopHealth(
            of: "\(program.name)", at: socket.unixPath, on: store, room: room, log: log),
        surroundings: surroundings)
    let responder = Responder(
        program.routes + metrics.routes + health.routes, of: shop, on: store,
        authentication: Customers.authentication, reclaim: Sales.overdueHolds, log: log,
        slowMs: settings.slowMs,
        mayKeep: { room.isThere })
    let listener = try Listener(
        on: socket,
        .init(workers: (program.ownWorkers ?? settings.workers) + program.extraWorkers),
        logger: log,
        handle: responder.answer)
    metrics.watch(responder.traffic, listener)
    return listener
}

/// Notifies systemd while the workers make progress, and returns when a signal asks to stop.
private func watch(
    _ listener: Listener, _ courier: CourierThreads?, until signals: inout sigset_t
) {
    let notifier = Notifier()
    notifier.ready()
    let pauseMs = (notifier.watchdogIntervalMs ?? 60_000) / 2
    var pause = timespec(tv_sec: pauseMs / 1000, tv_nsec: pauseMs % 1000 * 1_000_000)
    var before = (listener.progress, courier?.progress)
    while sigtimedwait(&signals, nil, &pause) < 0 {
        let now = (listener.progress, courier?.progress)
        let isWorking = now.1.flatMap { now in before.1.map(now.isAlive) } ?? true
        // Without notifications, systemd restarts a process whose workers all hang.
        if now.0.isAlive(since: before.0), isWorking { notifier.watchdog() }
        before = now
    }
    notifier.stopping()
}

/// The fields of the log line of a start.
private func beginning(_ settings: Settings, workers: Int) -> Logger.Metadata {
    [
        "version": "\(version)", "schema": "\(schema.count)", "workers": "\(workers)",
        "database": "\(settings.database)",
    ]
}

/// The address after `--listen`, or nil.
private func listenAddress(_ name: String, _ arguments: ArraySlice<String>) throws -> String? {
    switch (arguments.count, arguments.first, arguments.last) {
    case (0, _, _): return nil
    case (2, "--listen"?, let address?): return address
    case (1, "--version"?, _):
        print(version)
        exit(0)
    default:
        JournalLog.say("usage: \(name) [--listen PATH|HOST:PORT] [--version]")
        exit(64)
    }
}
