import Crypto

/// Whether a password is one of 9,956 common ones, in upper or lower case.
///
/// `make/common-passwords.py` makes the list and names its sources. The list holds six characters
/// (36 bits) of each password's hash. So one other password in seven million is rejected too.
public func isCommonPassword(_ password: String) -> Bool {
    let lowercased = password.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
    let wanted = Base64URL.encode(Blake2b.hash(lowercased)).utf8.prefix(keyBytes)
    let list = PackageResources.common_passwords_txt
    var lines = 0..<list.count / lineBytes
    while !lines.isEmpty {
        let middle = lines.lowerBound + lines.count / 2
        let key = list[middle * lineBytes..<middle * lineBytes + keyBytes]
        if key.elementsEqual(wanted) { return true }
        lines =
            key.lexicographicallyPrecedes(wanted)
            ? middle + 1..<lines.upperBound : lines.lowerBound..<middle
    }
    return false
}

private let keyBytes = 6
/// A hash and a line feed.
private let lineBytes = keyBytes + 1
