import Crypto
public import Values

/// A message that can be sent.
public struct MailMessage: Sendable {
    /// The sender.
    public let from: Mailbox
    /// The address of the receiver.
    public let to: String
    /// The subject and the text.
    public let text: MailText
    /// Identifies the message: the same for each attempt to send it.
    public let id: String
    /// The time in the header.
    public let date: Instant

    /// Creates a message; `job` is the number of its job.
    public init(from: Mailbox, to: String, _ text: MailText, job: Int64, at date: Instant) {
        self.from = from
        self.to = to
        self.text = text
        self.date = date
        id = "souk-\(job)-\(date.milliseconds)@\(from.domain)"
    }

    /// The message with CRLF line ends (RFC 5322): plain text and the same as HTML.
    public var bytes: [UInt8] {
        let boundary = "souk-" + Base64URL.encode(Blake2b.hash(Array(id.utf8), count: 16))
        let fields = [
            "From: \(from.field)", MailHeader.receiver(to),
            "Subject: \(MailHeader.text(text.subject))", "Date: \(MailHeader.date(date))",
            "Message-ID: <\(id)>", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"",
        ]
        var bytes = Array((fields.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        for (type, content) in [
            ("text/plain", text.body), ("text/html", HTMLText.document(of: text.body)),
        ] {
            let head = """
                --\(boundary)\r
                Content-Type: \(type); charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r

                """
            bytes += Array(head.utf8) + QuotedPrintable.encode(content)
            bytes += Array("\r\n".utf8)
        }
        return bytes + Array("--\(boundary)--\r\n".utf8)
    }
}

/// The sender of messages, from `SOUK_MAIL_FROM`.
public struct Mailbox: Sendable, Equatable {
    /// The name, or an empty text.
    public let name: String
    /// `local@domain`.
    public let address: String

    /// Reads `shop@example.com` or `My Shop <shop@example.com>`; nil if it is neither.
    public init?(_ text: String) {
        var address = Substring(text)
        var name = Substring()
        if let open = text.lastIndex(of: "<"), text.hasSuffix(">") {
            name = text[..<open]
            address = text[text.index(after: open)...].dropLast()
        }
        while name.last == " " { name.removeLast() }
        let parts = address.utf8.split(
            separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty,
            address.utf8.allSatisfy({
                (0x21...0x7E).contains($0) && !#"<>,;:\""#.utf8.contains($0)
            }),
            name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return nil }
        self.name = String(name)
        self.address = String(address)
    }

    var domain: String { String(address.split(separator: "@").last ?? "") }

    /// The value of the field From.
    var field: String {
        guard !name.isEmpty else { return address }
        let isAtom = name.utf8.allSatisfy {
            (0x20...0x7E).contains($0) && !#"()<>[]:;@\,.""#.utf8.contains($0)
        }
        if isAtom { return "\(MailHeader.text(name)) <\(address)>" }
        guard name.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            return "\(MailHeader.text(name)) <\(address)>"
        }
        let quoted = name.map { #"\""#.contains($0) ? "\\\($0)" : String($0) }.joined()
        return "\"\(quoted)\" <\(address)>"
    }
}
