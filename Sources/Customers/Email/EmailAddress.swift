public import Service

extension Check<String> {
    /// An e-mail address within the limits of RFC 5321 §4.5.3.1: 64 bytes before `@`, 254 in all.
    ///
    /// The characters that separate or quote addresses in a header (RFC 5322 §3.2.3) are rejected,
    /// and characters beyond ASCII, which a header cannot contain. Dots may be anywhere before `@`,
    /// because some providers have given out such addresses. The domain has no empty labels.
    /// `=?` is rejected too, because mail programs read it as the start of an encoded word (RFC 2047).
    public static let email = Check.ascii(
        3...254, rule: "must be an e-mail address such as ada@example.com"
    ) {
        (0x21...0x7E).contains($0) && !forbidden.contains($0)
    }
    .satisfying { address in
        guard !address.contains("=?") else { return false }
        let parts = address.utf8.split(
            separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].count) else { return false }
        return parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty }
    }

    private static let forbidden = Set(#"<>()[],;:\""#.utf8)
}

/// The form in which addresses are compared: no two accounts differ only in the case of theirs.
func emailKey(_ address: String) -> String { address.asciiLowercased }
