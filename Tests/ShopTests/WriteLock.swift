import Foundation
import ShopFixture

/// The write lock of a database, held by another process.
final class WriteLock {
    private let child: Child
    private let leash = Pipe()

    /// Takes the lock within five seconds.
    init(on database: String) throws {
        guard let program = Programs.installed("sqlite3") else { throw Failure("no sqlite3") }
        let folder = try Folder()
        var streams = Child.Streams()
        streams.inputDescriptor = leash.fileHandleForReading.fileDescriptor
        streams.output = folder.file("output")
        child = try Child(program, [database], streams)
        let sql = ".timeout 5000\nBEGIN IMMEDIATE;\nSELECT 'held';\n"
        try leash.fileHandleForWriting.write(contentsOf: Data(sql.utf8))
        let isHeld = eventually(within: 5) {
            (try? folder.text(of: "output"))?.contains("held") == true
        }
        guard isHeld else { throw Failure("the database cannot be locked") }
    }

    func release() throws {
        try leash.fileHandleForWriting.close()
        try child.wait(seconds: 5)
    }
}
