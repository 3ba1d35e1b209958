import Foundation
import PostgresFixture
public import Storage
import StoragePostgres
import StorageSQLite
public import Testing

/// The engine on which the shops of this process run.
///
/// `SOUK_TEST_DATABASE` is `sqlite`, the default, or `postgresql`, for which the tests start a server
/// of their own.
public enum TestEngine: String, Sendable, CaseIterable {
    case sqlite
    case postgresql

    /// The engine of this process.
    public static let current: TestEngine = {
        let name = ProcessInfo.processInfo.environment["SOUK_TEST_DATABASE"] ?? "sqlite"
        guard let engine = TestEngine(rawValue: name) else {
            fatalError("SOUK_TEST_DATABASE=\(name): must be sqlite or postgresql.")
        }
        return engine
    }()
}

extension Trait where Self == ConditionTrait {
    /// The test is about SQLite itself: its plans, its file or its steps.
    public static var onSQLite: Self {
        .enabled(if: TestEngine.current == .sqlite, "it tests SQLite itself")
    }

    /// The test is about PostgreSQL itself.
    public static var onPostgreSQL: Self {
        .enabled(if: TestEngine.current == .postgresql, "it tests PostgreSQL itself")
    }

    /// The test takes long, and the engine does not matter: it compares statements or bodies, or
    /// starts both engines.
    public static var once: Self {
        .enabled(if: TestEngine.current == .sqlite, "the run on SQLite has it")
    }
}

/// The database of a shop, which exists as long as this object.
public final class ShopDatabase: Sendable {
    /// A folder for files of the test; SQLite's database is in it.
    let folder: URL
    private let server: TestDatabase?

    /// Whether it is a SQLite file.
    var isFile: Bool { server == nil }

    /// Creates an empty database, or a copy of `template`, which must be closed.
    public init(on engine: TestEngine = .current, from template: ShopDatabase? = nil) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "souk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        guard engine == .postgresql else {
            server = nil
            if let template {
                try FileManager.default.copyItem(atPath: template.place, toPath: place)
            }
            return
        }
        server = try TestServer.shared().newDatabase(from: template?.server?.name ?? "template1")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The path or the URL of the database, as in `SOUK_DATABASE`.
    var place: String { server?.url ?? folder.appending(path: "souk.db").path }

    /// Opens a store of its own.
    public func open() throws -> any Engine {
        isFile ? try SQLiteStore(path: place, create: true) : try PostgresStore(url: place)
    }
}
