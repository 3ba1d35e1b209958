/// A signed POST to a receiver.
public struct WebhookRequest: Sendable {
    /// The URL of the webhook.
    public let url: String
    /// The header fields.
    public let fields: [(name: String, value: String)]
    /// The bytes that were signed.
    public let body: [UInt8]
}

/// The response of the receiver.
public struct WebhookAnswer: Sendable {
    /// The status code; nil if there was no complete response.
    public let status: Int64?
    /// The beginning of the response body.
    public let body: [UInt8]
    /// Why there was no response, such as `timeout` or `address_not_allowed`.
    public let error: String?

    /// Creates a response.
    public init(status: Int64?, body: [UInt8] = [], error: String? = nil) {
        self.status = status
        self.body = body
        self.error = error
    }

    /// The first KiB of the body as text that any engine can store.
    ///
    /// Bytes that are not UTF-8 and control characters become U+FFFD.
    var beginning: String? {
        guard !body.isEmpty else { return nil }
        let text = String(decoding: body.prefix(DeliveryAttempt.answerBytesMax), as: UTF8.self)
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isText = scalar.value >= 0x20 && scalar.value != 0x7F
            let isSpace = scalar == "\n" || scalar == "\r" || scalar == "\t"
            scalars.append(isText || isSpace ? scalar : "\u{FFFD}")
        }
        // A character that the limit cut.
        if body.count > DeliveryAttempt.answerBytesMax, scalars.last == "\u{FFFD}" {
            scalars.removeLast()
        }
        return String(scalars)
    }
}
