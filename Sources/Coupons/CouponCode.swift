public import Service

extension Check<String> {
    /// The code of a coupon as people type it: 3–40 ASCII letters, digits and hyphens in any case.
    public static let couponCode = Check.ascii(
        3...40, rule: "must be 3 to 40 of A-Z, 0-9 and '-'"
    ) {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// Returns a code in the form that is stored: with capital letters.
func foldedCode(_ code: String) -> String {
    String(
        decoding: code.utf8.map {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 & ~0x20 : $0
        }, as: UTF8.self)
}
