import Courier
import FastCGI
import HTTP
import HTTPTypes
import Service
import Storage
import Synchronization
import Values

/// The route with the metrics of a responder; nginx restricts access to it.
final class MetricsRoutes: Sendable {
    private let program: ResponderProgram
    private let store: any Engine
    private let courier: CourierThreads?
    private let surroundings: Surroundings
    private let startedAt = Instant.now()
    /// Set once before the first request, because both are created from the routes.
    private let counted = Mutex<(traffic: Traffic, listener: Listener)?>(nil)

    init(
        of program: ResponderProgram, on store: any Engine, courier: CourierThreads?,
        surroundings: Surroundings
    ) {
        self.program = program
        self.store = store
        self.courier = courier
        self.surroundings = surroundings
    }

    /// Sets the counters of requests and connections.
    func watch(_ traffic: Traffic, _ listener: Listener) {
        counted.withLock { $0 = (traffic, listener) }
    }

    var routes: [Route] {
        [.get("/\(program.name)/metrics", .anyone, outside: { [self] _ in showMetrics() })]
    }

    private func showMetrics() -> Response {
        var page = PrometheusText()
        page.build(schemaVersion: schema.count)
        if let (traffic, listener) = counted.withLock({ $0 }) {
            page.requests(traffic)
            page.listener(listener)
        }
        store.metrics.forEach { page.write($0) }
        courier?.metrics.forEach { page.write($0) }
        for gauge in program.gauges {
            page.family(gauge.name, gauge.type, gauge.help, gauge.value())
        }
        page.surroundings(surroundings)
        page.processFigures(startedAtSeconds: Double(startedAt.milliseconds) / 1000)
        return Response(
            status: .ok,
            fields: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
            body: Array(page.text.utf8))
    }
}
