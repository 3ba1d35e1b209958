@_spi(_Unicode) import Swift

extension Check<String> {
    /// Anything of `length` bytes once it is in Unicode's form NFC (UAX #15), such as a password:
    /// an é is the same, and as long, whichever keyboard composed it.
    public static func normalised(_ length: ClosedRange<Int>) -> Check {
        let bytes = Check.bytes(length)
        return Check(
            placeholder: bytes.placeholder, rule: bytes.rule,
            read: {
                guard case .string(let text) = $0 else { return nil }
                var scalars = String.UnicodeScalarView()
                scalars.append(contentsOf: text._nfc)
                return bytes.read(.string(String(scalars)))
            })
    }
}
