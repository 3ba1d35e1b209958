public import Service

extension Check<String> {
    /// The page to which a provider sends the customer back.
    public static let returnURL = webURL
}
