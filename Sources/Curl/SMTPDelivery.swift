import CCurl

/// One message for one recipient, and the server that takes it.
public struct SMTPDelivery: Sendable {
    /// The server.
    public var server: SMTPServer
    /// The credentials, if the server requires some.
    public var credentials: SMTPCredentials?
    /// The address that gets bounces (the envelope's, RFC 5321 MAIL FROM).
    public var sender: String
    /// The address of the recipient (RCPT TO).
    public var recipient: String
    /// The message with CRLF line ends (RFC 5322).
    public var message: [UInt8]
    /// The limit for everything from name resolution to the last reply, in milliseconds.
    public var timeoutMs = 30_000

    /// A delivery; the addresses have the form `local@domain` and are checked by `send`.
    public init(
        to server: SMTPServer, _ credentials: SMTPCredentials?, sender: String, recipient: String,
        message: [UInt8]
    ) {
        self.server = server
        self.credentials = credentials
        self.sender = sender
        self.recipient = recipient
        self.message = message
    }

    /// Transfers the message.
    ///
    /// TLS is required with `smtps`, with credentials, and if the server offers STARTTLS. A server on
    /// this machine without credentials is used without TLS. It blocks the calling thread.
    /// - Returns: the last reply of the server, such as `250 2.0.0 queued as 4F1`.
    public func send(_ network: NetworkOverrides = .init()) -> Result<String, TransferFailure> {
        guard let sender = path(sender), let recipient = path(recipient) else {
            return .failure(
                TransferFailure(.rejected, detail: "The address is not valid.", ms: 0))
        }
        let limits = CurlTransfer.Limits(timeoutMs: timeoutMs, maxBodyBytes: 0)
        guard
            let transfer = CurlTransfer(server.text, protocols: "smtp,smtps", limits, network)
        else {
            return .failure(TransferFailure(.connectionFailed, detail: "out of memory", ms: 0))
        }
        transfer.requiresPublicAddress = false
        transfer.set(CURLOPT_MAIL_FROM, sender)
        transfer.set(CURLOPT_MAIL_RCPT, [recipient])
        transfer.set(CURLOPT_UPLOAD, 1)
        souk_curl_set_size(transfer.handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(message.count))
        transfer.upload = message
        transfer.set(CURLOPT_USE_SSL, Int(security.rawValue))
        if let credentials {
            transfer.set(CURLOPT_USERNAME, credentials.user)
            transfer.set(CURLOPT_PASSWORD, credentials.password)
        }
        let replies = SMTPReplies(requiresTLS: security == CURLUSESSL_TRY)
        transfer.onHeaderLine = replies.read
        let (error, detail, ms) = transfer.perform()
        if error == CURLE_OK { return .success(replies.receipt) }
        return .failure(replies.failure(for: error, detail, ms: ms))
    }

    private var security: curl_usessl {
        if credentials != nil { return CURLUSESSL_ALL }
        return server.isLocal ? CURLUSESSL_NONE : CURLUSESSL_TRY
    }

    /// The address in angle brackets, or nil if it could be more than one argument of a command.
    private func path(_ address: String) -> String? {
        let isPlain = address.utf8.allSatisfy {
            $0 > 0x20 && $0 != 0x7F && !"<>".utf8.contains($0)
        }
        return isPlain && address.utf8.contains(UInt8(ascii: "@")) ? "<\(address)>" : nil
    }
}

/// The replies of a mail server during a delivery (RFC 5321 §4.2).
final class SMTPReplies {
    private let requiresTLS: Bool
    private var count = 0
    /// The number of the reply to STARTTLS, if the server offers it.
    private var replyToSTARTTLS: Int?
    private var offersTLS = false
    private var isUnsafe = false
    private var hasData = false
    /// The last reply that refuses something, and its number.
    private var refusal: (text: String, number: Int)?
    /// The reply to the message.
    private(set) var receipt = ""

    init(requiresTLS: Bool) {
        self.requiresTLS = requiresTLS
    }

    /// Takes a line; false if the message would go on without TLS that the server offers.
    func read(_ line: UnsafeRawBufferPointer) -> Bool {
        if line.dropFirst(4).prefix(8).elementsEqual("STARTTLS".utf8) { offersTLS = true }
        // Only the last line of a reply has a space after the code.
        if line.count > 3 && line[3] == UInt8(ascii: "-") { return true }
        count += 1
        let text = oneLine(String(decoding: line, as: UTF8.self), maxBytes: 500)
        let code = Int(text.prefix(3)) ?? 0
        if code >= 400 { refusal = (text, count) }
        if hasData && receipt.isEmpty { receipt = text }
        if code == 354 { hasData = true }
        if count == replyToSTARTTLS && requiresTLS && code != 220 {
            isUnsafe = true
            return false
        }
        if offersTLS && replyToSTARTTLS == nil { replyToSTARTTLS = count + 1 }
        return true
    }

    /// What an error of libcurl means after these replies.
    func failure(for error: CURLcode, _ detail: String, ms: Int) -> TransferFailure {
        let reply = refusal.flatMap { Int($0.text.prefix(3)) }
        func failure(_ code: TransferFailure.Code) -> TransferFailure {
            TransferFailure(code, detail: refusal?.text ?? detail, reply: reply, ms: ms)
        }
        if isUnsafe { return failure(.tlsFailed) }
        // These errors of libcurl also say that the server refused a command or the message.
        let mayBeRefusal = [CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_WEIRD_SERVER_REPLY]
        guard mayBeRefusal.contains(error), let refusal else {
            return failure(TransferFailure.Code(error))
        }
        switch reply ?? 0 {
        // The server wants a login or TLS: the operator can repair this.
        case 530, 534, 535, 538: return failure(.loginDenied)
        // The first reply refuses this client, not the message.
        case 500..<600 where refusal.number > 1: return failure(.rejected)
        default: return failure(.deferred)
        }
    }
}
