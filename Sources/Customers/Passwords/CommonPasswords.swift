import CSodium
import Crypto

/// Whether a password is among the commonest ones, in whatever case it is written.
///
/// The lists are those of Django (`common-passwords.txt.gz` in Debian's python3-django 3.2, 20,000
/// by Royce Williams; BSD-3-Clause, © Django Software Foundation) and zxcvbn 4.5.0 (`passwords`,
/// the first 10,000; MIT, © 2012–2016 Dan Wheeler and Dropbox, Inc., © 2016 Daniel Wolf), which
/// leaves names and words to other lists. Those under 8 bytes are refused anyway and not here. Each
/// is kept as the first six characters of its BLAKE2b-256 in base64url, sorted: 36 bits, so that
/// one other password in seven million is refused as well.
func isCommon(_ password: String) -> Bool {
    let hash = Base64URL.encode(Blake2b.hash(Array(password.asciiLowercased.utf8)))
    let wanted = Array(hash.utf8.prefix(width))
    return [commonPasswords0, commonPasswords1, commonPasswords2].contains { holds($0, wanted) }
}

private let width = 6

private func holds(_ list: StaticString, _ wanted: [UInt8]) -> Bool {
    var candidates = 0..<list.utf8CodeUnitCount / width
    while !candidates.isEmpty {
        let middle = candidates.lowerBound + candidates.count / 2
        let found = UnsafeBufferPointer(start: list.utf8Start + middle * width, count: width)
        if found.elementsEqual(wanted) { return true }
        candidates =
            found.lexicographicallyPrecedes(wanted)
            ? middle + 1..<candidates.upperBound : candidates.lowerBound..<middle
    }
    return false
}
