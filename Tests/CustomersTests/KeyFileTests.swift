import Foundation
import Launch
import Storage
import Testing

@Suite struct KeyFileTests {
    @Test func createsAFileForItsOwnerOnly() throws {
        let premises = try KeyRotationFixture()
        #expect(mode(premises.path) == 0o600)
        #expect(try premises.lines.count == 1)
        #expect(try premises.lines[0].utf8.count == 64)
        let before = try premises.text
        #expect(try !premises.file.create())
        #expect(try premises.text == before)
        try premises.rotate()
        #expect(mode(premises.path) == 0o600)
        #expect(!FileManager.default.fileExists(atPath: "\(premises.path).new"))
        #expect(try premises.lines.count == 2)
        #expect(try premises.lines[1].hasPrefix(before.dropLast() + " 20"))
        #expect(try premises.lines[0].utf8.count == 64)
        chmod(premises.path, 0o640)
        try premises.rotate()
        #expect(mode(premises.path) == 0o640)
    }

    @Test func dropsExpiredKeys() throws {
        let premises = try KeyRotationFixture()
        let first = try premises.lines[0]
        try premises.file.rotate(at: .now(), keptSeconds: 60)
        let second = try premises.lines[0]
        try premises.file.rotate(at: .now(), keptSeconds: 60)
        #expect(try premises.lines.count == 3)
        try premises.file.rotate(at: .now().adding(seconds: 61), keptSeconds: 60)
        #expect(try premises.lines.count == 2)
        #expect(try !premises.text.contains(first) && !premises.text.contains(second))
    }

    static let secret = "S3cretS3cretS3cretS3cretS3cretS3cret"

    static let files: [(bytes: [UInt8], mode: mode_t, fault: String?)] = [
        (Array("\(secret)\n".utf8), 0o600, nil),
        (Array(secret.utf8), 0o600, nil),
        (Array("\(secret)\r\n".utf8), 0o400, nil),
        (Array("\(secret)\n\(secret)x 2020-01-01T00:00:00Z\n".utf8), 0o640, nil),
        (Array("\(secret)\n".utf8), 0o604, "is accessible to all users. Set its mode to 600."),
        (Array("\(secret)\n".utf8), 0o602, "is accessible to all users. Set its mode to 600."),
        ([], 0o600, "has fewer than 32 bytes."),
        (Array("\n\n\n".utf8), 0o600, "has fewer than 32 bytes."),
        (Array("S3cretS3cret\n".utf8), 0o600, "has fewer than 32 bytes."),
        (Array("\(secret)\nS3cret 2030-01-01T00:00:00Z\n".utf8), 0o600, "has fewer than 32 bytes."),
        (Array("\(secret) tomorrow\n".utf8), 0o600, "has a line with an invalid expiry time."),
        (
            Array("\(secret)\n\(secret)x 2030-13-01T00:00:00Z\n".utf8), 0o600,
            "has a line with an invalid expiry time."
        ),
        ((0..<40).map { UInt8(200 + $0) }, 0o600, "is not text in UTF-8."),
    ]

    @Test(arguments: files.indices) func readsAFileOrReportsTheFaultWithoutItsContent(index: Int)
        throws
    {
        let premises = try KeyRotationFixture()
        let file = Self.files[index]
        #expect(FileManager.default.createFile(atPath: premises.path, contents: Data(file.bytes)))
        chmod(premises.path, file.mode)
        for attempt in [{ _ = try premises.file.ring() }, premises.rotate] {
            guard let fault = file.fault else {
                try attempt()
                continue
            }
            let error = #expect(throws: SettingsError.self) { try attempt() }
            #expect(error?.description == "The signing key \(premises.path) \(fault)")
            #expect(error?.description.contains("S3cret") == false)
        }
    }

    @Test func reportsAMissingFile() throws {
        let missing = KeyFile(path: "/nonexistent/jwt.secret")
        for attempt in [
            { _ = try missing.ring() }, { try missing.rotate(at: .now(), keptSeconds: 1) },
        ] {
            let error = #expect(throws: SettingsError.self) { try attempt() }
            #expect(error?.description == "The signing key /nonexistent/jwt.secret cannot be read.")
        }
        let error = #expect(throws: SettingsError.self) { try missing.create() }
        #expect(error?.description.contains("cannot be written") == true)
    }

    private func mode(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
    }
}
