import ArgumentParser
import Glibc
import Storage

/// Rejects a file that cannot be a complete SQLite database, before SQLite opens it.
///
/// - Throws: `ExitCode` 2 after it has printed the reason; `Failure` if the file cannot be read.
func requireWholeDatabase(_ file: String) throws {
    let size = fileSize(file)
    guard size > 0 else { throw refusal("\(file) is empty.") }
    guard let header = try DatabaseHeader(of: file) else {
        throw refusal("\(file) is not a SQLite database.")
    }
    let pages = header.pages ?? (size + header.pageBytes - 1) / header.pageBytes
    let whole = pages * header.pageBytes
    guard size >= whole else {
        throw refusal("\(file) is truncated: it has \(size) of \(whole) bytes.")
    }
}

/// Runs `body`, and reports damage that SQLite finds in `file` without the SQL text.
///
/// - Throws: `ExitCode` 2 after it has printed the reason; otherwise the error of `body`.
func refusingDamage<T>(in file: String, _ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch StoreError.engine(_, let message, _) {
        throw refusal("\(file) is damaged: \(message).")
    }
}

/// Prints the reason why a database is rejected.
///
/// - Returns: the error that ends the command with exit code 2.
func refusal(_ sentence: String) -> ExitCode {
    printError("Error: \(sentence)")
    return ExitCode(2)
}

/// The page size and page count in the first 100 bytes of a SQLite file.
///
/// https://www.sqlite.org/fileformat2.html#the_database_header
private struct DatabaseHeader {
    let pageBytes: Int64
    /// The number of pages, or nil if the program that wrote last did not update it.
    let pages: Int64?

    init?(of file: String) throws {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(errno, "\(file) cannot be read") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 100)
        guard read(descriptor, &bytes, 100) == 100,
            bytes.starts(with: "SQLite format 3\0".utf8)
        else { return nil }
        func number(_ offset: Int, _ count: Int) -> Int64 {
            bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int64($1) }
        }
        let size = number(16, 2)
        guard size > 0 else { return nil }
        pageBytes = size == 1 ? 65_536 : size
        pages = number(24, 4) == number(92, 4) && number(28, 4) > 0 ? number(28, 4) : nil
    }
}
