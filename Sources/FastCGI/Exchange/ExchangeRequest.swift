import CFastCGI
import Glibc
import HTTP
import HTTPTypes
import Values

/// The stream ended before the request was complete, so no client waits for a response.
struct Broken: Error {}

/// The header fields that responders read, with their parameters (RFC 3875 §4.1).
///
/// A field whose values form a list may be repeated. Any other repeated field is ambiguous, because
/// two programs on the path may read different values.
private let fieldParameters: [(name: StaticString, field: HTTPField.Name, isList: Bool)] = [
    ("CONTENT_TYPE", "Content-Type", false),
    ("HTTP_ACCEPT", "Accept", true),
    ("HTTP_AUTHORIZATION", "Authorization", false),
    ("HTTP_CONTENT_ENCODING", "Content-Encoding", true),
    ("HTTP_IDEMPOTENCY_KEY", "Idempotency-Key", false),
    ("HTTP_IF_MATCH", "If-Match", true),
    ("HTTP_IF_NONE_MATCH", "If-None-Match", true),
    ("HTTP_SOUK_CART", "Souk-Cart", false),
    ("HTTP_SOUK_ORDER", "Souk-Order", false),
    ("HTTP_STRIPE_SIGNATURE", "Stripe-Signature", false),
    ("HTTP_USER_AGENT", "User-Agent", false),
].compactMap { name, field, isList in HTTPField.Name(field).map { (name, $0, isList) } }

extension Exchange {
    /// Reads the request with its whole body.
    /// - Throws: `Problem` 400 or 413, after which the body may be unread; `Broken`.
    func request(id: String, bodyBytesMax: Int) throws -> Request {
        guard let method = text("REQUEST_METHOD").flatMap({ HTTPRequest.Method($0) }),
            let target = parameter("REQUEST_URI"), target.first == UInt8(ascii: "/")
        else { throw Problem.badRequest("bad_request", "The request line is malformed.") }
        let end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        guard let path = String(utf8: .init(rebasing: target[..<end])),
            let query = String(utf8: .init(rebasing: target[end...].dropFirst()))
        else { throw Problem.badRequest("bad_request", "The request target is not UTF-8.") }
        let fields = try fields()
        let body = try body(lengthMax: bodyBytesMax)
        return Request(
            method: method, path: path, query: query, fields: fields, body: body, id: id,
            address: text("REMOTE_ADDR") ?? "")
    }

    /// The request id of the web server: 32 lower-case hexadecimal digits.
    ///
    /// If the web server sent no valid id, a random one is made.
    func requestID() -> String {
        guard let id = parameter("REQUEST_ID"), id.count == 32, id.allSatisfy(isHexadecimal) else {
            return randomRequestID()
        }
        return String(decoding: id, as: UTF8.self)
    }

    /// The value of a parameter, or nil if it is absent or empty.
    ///
    /// Web servers send an empty value if they do not know it. The pointer is valid until the end
    /// of the exchange.
    func parameter(_ name: StaticString) -> UnsafeBufferPointer<UInt8>? {
        guard let value = FCGX_GetParam(chars(name), raw.pointee.envp), value.pointee != 0 else {
            return nil
        }
        let bytes = UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self)
        return UnsafeBufferPointer(start: bytes, count: strlen(value))
    }

    private func text(_ name: StaticString) -> String? {
        parameter(name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads the header fields in one pass over the parameters.
    ///
    /// Empty fields count as absent, because web servers send them for unknown values. An empty
    /// Idempotency-Key is kept, because the client sent it and it must be rejected.
    /// - Throws: `Problem` 400 if a field that holds one value is repeated.
    private func fields() throws -> HTTPFields {
        var fields = HTTPFields()
        guard var next = raw.pointee.envp else { return fields }
        while let parameter = next.pointee {
            defer { next += 1 }
            // The parameters in `fieldParameters` begin with H or C.
            guard parameter.pointee == 0x48 || parameter.pointee == 0x43,
                let known = fieldParameters.first(where: { isValue(parameter, of: $0.name) })
            else { continue }
            let value = String(cString: parameter + known.name.utf8CodeUnitCount + 1)
            guard !value.isEmpty || known.field == idempotencyKey else { continue }
            if let former = fields.first(where: { $0.name == known.field })?.value {
                guard known.isList else {
                    throw Problem.badRequest(
                        "bad_request", "The header field \(known.field) is repeated. Send it once.")
                }
                fields[known.field] = "\(former), \(value)"
            } else {
                fields.append(HTTPField(name: known.field, value: value))
            }
        }
        return fields
    }

    /// Whether the parameter `NAME=value` has the name `name`.
    private func isValue(_ parameter: UnsafePointer<CChar>, of name: StaticString) -> Bool {
        let length = name.utf8CodeUnitCount
        return strncmp(parameter, chars(name), length) == 0 && parameter[length] == 0x3D
    }
}

private let idempotencyKey = HTTPField.Name("Idempotency-Key")

private func chars(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// 128 random bits, like `$request_id` of nginx.
private func randomRequestID() -> String {
    var random = SystemRandomNumberGenerator()
    return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }.hexadecimal
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
    default: false
    }
}
