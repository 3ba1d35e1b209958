/// UTF-8 text that a client sent, of any length.
///
/// It is neither Equatable nor Hashable. Swift compares, hashes and splits a String by characters
/// and canonical equivalence, and therefore sorts every run of combining marks. That takes
/// quadratic time in the length of the run (UAX #15). All comparisons here compare bytes. A String
/// is available only together with a limit on its length.
public struct ClientText: Sendable {
    @usableFromInline let text: String

    /// Wraps text as it was received.
    @inlinable
    public init(_ text: String) {
        self.text = text
    }

    /// The text as bytes.
    @inlinable public var utf8: String.UTF8View { text.utf8 }

    /// The length in bytes.
    @inlinable public var byteCount: Int { text.utf8.count }

    /// Whether both texts have the same bytes.
    ///
    /// Texts of different lengths are unequal without a comparison of bytes.
    @inlinable
    public func isSame(as other: String) -> Bool {
        guard text.utf8.count == other.utf8.count else { return false }
        let isEqual = text.utf8.withContiguousStorageIfAvailable { own in
            other.utf8.withContiguousStorageIfAvailable { own.elementsEqual($0) }
        }
        // Both are native strings, whose bytes are contiguous.
        return isEqual.flatMap { $0 } ?? text.utf8.elementsEqual(other.utf8)
    }

    /// The text, or nil if it is longer than `bytesMax`.
    @inlinable
    public func string(bytesMax: Int) -> String? {
        text.utf8.count <= bytesMax ? text : nil
    }

    /// The text if it fits in `bytesMax`, otherwise its longest prefix of whole code points.
    public func beginning(bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: bytesMax)
        while text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
        return String(text.unicodeScalars[..<end])
    }
}
