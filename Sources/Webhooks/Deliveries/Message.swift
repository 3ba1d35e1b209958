import Crypto
import HTTP
import Outbox
import Service
import Storage
import Values

/// The message to a webhook, as the Standard Webhooks specification describes it.
///
/// Each attempt builds the same bytes again from the event. After an erasure `data` is null, so the
/// person's data is not sent any more.
struct Message: Sendable {
    /// The position of the event in the feed.
    let id: String
    let type: EventType
    let subject: String
    let createdAt: Instant
    /// The resource as JSON.
    let data: String?

    /// The content of a request.
    var body: [UInt8] {
        // All members but the last, without the closing brace.
        var bytes = JSONWriter.bytes(of: self).dropLast()
        bytes += #","data":\#(data ?? "null")}"#.utf8
        return Array(bytes)
    }
}

extension Message: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("type", type)
            $0.field("subject", subject)
            $0.field("created_at", createdAt)
        }
    }
}

extension Message {
    init(_ event: Event) {
        self.init(
            id: "\(event.position)", type: event.type, subject: event.subject,
            createdAt: event.createdAt, data: event.data)
    }
}

/// The value of `webhook-signature`: one signature for each secret, separated by spaces.
///
/// It signs `id`, the time in seconds since 1970, and the bytes that are sent.
func signature(of id: String, at seconds: Int64, _ body: [UInt8], by secrets: [WebhookSecret])
    -> String
{
    let signed = Array("\(id).\(seconds).".utf8) + body
    return secrets.map {
        "v1,\(Base64.encode(HMACSHA256.authenticate(signed, key: $0.bytes)))"
    }.joined(separator: " ")
}
