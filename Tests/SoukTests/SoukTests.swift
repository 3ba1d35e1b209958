import Foundation
import ShopFixture
import Testing

/// The operator's command and the start of the responders, as programs.
@Suite enum SoukTests {}

/// An operator with a folder: a signing key, a path for a database, and no shop yet.
struct Operator {
    let folder: Folder
    /// The environment of every program here.
    var environment: [String: String]

    init() throws {
        folder = try Folder()
        environment = [
            "SOUK_DATABASE": folder.file("souk.db"),
            "SOUK_JWT_SECRET_FILE": folder.file("jwt.secret"),
        ]
        try write(String(repeating: "k", count: 32), to: "jwt.secret")
    }

    /// Writes a file that only its owner can read.
    func write(_ text: String, to name: String, mode: mode_t = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
        chmod(folder.file(name), mode)
    }

    /// Runs `souk`.
    @discardableResult
    func souk(_ arguments: String..., input: String = "") throws -> Outcome {
        try run(Programs.souk, arguments, environment: environment, input: input)
    }

    /// Runs a responder that must fail to start; it has no address to listen on.
    func daemon(_ name: String, _ arguments: String...) throws -> Outcome {
        try run("\(Programs.folder)/\(name)", arguments, environment: environment, seconds: 30)
    }

    /// Runs SQL on the database with sqlite3.
    @discardableResult
    func sql(_ text: String) throws -> String { try sqlite(folder.file("souk.db"), text) }

    /// An operator whose shop has tables.
    static func migrated() throws -> Operator {
        let shop = try Operator()
        try shop.souk("migrate").expect(0)
        return shop
    }
}

/// Changes a shop's database to a version without reviews.
let withoutReviews = """
    DROP TABLE review_votes; DROP TABLE review_flags; DROP TABLE review_histogram;
    DROP TABLE reviews; DELETE FROM schema_migrations WHERE name LIKE 'reviews/%';
    """

extension Outcome {
    /// Checks the exit code, and the output if its text is known.
    @discardableResult
    func expect(
        _ code: Int32, output: String? = nil, errors: String? = nil,
        at location: SourceLocation = #_sourceLocation
    ) -> Outcome {
        #expect(self.code == code, "\(self)", sourceLocation: location)
        if let output { #expect(self.output == output, sourceLocation: location) }
        if let errors { #expect(self.errors == errors, sourceLocation: location) }
        return self
    }
}
