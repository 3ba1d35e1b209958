import HTTP
import Values

/// The input of a request without parameters.
struct NoParameters: Input {
    init(_ fields: inout Fields) {}
}

extension Fields {
    /// Reads the parameters of a query in `application/x-www-form-urlencoded` (WHATWG URL §5.1).
    ///
    /// `path` is the path of the requested list.
    /// - Throws: `Problem` 400 `invalid_query` if an escape is malformed or does not decode to
    ///   UTF-8.
    init(query: String, of path: String) throws {
        var members: [ClientJSON.Member] = []
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Substring(parts[0]).percentDecoded(plusIsSpace: true),
                let value = (parts.count > 1 ? Substring(parts[1]) : "").percentDecoded(
                    plusIsSpace: true)
            else {
                throw Problem.badRequest("invalid_query", "The query is not percent-encoded UTF-8.")
            }
            members.append(ClientJSON.Member(name: name, value: .string(value)))
        }
        self.init(members, isTextual: true, list: path)
    }
}

extension Substring {
    /// Decodes `%XX` escapes (RFC 3986 §2.1).
    ///
    /// Nil if an escape is malformed or the bytes are not UTF-8.
    func percentDecoded(plusIsSpace: Bool = false) -> ClientText? {
        guard utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return ClientText(String(self))
        }
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst()?.hexadecimalValue,
                    let low = rest.popFirst()?.hexadecimalValue
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self).map { ClientText($0) }
    }
}
