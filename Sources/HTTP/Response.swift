public import HTTPTypes

/// An HTTP answer, ready to be written.
public struct Response: Sendable {
    /// The status code and its phrase.
    public var status: HTTPResponse.Status
    /// The header fields, in the order they are sent.
    ///
    /// `Content-Length` is the listener's to add.
    public var fields: HTTPFields
    /// The content, empty for 204 and 304.
    public var body: [UInt8]

    /// An answer whose content is already bytes; their type is for `fields` to say.
    public init(status: HTTPResponse.Status, fields: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// An answer that shows `value` as `application/json`.
    ///
    /// Inlinable, like all that writes a list: unspecialised, each of its elements is copied twice.
    @inlinable
    public init(status: HTTPResponse.Status, json value: some JSONWritable) {
        self.init(
            status: status, fields: Response.jsonFields, body: JSONWriter.bytes(of: value))
    }

    @usableFromInline static let jsonFields: HTTPFields = [.contentType: "application/json"]

    /// 200 with the resource as it now is.
    @inlinable
    public static func ok(_ value: some JSONWritable) -> Response {
        Response(status: .ok, json: value)
    }

    /// 201 with the resource that was made, and where it is from now on (RFC 9110 §15.3.2).
    public static func created(_ value: some JSONWritable, at location: String) -> Response {
        var response = Response(status: .created, json: value)
        response.fields.append(HTTPField(name: .location, value: location))
        return response
    }

    /// 204: done, and nothing to show.
    public static let noContent = Response(status: .noContent)
}
