public import Customers
import HTTP
import Outbox
import Service
import Storage

/// The personal data of events; the erasure of an account deletes their data by itself.
public let personalData: [PersonalData] = [
    PersonalData("events") { customer, tx in
        try events(of: customer, in: tx).map(ExportedEvent.init)
    }
]

private struct ExportedEvent: JSONWritable {
    let event: Event

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", String(event.position))
            $0.field("type", event.type)
            $0.field("subject", event.subject)
            $0.field("created_at", event.createdAt)
            $0.field("data", event.data.map(JSONText.init))
        }
    }
}
