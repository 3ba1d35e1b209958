import Outbox
import Service

extension Check<String> {
    /// An http or https URL in printable ASCII (RFC 3986).
    ///
    /// `requireAllowedURL` checks its parts.
    static let webhookURL = Check.ascii(
        1...2000, rule: "must be an https URL of at most 2000 bytes"
    ) { (0x21...0x7E).contains($0) }
}

extension Check<NameList> {
    /// Patterns that each select at least one event type.
    static let eventTypes = Check.names(
        1...100, bytesMax: 100,
        rule: """
            must be a list of 1 to 100 different event types, such as order.paid, order.* or *
            """
    ) { EventType.matching($0) != nil }
}
