import Service
import Storage
import Values

extension Check<String> {
    static let productName = Check.line(1...200)
    static let description = Check.text(0...5000)
    static let sku = Check.identifier(1...64)

    /// A category's slug: 1–40 of a–z, 0–9 and hyphens.
    static let category = Check.ascii(1...40, rule: "must be 1 to 40 of a-z, 0-9 and '-'") {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension Check<Money> {
    static let price = Check.money(0...100_000_000_000)
}

extension Check<Int64> {
    static let stock = Check.integer(0...1_000_000_000)
}
