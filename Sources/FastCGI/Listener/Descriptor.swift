import Glibc

/// A descriptor that is closed with its owner.
struct Descriptor: ~Copyable, Sendable {
    let number: Int32

    /// Takes what a system call returned.
    /// - Throws: `StartError` where that was -1.
    init(_ number: Int32, from attempt: String) throws {
        guard number >= 0 else { throw StartError(failedTo: attempt) }
        self.number = number
    }

    deinit {
        close(number)
    }
}
