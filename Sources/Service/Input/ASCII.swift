extension String {
    /// The text with A–Z as a–z and everything else as it is, like SQL's `lower`.
    ///
    /// Unlike `lowercased`, it never changes the length.
    public var asciiLowercased: String {
        String(decoding: utf8.map(\.asciiLowercased), as: UTF8.self)
    }
}
