import CCurl

/// The parts of a URL, as libcurl reads them when it connects.
///
/// A second parser could read another host from the same text.
struct ParsedURL {
    let scheme: String
    /// In lower case and without brackets; IPv4 addresses of any spelling have four decimal numbers.
    let host: String
    /// The one of the scheme if the URL has none.
    let port: Int
    let path: String
    let hasQuery: Bool
    let hasFragment: Bool
    let hasUser: Bool

    /// Nil if libcurl cannot parse it, or only by guessing.
    init?(_ text: String) {
        guard let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        guard ParsedURL.isPlain(text), curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = ParsedURL.part(CURLUPART_SCHEME, of: url),
            let host = ParsedURL.part(CURLUPART_HOST, of: url),
            let port = ParsedURL.part(CURLUPART_PORT, of: url, UInt32(CURLU_DEFAULT_PORT)),
            let number = Int(port), number > 0, !host.isEmpty,
            ParsedURL.part(CURLUPART_ZONEID, of: url) == nil
        else { return nil }
        self.scheme = scheme
        let bare =
            host.utf8.first == UInt8(ascii: "[") ? host.utf8.dropFirst().dropLast() : host.utf8[...]
        self.host = String(decoding: bare.map(asciiLowercased), as: UTF8.self)
        self.port = number
        path = ParsedURL.part(CURLUPART_PATH, of: url) ?? "/"
        hasQuery = ParsedURL.part(CURLUPART_QUERY, of: url) != nil
        // libcurl drops an empty one.
        hasFragment = text.utf8.contains(UInt8(ascii: "#"))
        hasUser =
            ParsedURL.part(CURLUPART_USER, of: url) != nil
            || ParsedURL.part(CURLUPART_PASSWORD, of: url) != nil
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer, _ flags: UInt32 = 0)
        -> String?
    {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// Whether it is printable ASCII, `scheme://` and an authority without `%` and `\`.
    ///
    /// libcurl also accepts one or three slashes, and decodes `%31` in a host.
    private static func isPlain(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return false }
        let slash = UInt8(ascii: "/")
        let rest = bytes[(colon + 1)...]
        let authority = rest.dropFirst(2).prefix { $0 != slash && !"?#".utf8.contains($0) }
        return rest.prefix(2).elementsEqual([slash, slash]) && !authority.isEmpty
            && !authority.contains { "%\\".utf8.contains($0) }
    }
}

/// A-Z to a-z.
func asciiLowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
