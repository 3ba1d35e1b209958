import Glibc

/// Returns the text of a file in UTF-8, without a byte order mark.
///
/// A byte order mark of UTF-8 or UTF-16 decides, as in the WHATWG Encoding Standard §6
/// (https://encoding.spec.whatwg.org/#decode). Without one, `encoding` is the name of the encoding
/// in iconv(3), and nil means UTF-8.
///
/// - Throws: `CSVFault` if the bytes are invalid in that encoding, or the encoding is unknown.
func decodedText(_ file: [UInt8], encoding: String?) throws -> [UInt8] {
    if file.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(file.dropFirst(3)) }
    if file.starts(with: [0xFF, 0xFE]) { return try decode(file.dropFirst(2), from: "UTF-16LE") }
    if file.starts(with: [0xFE, 0xFF]) { return try decode(file.dropFirst(2), from: "UTF-16BE") }
    guard let encoding else { return file }
    return try decode(file[...], from: encoding)
}

private func decode(_ file: ArraySlice<UInt8>, from encoding: String) throws -> [UInt8] {
    let converter = iconv_open("UTF-8", encoding)
    guard converter != iconv_t(bitPattern: -1) else {
        throw CSVFault(line: 1, message: "The encoding \(encoding) is not supported.")
    }
    defer { iconv_close(converter) }
    var input = Array(file)
    var isWhole = false
    // One byte of any encoding becomes at most four bytes of UTF-8.
    let text = [UInt8](unsafeUninitializedCapacity: input.count * 4 + 4) { buffer, count in
        buffer.withMemoryRebound(to: CChar.self) { output in
            var to = output.baseAddress
            var room = output.count
            input.withUnsafeMutableBytes { bytes in
                var from = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                var left = bytes.count
                isWhole = iconv(converter, &from, &left, &to, &room) != -1 && left == 0
            }
            count = output.count - room
        }
    }
    guard isWhole else {
        let line = text.count { $0 == UInt8(ascii: "\n") } + 1
        throw CSVFault(line: line, message: "The file is not in the encoding \(encoding).")
    }
    return text
}
