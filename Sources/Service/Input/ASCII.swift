extension String {
    /// The text with A–Z in lower case and the rest unchanged, like `lower` of SQL.
    ///
    /// Unlike `lowercased`, it never changes the length.
    public var asciiLowercased: String {
        String(decoding: utf8.map(\.asciiLowercased), as: UTF8.self)
    }
}
