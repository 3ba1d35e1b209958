import CUTF8Proc
import Glibc
import HTTP

extension Check<String> {
    /// Any text of `length` bytes in Unicode's form NFC (UAX #15), such as a password.
    ///
    /// In NFC an é has the same bytes, whichever keyboard composed it. Two kinds of text are
    /// rejected before they are normalised. One has more than four times the allowed bytes. The
    /// other has a run of combining marks that no language has (`TextRule.nonStartersMax`): sorting
    /// a run takes quadratic time.
    public static func normalised(_ length: ClosedRange<Int>) -> Check {
        Check(
            placeholder: "",
            rule: { "must be text of \(length.lowerBound) to \(length.upperBound) bytes" },
            read: {
                guard case .string(let sent) = $0,
                    let text = sent.string(bytesMax: 4 * length.upperBound),
                    !text.utf8.contains(0), TextRule.boundsRuns(text),
                    let normal = text.normalised, length.contains(normal.utf8.count)
                else { return nil }
                return normal
            })
    }
}

extension String {
    /// The text in NFC; nil if memory is exhausted.
    fileprivate var normalised: String? {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        var result: UnsafeMutablePointer<UInt8>?
        let options = UTF8PROC_STABLE.rawValue | UTF8PROC_COMPOSE.rawValue
        let bytes = Array(utf8)
        let count = utf8proc_map(
            bytes, utf8proc_ssize_t(bytes.count), &result, utf8proc_option_t(options))
        guard count >= 0, let result else { return nil }
        defer { free(result) }
        return String(decoding: UnsafeBufferPointer(start: result, count: count), as: UTF8.self)
    }
}
