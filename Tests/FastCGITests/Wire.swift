import Glibc

/// A request as FastCGI records (FastCGI 1.0 sections 3.3 and 5).
struct WireRequest {
    var parameters: [(String, String)]
    var body: [UInt8]
    var isKept = true
    /// Content bytes per record, at most 65535.
    var recordBytes = 65_535
    /// CONTENT_LENGTH, by default that of the body.
    var announced: String?

    init(
        _ method: String = "GET", _ target: String, _ others: [(String, String)] = [],
        body: [UInt8] = []
    ) {
        parameters = [("REQUEST_METHOD", method), ("REQUEST_URI", target)] + others
        self.body = body
    }

    var bytes: [UInt8] { begin + stream(4, encodedParameters) + stream(5, body) }

    /// Everything before the body.
    var head: [UInt8] { begin + stream(4, encodedParameters) }

    var begin: [UInt8] { record(1, [0, 1, isKept ? 1 : 0, 0, 0, 0, 0, 0]) }

    var encodedParameters: [UInt8] {
        let length = announced ?? (body.isEmpty ? "" : "\(body.count)")
        return (parameters + [("CONTENT_LENGTH", length)]).flatMap { name, value in
            self.length(name.utf8.count) + self.length(value.utf8.count) + name.utf8 + value.utf8
        }
    }

    /// A stream in records of `recordBytes`, with the empty record that ends it.
    func stream(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: content.count, by: recordBytes) {
            bytes += record(type, Array(content[start..<min(start + recordBytes, content.count)]))
        }
        return bytes + record(type, [])
    }

    /// One record, padded to a multiple of 8 as nginx does.
    func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        let padding = (8 - content.count % 8) % 8
        let high = UInt8(content.count >> 8)
        let low = UInt8(content.count & 0xFF)
        let header: [UInt8] = [1, type, 0, 1, high, low, UInt8(padding), 0]
        return header + content + [UInt8](repeating: 0, count: padding)
    }

    /// One byte up to 127, otherwise four with the highest bit set (section 3.4).
    private func length(_ count: Int) -> [UInt8] {
        guard count > 127 else { return [UInt8(count)] }
        let bytes = withUnsafeBytes(of: UInt32(count).bigEndian) { Array($0) }
        return [bytes[0] | 0x80] + bytes[1...]
    }
}

/// A parsed response (RFC 3875 section 6).
struct Answer {
    let status: String
    let fields: [String]
    let body: [UInt8]

    init(_ output: [UInt8]) {
        let separator = Array("\r\n\r\n".utf8)
        let end = output.indices.first { output[$0...].starts(with: separator) } ?? output.endIndex
        var lines = String(decoding: output[..<end], as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        status = lines.removeFirst()
        fields = lines
        body = Array(output[min(end + 4, output.endIndex)...])
    }

    var text: String { String(decoding: body, as: UTF8.self) }
}
