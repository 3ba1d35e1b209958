import HTTP
import HTTPTypes

extension Response {
    /// Sets Cache-Control (RFC 9111 §5.2.2) unless the handler has set it.
    ///
    /// A successful response to a safe request without a token of any kind is public. Caches may store it for
    /// one second, for another second while they revalidate it (RFC 5861), and for a minute if the
    /// shop fails. Because no route decides this, none can forget it. All other responses are
    /// private and not stored. If `mayBeKept` is false, no response is stored.
    mutating func tellCaches(about request: Request, mayBeKept: Bool) {
        guard !fields.contains(where: { $0.name == .cacheControl }) else { return }
        let isShown = mayBeKept && (status == .ok || status == .notModified)
        guard isShown, request.method.isSafe, !request.hasCredential else {
            fields.append(Response.forOne)
            return
        }
        fields.append(Response.forAll)
        fields.append(Response.byToken)
    }

    // Created once, because HTTPField validates each byte of its value.
    private static let forOne = HTTPField(name: .cacheControl, value: "private, no-store")
    private static let forAll = HTTPField(
        name: .cacheControl,
        value: "public, max-age=1, stale-while-revalidate=1, stale-if-error=60")
    /// Stops a cache that ignores RFC 9111 §3.5 from serving public responses to requests with a
    /// token.
    private static let byToken = HTTPField(name: .vary, value: "Authorization")
}

extension Request {
    /// Whether the request has a token, so that its response is for its sender alone.
    fileprivate var hasCredential: Bool {
        fields.contains { [.authorization, .cartToken, .orderToken].contains($0.name) }
    }
}
