import Storage
import Values

/// Reads amounts such as `4.50` in the currency's own unit.
struct DecimalPriceReader {
    /// Digits after the decimal mark (ISO 4217).
    let digits: Int
    /// Whether a comma may be the decimal mark, which it may not if it separates columns.
    let allowsComma: Bool
    /// The decimal mark of the file: the first one that occurs.
    private var mark: UInt8?

    init(currency: String, allowsComma: Bool) {
        digits = minorDigits(of: currency)
        self.allowsComma = allowsComma
    }

    /// The rule for an amount, as the end of a sentence.
    var rule: String {
        let example = digits == 0 ? "4" : "4." + String(repeating: "0", count: digits)
        let fraction =
            digits == 0 ? "no decimals" : "at most \(digits) decimals"
        return
            "must be an amount such as \(example), with \(fraction), "
            + "no thousands separator, and one decimal mark in the whole file"
    }

    /// Returns the minor units of `text`, or nil if it is not an amount.
    ///
    /// It is also nil if `text` uses another decimal mark than the amounts before.
    mutating func minorUnits(_ text: String) -> Int64? {
        let parts = text.utf8.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",")
        }
        // An Int64 holds fifteen digits followed by four more.
        guard let whole = parts.first, (1...15).contains(whole.count), parts.count <= 2,
            parts.joined().allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        var fraction: [UInt8] = []
        if parts.count == 2 {
            fraction = Array(parts[1])
            let found = text.utf8[whole.endIndex]
            guard (1...max(1, digits)).contains(fraction.count), digits > 0,
                found == mark ?? found, allowsComma || found == UInt8(ascii: ".")
            else { return nil }
            mark = found
        }
        fraction += Array(repeating: UInt8(ascii: "0"), count: digits - fraction.count)
        return Int64(String(decoding: Array(whole) + fraction, as: UTF8.self))
    }
}
