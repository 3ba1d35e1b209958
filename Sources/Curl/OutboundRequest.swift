import CCurl
public import HTTPTypes

/// An HTTP request to another server: a webhook or a payment provider.
///
/// Without redirects, cookies and proxies, and with a verified certificate.
public struct OutboundRequest: Sendable {
    /// The method.
    public var method: HTTPRequest.Method
    /// Where to.
    public var url: OutboundURL
    /// The header fields; libcurl adds Host, Accept and Content-Length.
    public var headers: HTTPFields
    /// The body, or nil for none.
    public var body: [UInt8]?
    /// The limit for everything from name resolution to the last byte, in milliseconds.
    public var timeoutMs = 10_000
    /// The transfer ends after this many bytes of the response's body.
    public var maxBodyBytes = 65_536

    /// A request with the default limits.
    public init(
        _ method: HTTPRequest.Method, _ url: OutboundURL, headers: HTTPFields = [:],
        body: [UInt8]? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Sends the request and waits for the response.
    ///
    /// Any status is a response, 302 and 500 too. It blocks the calling thread.
    public func send(_ network: NetworkOverrides = .init())
        -> Result<OutboundResponse, TransferFailure>
    {
        let limits = CurlTransfer.Limits(timeoutMs: timeoutMs, maxBodyBytes: maxBodyBytes)
        guard let transfer = CurlTransfer(url.text, protocols: "http,https", limits, network) else {
            return .failure(TransferFailure(.connectionFailed, detail: "out of memory", ms: 0))
        }
        prepare(transfer)
        let (error, detail, ms) = transfer.perform()
        let status = souk_curl_response_code(transfer.handle)
        let isCut = error == CURLE_WRITE_ERROR && transfer.isCut
        guard error == CURLE_OK || isCut, status > 0 else {
            var code = TransferFailure.Code(error)
            if code == .connectionFailed && transfer.hasRefusedAddress { code = .addressNotAllowed }
            return .failure(TransferFailure(code, detail: detail, ms: ms))
        }
        return .success(
            OutboundResponse(
                status: status, headers: fields(of: transfer), body: transfer.body, isCut: isCut,
                ms: ms))
    }

    private func prepare(_ transfer: CurlTransfer) {
        transfer.requiresPublicAddress = !url.reachesAnyAddress
        // Without a length, servers may refuse a POST.
        if let body = body ?? ([.get, .head, .delete].contains(method) ? nil : []) {
            souk_curl_set_size(transfer.handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            // Not empty, because an empty array has no address.
            (body + [0]).withUnsafeBytes {
                _ = souk_curl_set_pointer(transfer.handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
            }
        }
        if method == .head { transfer.set(CURLOPT_NOBODY, 1) }
        transfer.set(CURLOPT_CUSTOMREQUEST, method.rawValue)
        transfer.set(CURLOPT_HTTPHEADER, lines)
    }

    /// The header fields as libcurl takes them.
    private var lines: [String] {
        // A colon without a value removes what libcurl would add; a semicolon adds an empty field.
        var lines = ["Expect:"]
        if headers[.contentType] == nil { lines.append("Content-Type:") }
        if headers[.userAgent] == nil { lines.append("User-Agent: Souk") }
        for field in headers {
            let name = field.name.rawName
            lines.append(field.value.isEmpty ? "\(name);" : "\(name): \(field.value)")
        }
        return lines
    }

    private func fields(of transfer: CurlTransfer) -> HTTPFields {
        var fields = HTTPFields()
        var header: UnsafeMutablePointer<curl_header>?
        while true {
            header = curl_easy_nextheader(transfer.handle, UInt32(CURLH_HEADER), -1, header)
            guard let header else { return fields }
            if let name = HTTPField.Name(String(cString: header.pointee.name)) {
                fields.append(HTTPField(name: name, value: String(cString: header.pointee.value)))
            }
        }
    }
}

/// The response to an `OutboundRequest`.
public struct OutboundResponse: Sendable {
    /// The status code.
    public let status: Int
    /// The header fields.
    public let headers: HTTPFields
    /// The body, or its first bytes if it is cut.
    public let body: [UInt8]
    /// Whether the body has more bytes than the request allows.
    public let isCut: Bool
    /// The duration in milliseconds, name resolution included.
    public let ms: Int
}
