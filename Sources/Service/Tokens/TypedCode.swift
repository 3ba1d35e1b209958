import Crypto

/// A random secret that people type, shown as `abcd-efgh-ijkm-npqr`.
public struct TypedCode: Sendable, Hashable {
    /// The letters and digits without hyphens, in lower case.
    public let letters: String

    /// Without 0, 1, l and o, which resemble each other.
    private static let alphabet = Array("23456789abcdefghijkmnpqrstuvwxyz".utf8)

    /// Creates a code of so many letters, with 5 random bits each.
    public static func random(letters count: Int) -> TypedCode {
        // 5 of the 8 bits of each byte choose among 32 letters.
        let letters = randomBytes(count).map { alphabet[Int($0) % alphabet.count] }
        return TypedCode(letters: String(decoding: letters, as: UTF8.self))
    }

    private init(letters: String) {
        self.letters = letters
    }

    /// Reads a code as people type it, with or without hyphens and spaces, in any case.
    public init(typed: String) {
        let separators = Array("- ".utf8)
        letters = String(
            decoding: typed.utf8.filter { !separators.contains($0) }.map {
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0
            }, as: UTF8.self)
    }

    /// The form that is shown.
    public var text: String {
        stride(from: 0, to: letters.utf8.count, by: 4).map {
            String(decoding: letters.utf8.dropFirst($0).prefix(4), as: UTF8.self)
        }.joined(separator: "-")
    }
}
