/// The digits of a JSON number and the position of its decimal point.
///
/// The result is exact, without floating point. The time is linear in the length of the text,
/// whatever the exponent.
struct JSONNumber {
    private let isNegative: Bool
    /// Integer part and fraction, without the point.
    private let digits: [UInt8]
    /// The value is `digits` × 10^`exponent`.
    private let exponent: Int

    /// Larger exponents are clamped to this value.
    ///
    /// No accepted text has that many digits.
    private static let exponentMax = 1 << 40

    /// `text` must follow the grammar of RFC 8259 §6.
    init(_ text: Slice<UnsafeBufferPointer<UInt8>>) {
        let mantissa = text.prefix { $0 | 0x20 != UInt8(ascii: "e") }
        let point = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? mantissa.endIndex
        isNegative = text.first == UInt8(ascii: "-")
        digits = mantissa.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ".") }
        let fraction = max(0, mantissa.endIndex - point - 1)
        exponent = JSONNumber.exponent(text[mantissa.endIndex...].dropFirst()) - fraction
    }

    private static func exponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var value = 0
        for byte in text where byte != UInt8(ascii: "-") && byte != UInt8(ascii: "+") {
            value = min(value * 10 + Int(byte - UInt8(ascii: "0")), exponentMax)
        }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    /// The value if it is a 64-bit integer.
    ///
    /// JSON Schema defines an integer as a number whose fraction is zero.
    var integer: Int64? {
        let zero = UInt8(ascii: "0")
        guard let first = digits.firstIndex(where: { $0 != zero }),
            let last = digits.lastIndex(where: { $0 != zero })
        else { return 0 }
        let zeros = exponent + digits.count - 1 - last
        // 2^63 has 19 digits.
        guard zeros >= 0, last - first + 1 + zeros <= 19 else { return nil }
        let written = digits[first...last].map { Int64($0 - zero) }
        // Accumulate negatively, because Int64.min has no positive counterpart.
        var value: Int64 = 0
        for digit in written + Array(repeating: 0, count: zeros) {
            let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
            let (sum, isOverToo) = tens.subtractingReportingOverflow(digit)
            guard !isOver, !isOverToo else { return nil }
            value = sum
        }
        guard !isNegative else { return value }
        return value == .min ? nil : -value
    }
}
