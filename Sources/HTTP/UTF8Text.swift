extension String {
    /// `bytes` as text, or nil where they are no UTF-8: nothing is repaired.
    ///
    /// What `String(validating:as:)` is for, but that one is not specialised and takes a microsecond
    /// for a path, of which nearly all are ASCII.
    public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        if bytes.allSatisfy({ $0 < 0x80 }) {
            self.init(decoding: bytes, as: UTF8.self)
        } else {
            self.init(validating: bytes, as: UTF8.self)
        }
    }
}
