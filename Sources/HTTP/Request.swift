public import HTTPTypes

/// An HTTP request as the web server handed it over, its body read whole.
///
/// Nothing in it has been trusted yet.
public struct Request: Sendable {
    /// The largest body that is accepted, 128 KiB; nginx/server/body.conf has the same.
    public static let bodyBytesMax = 128 << 10

    /// The method, spelled as it was sent.
    public var method: HTTPRequest.Method
    /// The absolute path as the client sent it: percent-encoded, not normalised, without the query.
    public var path: String
    /// What stood behind the first `?`, percent-encoded; empty if nothing did.
    public var query: String
    /// The header fields that a responder reads.
    ///
    /// The web server passes no others.
    public var fields: HTTPFields
    /// At most `bodyBytesMax`: the listener refuses larger ones.
    public var body: [UInt8]
    /// 32 hexadecimal digits given by the web server; the same in its log, in ours and in the
    /// answer.
    public var id: String
    /// The client's IP address in text, as the web server saw it.
    public var address: String

    /// A request with everything but its target left at what a bare `GET` carries.
    public init(
        method: HTTPRequest.Method = .get, path: String, query: String = "",
        fields: HTTPFields = [:],
        body: [UInt8] = [], id: String = "", address: String = ""
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
        self.body = body
        self.id = id
        self.address = address
    }

    /// The value of a header field, or nil.
    ///
    /// The listener joins the lines of a list, so there is one of each, and nothing to join as
    /// `fields[name]` does.
    public func field(_ name: HTTPField.Name) -> String? {
        fields.first { $0.name == name }?.value
    }
}
