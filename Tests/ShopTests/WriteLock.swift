import Foundation
import ShopFixture

/// The write lock of a database, held by another process.
final class WriteLock {
    private let child: Child
    private let leash = Pipe()

    /// Takes the lock within 30 seconds.
    init(on database: String) throws {
        guard let program = Programs.installed("sqlite3") else { throw Failure("no sqlite3") }
        let folder = try Folder()
        var streams = Child.Streams()
        streams.inputDescriptor = leash.fileHandleForReading.fileDescriptor
        streams.output = folder.file("output")
        child = try Child(program, [database], streams)
        let sql = ".timeout 30000\nBEGIN IMMEDIATE;\nSELECT 'held';\n"
        try leash.fileHandleForWriting.write(contentsOf: Data(sql.utf8))
        let isHeld = eventually(within: 30) {
            (try? folder.text(of: "output"))?.contains("held") == true
        }
        guard isHeld else { throw Failure("the database cannot be locked") }
    }

    func release() throws {
        // The end of the pipe would not do: a child of another test may have inherited it.
        try leash.fileHandleForWriting.write(contentsOf: Data(".quit\n".utf8))
        try child.wait(seconds: 30)
    }
}
