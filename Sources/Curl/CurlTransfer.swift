import CCurl
import Glibc
import Threads

/// One transfer of libcurl, on a connection of its own.
///
/// A kept connection would not be checked again by the address guard.
final class CurlTransfer {
    /// Limits that every transfer has.
    struct Limits {
        let timeoutMs: Int
        let maxBodyBytes: Int
        /// All lines of all response headers, or all replies of a mail server.
        var maxHeaderBytes = 65_536
    }

    let handle: UnsafeMutableRawPointer
    private let limits: Limits
    private var lists: [UnsafeMutablePointer<curl_slist>?] = []
    private var errorText = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))

    /// The first bytes of the response's body, at most `maxBodyBytes`.
    private(set) var body: [UInt8] = []
    /// Whether the body is longer than that.
    private(set) var isCut = false
    private(set) var headerBytes = 0
    /// Called with each line of a header or reply; returns false to end the transfer.
    var onHeaderLine: (UnsafeRawBufferPointer) -> Bool = { _ in true }
    /// What is sent.
    var upload: [UInt8] = []
    private var sent = 0
    /// Whether connections may go to public addresses only.
    var requiresPublicAddress = true
    /// Whether the guard refused an address.
    private(set) var hasRefusedAddress = false

    private static let isReady: Bool = souk_curl_global_init() == CURLE_OK

    /// Nil if there is no memory.
    init?(_ url: String, protocols: String, _ limits: Limits, _ network: NetworkOverrides) {
        guard CurlTransfer.isReady, let handle = curl_easy_init() else { return nil }
        self.handle = handle
        self.limits = limits
        set(CURLOPT_URL, url)
        set(CURLOPT_PROTOCOLS_STR, protocols)
        // Signals would interrupt other threads.
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_TIMEOUT_MS, limits.timeoutMs)
        set(CURLOPT_CONNECTTIMEOUT_MS, limits.timeoutMs)
        // A resolver that does not answer would delay the end beyond the timeout. Its thread ends alone.
        set(CURLOPT_QUICK_EXIT, 1)
        // Empty: no proxy, whatever the environment says.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_FORBID_REUSE, 1)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let file = network.caFile { set(CURLOPT_CAINFO, file) }
        if !network.resolve.isEmpty { set(CURLOPT_RESOLVE, network.resolve) }
        setCallbacks()
    }

    deinit {
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
    }

    func set(_ option: CURLoption, _ value: Int) {
        souk_curl_set_long(handle, option, value)
    }

    /// libcurl copies the text.
    func set(_ option: CURLoption, _ text: String) {
        text.withCString { _ = souk_curl_set_pointer(handle, option, $0) }
    }

    func set(_ option: CURLoption, _ lines: [String]) {
        let list = lines.reduce(nil as UnsafeMutablePointer<curl_slist>?) {
            curl_slist_append($0, $1)
        }
        lists.append(list)
        souk_curl_set_pointer(handle, option, list)
    }

    private func setCallbacks() {
        let this = Unmanaged.passUnretained(self).toOpaque()
        souk_curl_set_pointer(handle, CURLOPT_WRITEDATA, this)
        souk_curl_set_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, this in
            CurlTransfer.from(this).receive(
                UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        souk_curl_set_pointer(handle, CURLOPT_HEADERDATA, this)
        souk_curl_set_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, this in
            CurlTransfer.from(this).receiveHeader(
                UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        souk_curl_set_pointer(handle, CURLOPT_READDATA, this)
        souk_curl_set_callback(handle, CURLOPT_READFUNCTION) { buffer, size, count, this in
            CurlTransfer.from(this).fill(
                UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        }
        souk_curl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, this)
        souk_curl_set_open_socket(handle) { this, _, address in
            CurlTransfer.from(this).openSocket(address)
        }
    }

    private static func from(_ pointer: UnsafeMutableRawPointer?) -> CurlTransfer {
        guard let pointer else { preconditionFailure("libcurl passes what setCallbacks gave it") }
        return Unmanaged<CurlTransfer>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Runs the transfer.
    ///
    /// - Returns: the error, its description and the duration in milliseconds.
    func perform() -> (error: CURLcode, detail: String, ms: Int) {
        let start = monotonicMs()
        let error = errorText.withUnsafeMutableBufferPointer { buffer in
            souk_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, buffer.baseAddress)
            defer { souk_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil) }
            return curl_easy_perform(handle)
        }
        let ms = Int(monotonicMs() - start)
        let own = String(
            decoding: errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (error, own.isEmpty ? String(cString: curl_easy_strerror(error)) : own, ms)
    }

    /// Keeps the first bytes; ends the transfer at the limit.
    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        let room = limits.maxBodyBytes - body.count
        body.append(contentsOf: bytes.prefix(room))
        isCut = bytes.count > room
        return isCut ? 0 : bytes.count
    }

    private func receiveHeader(_ line: UnsafeRawBufferPointer) -> Int {
        headerBytes += line.count
        guard headerBytes <= limits.maxHeaderBytes, onHeaderLine(line) else { return 0 }
        return line.count
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let next = upload[sent...].prefix(buffer.count)
        buffer.copyBytes(from: next)
        sent += next.count
        return next.count
    }

    /// The address guard: runs before each connection, with the address that the name resolved to.
    private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>?) -> curl_socket_t {
        guard let address else { return CURL_SOCKET_BAD }
        if requiresPublicAddress {
            let peer = IPAddress(
                socketAddress: souk_curl_address(address), family: address.pointee.family,
                count: Int(address.pointee.addrlen))
            guard let peer, peer.isPublic else {
                hasRefusedAddress = true
                return CURL_SOCKET_BAD
            }
        }
        let type = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return socket(address.pointee.family, type, address.pointee.protocol)
    }
}

/// What tests replace: the certificate authority and the addresses of names.
public struct NetworkOverrides: Sendable {
    /// A file with the certificates to trust instead of the system's.
    public var caFile: String?
    /// Addresses of names, as `host:port:address` (CURLOPT_RESOLVE).
    public var resolve: [String]

    /// The system's certificates and resolver, unless given.
    public init(caFile: String? = nil, resolve: [String] = []) {
        self.caFile = caFile
        self.resolve = resolve
    }
}
