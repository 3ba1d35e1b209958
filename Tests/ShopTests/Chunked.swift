import ShopFixture

extension Visitor {
    /// Sends a POST without Content-Length, in chunks of a few thousand bytes (RFC 9112 section
    /// 7.1).
    func send(chunked body: [UInt8], to target: String) throws -> HTTPAnswer {
        var head = "POST \(target) HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        head += "Content-Type: application/json\r\n"
        if let token { head += "Authorization: Bearer \(token)\r\n" }
        var bytes = Array("\(head)\r\n".utf8)
        for start in stride(from: 0, to: body.count, by: 5000) {
            let chunk = body[start..<min(start + 5000, body.count)]
            bytes += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk
            bytes += Array("\r\n".utf8)
        }
        return try send(raw: bytes + Array("0\r\n\r\n".utf8))
    }
}
