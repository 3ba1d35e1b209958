import Service

extension Check<String> {
    /// An http or https URL in printable ASCII, to which a provider sends the customer back.
    static let returnURL = Check.ascii(
        10...2000, rule: "must be an https or http URL of at most 2000 bytes"
    ) { (0x21...0x7E).contains($0) }.satisfying { url in
        ["https://", "http://"].contains { url.hasPrefix($0) && url.utf8.count > $0.utf8.count }
    }
}
