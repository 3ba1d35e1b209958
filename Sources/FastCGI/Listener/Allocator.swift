import CGlibc

/// How glibc's allocator gives memory back to the system (mallopt(3)).
enum Allocator {
    /// Blocks of this size are mapped, and unmapped when they are freed.
    ///
    /// Stating it stops glibc from raising it to 32 MiB after the first large block, which would make
    /// each thread's arena keep up to 64 MiB for good.
    private static let mappedBytesMin: Int32 = 1 << 20

    /// After a larger answer, free pages are given back.
    static let largeAnswerBytes = 1 << 20

    /// Sets the bounds, for the whole process.
    static func bound() {
        mallopt(M_MMAP_THRESHOLD, mappedBytesMin)
        mallopt(M_TRIM_THRESHOLD, mappedBytesMin)
    }

    /// Gives free pages back, wherever they are; takes milliseconds.
    static func giveBack() {
        malloc_trim(0)
    }
}
