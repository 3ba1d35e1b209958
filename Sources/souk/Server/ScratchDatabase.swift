import Glibc
import Launch
import Storage
import Values

/// A database on the server of the shop that exists only while a backup is checked.
struct ScratchDatabase {
    /// The URL of the shop's database, whose server and role it shares.
    private let shop: String
    private let name: String

    /// Creates an empty database.
    ///
    /// - Returns: nil if the role may not create databases, or the server is a standby.
    /// - Throws: `Failure`.
    init?(beside shop: String) throws {
        let mayCreate = try ClientProgram.query.run([
            "--no-psqlrc", "--no-align", "--tuples-only", "--dbname=\(shop)",
            """
            --command=SELECT (rolcreatedb OR rolsuper) AND NOT pg_is_in_recovery()
                FROM pg_roles WHERE rolname = current_user
            """,
        ])
        guard mayCreate == "t" else { return nil }
        self.shop = shop
        name = "souk_check_\(fileStamp(.now()).lowercased())_\(getpid())"
        // A copy has the encoding and the order of text that Souk needs.
        try ClientProgram.createDatabase.run([
            "--maintenance-db=\(shop)", "--template=template0", "--encoding=UTF8", "--locale=C",
            "--locale-provider=libc", name,
        ])
    }

    /// Its URL.
    var url: String { databaseURL(shop, named: name) }

    /// Drops it, and warns if that is impossible.
    func drop() {
        do {
            try ClientProgram.dropDatabase.run(["--maintenance-db=\(shop)", "--force", name])
        } catch {
            printError("Warning: the database \(name) could not be dropped: \(error)")
        }
    }
}

/// The URL of the database `name` on the server, with the role and the parameters of `url`.
func databaseURL(_ url: String, named name: String) -> String {
    guard let start = url.firstRange(of: "://")?.upperBound else { return url }
    let authority = url[start...].prefix { $0 != "/" && $0 != "?" }
    let query = url.drop { $0 != "?" }.dropFirst().split(separator: "&")
        // This parameter would take precedence over the path.
        .filter { !$0.hasPrefix("dbname=") }.joined(separator: "&")
    return "\(url[..<start])\(authority)/\(name)\(query.isEmpty ? "" : "?\(query)")"
}
