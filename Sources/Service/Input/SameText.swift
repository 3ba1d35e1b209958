extension Optional<String> {
    /// Whether both are the same bytes, or both are nil.
    ///
    /// Swift takes é and e with an accent for equal; a column does not, and what somebody wrote is
    /// what is kept.
    public func isSame(as other: String?) -> Bool {
        switch (self, other) {
        case (let own?, let other?): own.utf8.elementsEqual(other.utf8)
        case (nil, nil): true
        default: false
        }
    }
}
