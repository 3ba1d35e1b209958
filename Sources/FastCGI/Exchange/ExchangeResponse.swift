import HTTP
import HTTPTypes

extension Exchange {
    /// Writes the response (RFC 3875 §6).
    ///
    /// It adds Content-Length, except for a status without a body (RFC 9110 §8.6). The response to
    /// HEAD already has one, because its body was removed.
    func write(_ response: Response, to method: HTTPRequest.Method?, head: inout [UInt8]) {
        let hasBody = response.status != .noContent && response.status != .notModified
        let isHead = method == .head
        head.removeAll(keepingCapacity: true)
        head.append("Status: ")
        head.append(response.status.code)
        head.append(" ")
        head.append(response.status.reasonPhrase)
        for field in response.fields where field.name != .contentLength || isHead && hasBody {
            // HTTPField allows no line ends in names and values.
            head.append("\r\n")
            head.append(field.name.rawName)
            head.append(": ")
            field.withUnsafeBytesOfValue { head.append(contentsOf: $0) }
        }
        if hasBody, !isHead {
            head.append("\r\nContent-Length: ")
            head.append(response.body.count)
        }
        head.append("\r\n\r\n")
        write(head)
        if hasBody, !isHead { write(response.body) }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ text: String) {
        append(contentsOf: text.utf8)
    }

    fileprivate mutating func append(_ number: Int) {
        append(String(number))
    }
}
