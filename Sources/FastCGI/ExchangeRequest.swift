import CFastCGI
import Glibc
import HTTP
import HTTPTypes

/// The stream ended before the request did; nobody is left to be answered.
struct Broken: Error {}

/// The parameters that become header fields (RFC 3875 §4.1), each with its field.
private let fieldParameters: [(name: StaticString, field: HTTPField.Name)] = [
    ("CONTENT_TYPE", "Content-Type"),
    ("HTTP_AUTHORIZATION", "Authorization"),
    ("HTTP_IDEMPOTENCY_KEY", "Idempotency-Key"),
    ("HTTP_IF_MATCH", "If-Match"),
    ("HTTP_IF_NONE_MATCH", "If-None-Match"),
    ("HTTP_USER_AGENT", "User-Agent"),
].compactMap { name, field in HTTPField.Name(field).map { (name, $0) } }

extension Exchange {
    /// The request, its body read to the end.
    /// - Throws: `Problem` 400 or 413, after which the body may be unread; `Broken`.
    func request(id: String, bodyBytesMax: Int) throws -> Request {
        guard let method = text("REQUEST_METHOD").flatMap({ HTTPRequest.Method($0) }),
            let target = parameter("REQUEST_URI"), target.first == UInt8(ascii: "/")
        else { throw Problem.badRequest("bad_request", "The request line cannot be read.") }
        let end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        guard let path = String(utf8: .init(rebasing: target[..<end])),
            let query = String(utf8: .init(rebasing: target[end...].dropFirst()))
        else { throw Problem.badRequest("bad_request", "The request target is not UTF-8.") }
        let body = try body(lengthMax: bodyBytesMax)
        return Request(
            method: method, path: path, query: query, fields: fields(), body: body, id: id,
            address: text("REMOTE_ADDR") ?? "")
    }

    /// The web server's id for the request, or one of our own where it gave none that is fit: 32
    /// lower-case hexadecimal digits.
    func requestID() -> String {
        guard let id = parameter("REQUEST_ID"), id.count == 32, id.allSatisfy(isHexadecimal) else {
            return randomRequestID()
        }
        return String(decoding: id, as: UTF8.self)
    }

    /// The value of a parameter, or nil where it is absent or empty: web servers send an empty one
    /// for what they do not know.
    ///
    /// Valid until the end of the exchange.
    func parameter(_ name: StaticString) -> UnsafeBufferPointer<UInt8>? {
        let name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        guard let value = FCGX_GetParam(name, raw.pointee.envp), value.pointee != 0 else {
            return nil
        }
        let bytes = UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self)
        return UnsafeBufferPointer(start: bytes, count: strlen(value))
    }

    private func text(_ name: StaticString) -> String? {
        parameter(name).map { String(decoding: $0, as: UTF8.self) }
    }

    private func fields() -> HTTPFields {
        var fields = HTTPFields()
        for (name, field) in fieldParameters {
            if let value = text(name) { fields.append(HTTPField(name: field, value: value)) }
        }
        return fields
    }
}

/// 128 random bits, as nginx makes `$request_id`.
private func randomRequestID() -> String {
    var random = SystemRandomNumberGenerator()
    return String(unsafeUninitializedCapacity: 32) { text in
        for index in 0..<32 {
            let digit = UInt8.random(in: 0..<16, using: &random)
            text[index] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
        }
        return 32
    }
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
    default: false
    }
}
