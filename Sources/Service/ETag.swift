/// A strong validator (RFC 9110 §8.8.3): a digest of the very bytes that are sent, so it cannot be
/// stale.
struct ETag: Equatable {
    let value: String

    init(of body: [UInt8]) {
        value = "\"\(Digest.ofPublic(body))\""
    }

    /// Whether an `If-None-Match` names this one.
    ///
    /// The comparison is weak (RFC 9110 §13.1.2).
    func isNamed(byIfNoneMatch list: String) -> Bool {
        tags(in: list).contains { $0 == "*" || $0 == value || $0 == "W/\(value)" }
    }

    /// Whether an `If-Match` names this one.
    ///
    /// The comparison is strong (RFC 9110 §13.1.1).
    func isNamed(byIfMatch list: String) -> Bool {
        tags(in: list).contains { $0 == "*" || $0 == value }
    }

    private func tags(in list: String) -> [Substring] {
        // None of our tags holds a comma, so what a comma cuts in two was none of ours.
        list.split(separator: ",").map { $0.trimming { $0 == " " || $0 == "\t" } }
    }
}

extension Substring {
    /// Without the characters at both ends that `drop` names.
    func trimming(_ drop: (Character) -> Bool) -> Substring {
        guard let first = firstIndex(where: { !drop($0) }),
            let last = lastIndex(where: { !drop($0) })
        else {
            return ""
        }
        return self[first...last]
    }
}
