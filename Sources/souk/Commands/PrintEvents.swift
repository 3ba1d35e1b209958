import ArgumentParser
import Events
import Glibc
import HTTP
import Launch
import Outbox
import Storage

struct PrintEvents: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Print events as JSON, one per line, oldest first.",
        discussion: """
            Each line is an event as GET /events returns it. To continue later, pass the id of the last line to --after.
            """)

    @Option(help: "Begin after the event with this id.")
    var after: Int64 = 0

    @Option(help: "Print only events of this type: order.paid, order.* or *.")
    var type = "*"

    @Flag(help: "Wait for new events until the command is interrupted.")
    var follow = false

    func validate() throws {
        guard after >= 0 else { throw ValidationError("--after must not be negative.") }
        guard EventType.matching(type) != nil else {
            throw ValidationError("--type must be an event type, such as order.paid, order.* or *.")
        }
    }

    func run() throws {
        let types = type == "*" ? nil : EventType.matching(type)
        try withShop { _, store in
            var last = after
            while true {
                if try store.read(hasUnnumberedEvents) {
                    try store.write { _ = try numberEvents(in: $0) }
                }
                let found = try store.read {
                    try shownEvents(after: last, types: types, limit: 1000, in: $0)
                }
                for event in found {
                    print(JSONWriter.text(of: event))
                }
                last = found.last?.event.position ?? last
                if found.isEmpty {
                    // The events that were numbered may be of other types than the next ones.
                    if try store.read(hasUnnumberedEvents) { continue }
                    guard follow else { return }
                    fflush(nil)
                    usleep(200_000)
                }
            }
        }
    }
}
