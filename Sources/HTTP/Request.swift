public import HTTPTypes

/// An HTTP request as the web server passed it on, with its whole body.
///
/// No part of it has been validated.
public struct Request: Sendable {
    /// The largest accepted body, 128 KiB; nginx/server/body.conf sets the same limit.
    public static let bodyBytesMax = 128 << 10

    /// The method as the client sent it, in the same case.
    public var method: HTTPRequest.Method
    /// The absolute path as the client sent it: percent-encoded, not normalised, without the query.
    public var path: String
    /// The part after the first `?`, percent-encoded; empty if there is none.
    public var query: String
    /// The header fields that a responder reads.
    ///
    /// The web server passes no other fields.
    public var fields: HTTPFields
    /// The body, at most `bodyBytesMax` bytes: the listener rejects larger ones.
    public var body: [UInt8]
    /// The request id from the web server, 32 hexadecimal digits.
    ///
    /// It appears in the web server's log, in Souk's log and in the response.
    public var id: String
    /// The client's IP address as text, as the web server determined it.
    public var address: String

    /// Creates a request whose other parts default to those of a simple `GET`.
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
    /// The listener has joined repeated lines, so each name occurs once. `fields[name]` would
    /// search for more.
    public func field(_ name: HTTPField.Name) -> String? {
        fields.first { $0.name == name }?.value
    }
}
