extension Page.KeysetRange {
    /// Merges the rows of this range in a list of two parts, which two indexes find.
    ///
    /// Each part has at most `count` rows of the range, and so has the result. `isNewer` says
    /// whether the first of two rows comes before the second one in the list.
    public func merged<T>(_ first: [T], _ second: [T], by isNewer: (T, T) -> Bool) -> [T] {
        guard !first.isEmpty, !second.isEmpty else { return first + second }
        return Array((first + second).sorted(by: isNewer).prefix(Int(count)))
    }
}
