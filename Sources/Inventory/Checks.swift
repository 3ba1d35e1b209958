import Service
import Storage
import Values

extension Check<String> {
    static let productName = Check.line(1...200)
    static let description = Check.text(0...5000)
    static let sku = Check.identifier(1...64)
}

extension Check<Money> {
    static let price = Check.money(0...100_000_000_000)
}

extension Check<Int64> {
    static let stock = Check.integer(0...1_000_000_000)
    static let weight = Check.integer(0...1_000_000)
}
