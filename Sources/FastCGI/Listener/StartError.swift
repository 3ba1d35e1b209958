import Glibc

/// Why a listener cannot start, as a sentence for the operator.
public struct StartError: Error, CustomStringConvertible {
    /// The whole sentence, with the system's own words at its end where the system said no.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// `attempt` failed, and `errno` says why.
    init(failedTo attempt: String, _ code: Int32 = errno) {
        description = "cannot \(attempt): \(String(cString: strerror(code)))"
    }
}
