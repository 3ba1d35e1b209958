/// Returns how many decimal digits the minor unit of a currency has (ISO 4217, list one, 2026).
public func minorDigits(of currency: String) -> Int {
    switch currency {
    case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
        "VUV", "XAF", "XOF", "XPF":
        0
    case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
    case "CLF", "UYW": 4
    default: 2
    }
}

/// An amount of minor units for people: `12.50 EUR`.
public func formatted(_ minorUnits: Int64, currency: String) -> String {
    let count = minorDigits(of: currency)
    var digits = String(minorUnits.magnitude)
    while digits.count <= count { digits = "0" + digits }
    let whole = digits.dropLast(count)
    let part = count > 0 ? ".\(digits.suffix(count))" : ""
    return "\(minorUnits < 0 ? "-" : "")\(whole)\(part) \(currency)"
}
