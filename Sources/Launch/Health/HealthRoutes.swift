import HTTP
import Service

/// The routes that report the health of the shop and of this responder.
struct HealthRoutes: Sendable {
    let program: ResponderProgram
    let health: ShopHealth
    let surroundings: Surroundings

    var routes: [Route] {
        [
            .get("/healthz", .anyone, outside: { [self] _ in try response(health.report()) }),
            .get(
                "/healthz/\(program.name)", .anyone,
                outside: { [self] _ in
                    let faults = health.ownFault().map { [$0] } ?? []
                    return try response(.init(faults: faults, isCourierUp: true))
                }),
        ]
    }

    private func response(_ report: ShopHealth.Report) throws -> Response {
        let faults = report.faults
        guard faults.isEmpty else {
            let sentences = faults.map { "\($0.field) \($0.message)" }.joined(separator: ", ")
            throw Problem(
                .serviceUnavailable, "unhealthy", "The shop is unhealthy: \(sentences).",
                faults: faults, fields: [.retryAfter: "1"])
        }
        // The route is public, so the reason is only in the log.
        let warnings =
            surroundings.keys.look() == nil
            ? [] : ["\(program.name): the key file is unusable, see the log"]
        var response = Response.ok(
            HealthyShop(
                schemaVersion: schema.count, isCourierUp: report.isCourierUp, warnings: warnings))
        response.fields[.cacheControl] = "no-store"
        return response
    }
}

private struct HealthyShop: JSONWritable {
    let schemaVersion: Int
    let isCourierUp: Bool
    /// Faults that do not affect requests yet.
    let warnings: [String]

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("status", "ok")
            $0.field("schema", Int64(schemaVersion))
            $0.field(
                "responders",
                object: { json in
                    for program in ResponderProgram.all { json.field(program.name, "ok") }
                    json.field(ResponderProgram.courier.name, isCourierUp ? "ok" : "down")
                })
            if !warnings.isEmpty { $0.field("warnings", warnings) }
        }
    }
}
