import Foundation
import Logging
import Storage
import Synchronization
import Testing
import Values

@testable import Launch

/// The disk, the key file and the backups, as a responder sees them.
@Suite struct SurroundingsTests {
    @Test func aDiskWithoutRoomIsAFault() {
        #expect(DiskRoom(beside: "/tmp").fault == nil)
        // procfs reports no free space.
        #expect(
            DiskRoom(beside: "/proc").fault == "cannot write: the disk of the database is full")
        #expect(DiskRoom(beside: "/nonexistent").fault == nil)
    }

    private final class Lines: LogHandler, Sendable {
        let lines = Mutex<[String]>([])
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        var logLevel: Logger.Level {
            get { .trace }
            set {}
        }
        subscript(metadataKey _: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }
        func log(event: LogEvent) { lines.withLock { $0.append("\(event.level)") } }
    }

    /// Logged once for any number of checks.
    ///
    /// The responder keeps its present keys.
    @Test func aKeyFileThatBreaksIsReportedOnce() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "souk-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "jwt.secret").path
        let file = KeyFile(path: path)
        try file.create()
        let lines = Lines()
        let watch = KeyFileWatch(file, log: Logger(label: "test") { _ in lines })
        let ring = try file.ring(report: watch.note)
        #expect(watch.look() == nil && lines.lines.withLock { $0 } == [])
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let breaks: [() throws -> Void] = [
            { try Data("short".utf8).write(to: URL(fileURLWithPath: path)) },
            { try FileManager.default.removeItem(atPath: path) },
        ]
        for (number, harm) in breaks.enumerated() {
            try harm()
            for _ in 0..<3 { #expect(watch.look()?.contains(path) == true) }
            #expect(lines.lines.withLock { $0.filter { $0 == "error" }.count } == number + 1)
            try whole.write(to: URL(fileURLWithPath: path))
            chmod(path, 0o600)
            #expect(watch.look() == nil && watch.look() == nil)
            #expect(lines.lines.withLock { $0.filter { $0 == "notice" }.count } == number + 1)
        }
        withExtendedLifetime(ring) {}
    }

    @Test func backupTimesAreZeroWithoutARecord() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "souk-\(UUID()).db").path
        let record = BackupRecord(of: path)
        defer { try? FileManager.default.removeItem(atPath: "\(path).backups") }
        #expect(record.read() == (0, 0))
        try record.note(success: false, at: Instant(milliseconds: 5_000))
        #expect(record.read() == (0, 5))
        try record.note(success: true, at: Instant(milliseconds: 9_999))
        #expect(record.read() == (9, 5))
    }
}
