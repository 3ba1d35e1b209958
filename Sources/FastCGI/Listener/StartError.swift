import Glibc

/// The reason why a listener cannot start, as a sentence for the operator.
public struct StartError: Error, CustomStringConvertible {
    /// The whole sentence, which ends with the system's message if a system call failed.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// The system call for `attempt` failed with `errno`.
    init(failedTo attempt: String, _ code: Int32 = errno) {
        description = "cannot \(attempt): \(String(cString: strerror(code)))"
    }
}
