import Customers
import Service
import Storage
import Values

extension Check<NameList> {
    /// Codes of countries.
    static let countries = Check.names(
        0...249, bytesMax: 2,
        rule: "must be a list of different country codes in capital letters (ISO 3166-1 alpha-2)",
        where: isCountryCode)
}

extension Check<Int64> {
    /// The weight of an order: 100 lines of 10⁶ units of 10⁶ grams at most.
    static let weight = Check.integer(0...100_000_000_000_000)
}

extension Check<Money> {
    static let subtotal = Check.money(0...Money.max.minorUnits)
    static let price = Check.money(0...100_000_000_000)
}
