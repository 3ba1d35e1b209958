public import Service

extension Check<String> {
    /// An e-mail address within the limits of RFC 5321 §4.5.3.1: 64 bytes before `@`, 254 in all.
    ///
    /// Quoted local parts and characters beyond ASCII are rejected, because few mail servers accept
    /// them.
    public static let email = Check.ascii(
        3...254, rule: "must be an e-mail address such as ada@example.com"
    ) {
        (0x21...0x7E).contains($0) && !forbidden.contains($0)
    }
    .satisfying { address in
        let parts = address.utf8.split(
            separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].count), !parts[1].isEmpty else {
            return false
        }
        return parts.allSatisfy { part in
            part.first != UInt8(ascii: ".") && part.last != UInt8(ascii: ".")
        }
    }

    private static let forbidden = Set(#"<>()[],;:\""#.utf8)
}

/// The form in which addresses are compared: no two accounts differ only in the case of theirs.
func emailKey(_ address: String) -> String { address.asciiLowercased }
