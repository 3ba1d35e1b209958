import CommonPasswords
import Service

extension Check<String> {
    /// A username: 3–32 of a–z, 0–9, underscore, full stop and hyphen, entered in any case.
    static let username = Check.ascii(
        3...32, rule: "must be 3 to 32 of a-z, 0-9, '_', '.' and '-', beginning with a letter"
    ) {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
    .foldingCase()

    static let password = Check.normalised(8...128)
    /// A password that is compared with the stored one.
    static let guess = Check.normalised(1...1024)
    static let fullName = Check.line(1...120)
    static let address = Check.text(0...500)
}

extension Fields {
    /// Reports a password that is among the most common ones.
    mutating func refuseWeak(_ password: String, as name: String) {
        if isCommonPassword(password) { fault(name, "is one of the most common passwords") }
    }
}
