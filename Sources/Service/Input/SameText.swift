extension Optional<String> {
    /// Whether both texts have the same bytes, or both are nil.
    ///
    /// Swift's == treats a composed é and a decomposed é as equal. A column stores different bytes
    /// for them.
    public func isSame(as other: String?) -> Bool {
        switch (self, other) {
        case (let own?, let other?): own.utf8.elementsEqual(other.utf8)
        case (nil, nil): true
        default: false
        }
    }
}
