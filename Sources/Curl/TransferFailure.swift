import CCurl

/// Why an HTTP request has no response, or a message was not accepted.
public struct TransferFailure: Error, Equatable, Sendable {
    /// A stable code, for the database and for clients.
    public enum Code: String, Sendable, CaseIterable {
        /// The host has addresses, and none of them is public.
        case addressNotAllowed = "address_not_allowed"
        /// The host has no address.
        case hostNotFound = "host_not_found"
        /// No address of the host accepted a connection.
        case connectionFailed = "connection_failed"
        /// The connection ended before the response.
        case connectionLost = "connection_lost"
        /// The transfer took longer than its limit.
        case timeout = "timeout"
        /// The TLS handshake failed, the certificate is not valid, or the server has no TLS.
        case tlsFailed = "tls_failed"
        /// The response does not follow the protocol, or its header is too large.
        case invalidResponse = "invalid_response"
        /// The mail server rejected the message for good (5xx).
        case rejected = "rejected"
        /// The mail server asks to try again later (4xx).
        case deferred = "deferred"
        /// The mail server does not accept the credentials, or requires some.
        case loginDenied = "login_denied"
        /// A file could not be read or written.
        case fileFailed = "file_failed"
    }

    /// The kind of failure.
    public let code: Code
    /// One line for the operator, at most 500 bytes of printable text.
    public let detail: String
    /// The last reply code of a mail server.
    public let reply: Int?
    /// The duration of the attempt in milliseconds.
    public let ms: Int

    /// A failure; unprintable characters of `detail` become spaces.
    public init(_ code: Code, detail: String, reply: Int? = nil, ms: Int) {
        self.code = code
        self.detail = oneLine(detail, maxBytes: 500)
        self.reply = reply
        self.ms = ms
    }

    /// Whether another attempt would end the same.
    public var isPermanent: Bool { code == .rejected }
}

/// The text on one line: controls become spaces, and it is cut before `maxBytes`.
func oneLine(_ text: String, maxBytes: Int) -> String {
    var line = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
        let isControl = scalar.properties.generalCategory == .control
        let next: Unicode.Scalar = isControl ? " " : scalar
        count += UTF8.width(next)
        if count > maxBytes { break }
        line.append(next)
    }
    while line.last == " " { line.removeLast() }
    return String(line)
}

extension TransferFailure.Code {
    /// The code for an error of libcurl (libcurl-errors(3)).
    init(_ error: CURLcode) {
        self =
            switch error {
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .hostNotFound
            case CURLE_COULDNT_CONNECT: .connectionFailed
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
                CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
                CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_INITFAILED:
                .tlsFailed
            case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE,
                CURLE_HTTP2, CURLE_HTTP2_STREAM:
                .connectionLost
            case CURLE_LOGIN_DENIED: .loginDenied
            default: .invalidResponse
            }
    }
}
