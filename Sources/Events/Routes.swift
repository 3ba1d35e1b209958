public import Service

/// The routes of the feed of events, which the customers responder serves.
// swift-format-ignore
public let routes: [Route] = [
    .get("/events", .staff, query: EventFilter.self, outside: listEvents),
]
