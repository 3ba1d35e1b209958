public import HTTPTypes

/// An HTTP response that is ready to be written.
public struct Response: Sendable {
    /// The status code and its phrase.
    public var status: HTTPResponse.Status
    /// The header fields, in the order in which they are sent.
    ///
    /// The listener adds `Content-Length`.
    public var fields: HTTPFields
    /// The content, empty for 204 and 304.
    public var body: [UInt8]

    /// Creates a response from bytes; `fields` must give their media type.
    public init(status: HTTPResponse.Status, fields: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// Creates a response with `value` as `application/json`.
    ///
    /// Inlinable, like all code that writes a list: unspecialised code copies each element twice.
    @inlinable
    public init(status: HTTPResponse.Status, json value: some JSONWritable) {
        self.init(
            status: status, fields: Response.jsonFields, body: JSONWriter.bytes(of: value))
    }

    @usableFromInline static let jsonFields: HTTPFields = [.contentType: "application/json"]

    /// 200 with the current state of the resource.
    @inlinable
    public static func ok(_ value: some JSONWritable) -> Response {
        Response(status: .ok, json: value)
    }

    /// 201 with the created resource and its location (RFC 9110 §15.3.2).
    public static func created(_ value: some JSONWritable, at location: String) -> Response {
        var response = Response(status: .created, json: value)
        response.fields.append(HTTPField(name: .location, value: location))
        return response
    }

    /// 202: the request is carried out later.
    public static let accepted: Response = {
        var response = Response(status: .accepted, body: Array(#"{"status":"accepted"}"#.utf8))
        response.fields[.contentType] = "application/json"
        return response
    }()

    /// 204: the request succeeded and the response has no content.
    public static let noContent = Response(status: .noContent)
}
