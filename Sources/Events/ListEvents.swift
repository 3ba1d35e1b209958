import Customers
public import HTTP
public import Outbox
import Service
public import Storage
import Threads
import Values

/// The parameters of `GET /events`.
struct EventFilter: Input {
    /// The position after which the list begins.
    let after: Int64
    let types: [EventType]?
    let subject: String?
    let limit: Int64
    /// How long to wait for an event, in seconds.
    let wait: Int64

    init(_ fields: inout Fields) {
        after = fields.optional("after", .integer(0...Int64.max)) ?? 0
        let pattern = fields.optional("type", .line(1...50))
        types = pattern.flatMap(EventType.matching)
        if pattern != nil, types == nil {
            fields.fault("type", "must be an event type, such as order.paid, order.* or *")
        }
        subject = fields.optional("subject", .line(1...120))
        limit = fields.optional("limit", .integer(1...100)) ?? 20
        wait = fields.optional("wait", .integer(0...20)) ?? 0
    }
}

/// Lists the events after a position, in the order of their positions.
///
/// An empty list waits for an event, if the request asks for that and a worker is free for it.
@Sendable func listEvents(_ filter: EventFilter, _ call: Call) throws -> Response {
    var page = try readEvents(filter, call)
    if page.data.isEmpty, filter.wait > 0 {
        let endMs = monotonicMs() + filter.wait * 1000
        try call.wait {
            page = try readEvents(filter, call)
            return page.data.isEmpty && monotonicMs() < endMs
        }
    }
    var response = Response.ok(page)
    // Not on the last page, although it has `next`: a client that follows links ends there.
    if page.hasMore { response.link(toNext: "\(page.next)", of: call.request) }
    return response
}

private func readEvents(_ filter: EventFilter, _ call: Call) throws -> EventPage {
    if try call.read(hasUnnumberedEvents) {
        try call.commit { _ = try numberEvents(in: $0) }
    }
    return try call.read { tx in
        let found = try shownEvents(
            after: filter.after, types: filter.types, subject: filter.subject,
            limit: filter.limit + 1, in: tx)
        let shown = found.prefix(Int(filter.limit))
        return EventPage(
            data: Array(shown), next: shown.last?.event.position ?? filter.after,
            hasMore: found.count > shown.count)
    }
}

/// The events of the feed after `position`, as clients get them.
///
/// Events without a position are left out: call `numberEvents` first.
/// - Throws: `StoreError`.
public func shownEvents(
    after position: Int64, types: [EventType]?, subject: String? = nil, limit: Int64,
    in tx: any Transaction
) throws -> [ShownEvent] {
    let found = try events(
        after: position, types: types, subject: subject, limit: limit, in: tx)
    let names = try usernames(of: found.compactMap(\.actor), in: tx)
    return found.map { ShownEvent(event: $0, actor: $0.actor.flatMap { names[$0] }) }
}

/// A part of the feed.
private struct EventPage: JSONWritable {
    let data: [ShownEvent]
    let next: Int64
    let hasMore: Bool

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("data", data)
            $0.field("next", String(next))
        }
    }
}

/// An event as clients get it.
public struct ShownEvent: JSONWritable, Sendable {
    /// The event.
    public let event: Event
    /// The username of the account that made the change.
    let actor: String?

    /// Writes the event; its id is a string, because clients must not calculate with it.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", String(event.position))
            $0.field("type", event.type)
            $0.field("subject", event.subject)
            $0.field("actor", actor)
            $0.field("created_at", event.createdAt)
            $0.field("data", event.data.map(JSONText.init))
        }
    }
}
