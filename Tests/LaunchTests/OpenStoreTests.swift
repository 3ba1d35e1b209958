import FoundationEssentials
import Launch
import Storage
import Testing

struct ShopTests {
    /// A responder uses no memory mapping, because each commit would make it map the file again.
    ///
    /// It sorts in memory, because its sandbox has no folder for temporary files.
    @Test(
        arguments: [
            ("PRAGMA mmap_size", "mmap_size", 0), ("PRAGMA temp_store", "temp_store", 2),
        ] as [(SQL, String, Int64)])
    func aResponderMapsNothingAndMakesNoFile(sql: SQL, column: String, value: Int64) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "souk-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let settings = try Settings([
            "SOUK_DATABASE": folder.appending(path: "souk.db").path,
            "SOUK_JWT_SECRET_FILE": folder.appending(path: "jwt.secret").path,
        ])
        let store = try openStore(settings, create: true)
        defer { store.close() }
        #expect(try store.read { try $0.first(sql)?[column] } == value)
        #expect(try store.write { try $0.first(sql)?[column] } == value)
    }
}
