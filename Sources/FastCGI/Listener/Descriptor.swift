import Glibc

/// A file descriptor that is closed when its owner is destroyed.
struct Descriptor: ~Copyable, Sendable {
    let number: Int32

    /// Wraps the result of a system call.
    /// - Throws: `StartError` if the result is -1.
    init(_ number: Int32, from attempt: String) throws {
        guard number >= 0 else { throw StartError(failedTo: attempt) }
        self.number = number
    }

    deinit {
        close(number)
    }
}
