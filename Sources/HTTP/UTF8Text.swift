extension String {
    /// Decodes `bytes`, or returns nil if they are not valid UTF-8.
    ///
    /// `String(validating:as:)` does the same but is not specialised: it takes a microsecond for a
    /// path, although nearly all paths are ASCII.
    public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        if bytes.allSatisfy({ $0 < 0x80 }) {
            self.init(decoding: bytes, as: UTF8.self)
        } else {
            self.init(validating: bytes, as: UTF8.self)
        }
    }
}
