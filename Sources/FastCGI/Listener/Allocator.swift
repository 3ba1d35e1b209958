import CGlibc

/// When the allocator of glibc returns memory to the system (mallopt(3)).
enum Allocator {
    /// Blocks of at least this many bytes are mapped, and unmapped when freed.
    ///
    /// Setting it stops glibc from raising it to 32 MiB after the first large block. Each thread's
    /// arena would then keep up to 64 MiB.
    private static let mappedBytesMin: Int32 = 1 << 20

    /// Free memory is returned after a response of more bytes than this.
    static let largeAnswerBytes = 1 << 20

    /// Sets the limits for the whole process.
    static func bound() {
        mallopt(M_MMAP_THRESHOLD, mappedBytesMin)
        mallopt(M_TRIM_THRESHOLD, mappedBytesMin)
    }

    /// Returns free pages of all arenas to the system, which takes milliseconds.
    static func giveBack() {
        malloc_trim(0)
    }
}
