import FastCGI
import HTTP
import HTTPTypes
import Logging
import Service
import Storage
import StorageSQLite
import Synchronization
import Values

/// What an operator asks a responder, beside what its slice answers.
///
/// These routes are no slice's, since they know the process and not the shop. nginx lets whom it
/// should through to them.
final class Operations: Sendable {
    private let program: ResponderProgram
    private let store: SQLiteStore
    private let health: ShopHealth
    private let surroundings: Surroundings
    private let startedAt = Instant.now()
    /// Set once, before the first request: they are made from these routes.
    private let counted = Mutex<(traffic: Traffic, listener: Listener)?>(nil)

    /// The routes of `program`, which listens on `socket`.
    init(
        of program: ResponderProgram, at socket: ListeningSocket, on store: SQLiteStore,
        surroundings: Surroundings, log: Logger
    ) {
        self.program = program
        self.store = store
        self.surroundings = surroundings
        health = ShopHealth(
            of: "\(program.name)", at: socket.unixPath, on: store, room: surroundings.room, log: log
        )
    }

    func watch(_ traffic: Traffic, _ listener: Listener) {
        counted.withLock { $0 = (traffic, listener) }
    }

    // swift-format-ignore
    var routes: [Route] {
        [
            .get("/\(program.name)/metrics", .anyone, outside: { [self] _ in showMetrics() }),
            .get("/healthz",         .anyone, outside: { [self] _ in try showShop() }),
            .get("/healthz/\(program.name)", .anyone, outside: { [self] _ in try showSelf() }),
        ]
    }

    private func showMetrics() -> Response {
        var page = Exposition()
        page.build(schemaVersion: schema.count)
        if let (traffic, listener) = counted.withLock({ $0 }) {
            page.requests(traffic)
            page.listener(listener)
        }
        page.store(store.statistics)
        for gauge in program.gauges { page.family(gauge.name, .gauge, gauge.help, gauge.value()) }
        page.surroundings(surroundings)
        page.processFigures(startedAtSeconds: Double(startedAt.milliseconds) / 1000)
        return Response(
            status: .ok,
            fields: [.contentType: Exposition.contentType, .cacheControl: "no-store"],
            body: Array(page.text.utf8))
    }

    private func showShop() throws -> Response {
        try answer(health.faults())
    }

    private func showSelf() throws -> Response {
        try answer(health.ownFault().map { [$0] } ?? [])
    }

    private func answer(_ faults: [Problem.Fault]) throws -> Response {
        guard faults.isEmpty else {
            let sentences = faults.map { "\($0.field) \($0.message)" }.joined(separator: ", ")
            throw Problem(
                .serviceUnavailable, "unhealthy", "The shop is unhealthy: \(sentences).",
                faults: faults, fields: [.retryAfter: "1"])
        }
        // Everybody may ask, so the reason is in the log alone.
        let warnings =
            surroundings.keys.look() == nil
            ? [] : ["\(program.name): the key file is unusable, see the log"]
        var response = Response.ok(WellShop(schemaVersion: schema.count, warnings: warnings))
        response.fields[.cacheControl] = "no-store"
        return response
    }
}

private struct WellShop: JSONWritable {
    let schemaVersion: Int
    /// What does no harm yet.
    let warnings: [String]

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("status", "ok")
            $0.field("schema", Int64(schemaVersion))
            $0.field("responders", Responders())
            if !warnings.isEmpty { $0.field("warnings", warnings) }
        }
    }

    private struct Responders: JSONWritable {
        func write(to json: inout JSONWriter) {
            json.object {
                for program in ResponderProgram.all { $0.field(program.name, "ok") }
            }
        }
    }
}
