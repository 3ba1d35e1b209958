import HTTP
import HTTPTypes

extension Response {
    /// Says whether a cache may keep it (RFC 9111 §5.2.2), unless the handler has.
    ///
    /// What is shown to somebody without a token may be shown to everybody: that is the whole rule, so
    /// no route can forget it. It may be kept for a second, for one more while somebody fetches the
    /// next (RFC 5861), and for a minute where the shop does not answer. All else is one caller's, or
    /// a change, or a problem with a request id of its own. Where `mayBeKept` is false, nothing is kept.
    mutating func tellCaches(about request: Request, mayBeKept: Bool) {
        guard !fields.contains(where: { $0.name == .cacheControl }) else { return }
        let isShown = mayBeKept && (status == .ok || status == .notModified)
        guard isShown, request.method.isSafe, request.field(.authorization) == nil else {
            fields.append(Response.forOne)
            return
        }
        fields.append(Response.forAll)
        fields.append(Response.byToken)
    }

    // Made once: a field looks at each byte of its value.
    private static let forOne = HTTPField(name: .cacheControl, value: "private, no-store")
    private static let forAll = HTTPField(
        name: .cacheControl,
        value: "public, max-age=1, stale-while-revalidate=1, stale-if-error=60")
    /// A cache that forgets RFC 9111 §3.5 does not give it to somebody with a token.
    private static let byToken = HTTPField(name: .vary, value: "Authorization")
}
