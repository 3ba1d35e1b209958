import PostgresFixture
import Storage
import StoragePostgres
import Testing

@Suite struct PostgresOpeningTests {
    /// The sentence with which the store refuses `url`.
    private func refusal(_ url: String) -> String {
        let failure = #expect(throws: StoreError.self) { try PostgresStore(url: url) }
        guard case .unavailable(let sentence) = failure else {
            Issue.record("\(String(describing: failure))")
            return ""
        }
        return sentence
    }

    @Test(
        arguments: [
            "postgresql://souk:secret@localhost/souk", "postgresql:///souk?password=secret",
            "postgresql://souk@localhost/souk?sslpassword=secret",
        ])
    func aPasswordInTheURLIsRefused(url: String) {
        let sentence = refusal(url)
        #expect(sentence.contains("PGPASSFILE"))
        #expect(!sentence.contains("secret"))
    }

    @Test(
        arguments: [
            "postgresql://souk:se%zzcret@localhost/souk", "souk.db",
            "host=localhost password=secret", "postgresql://localhost/souk?colour=secret",
        ])
    func whatIsNoURLIsRefused(url: String) {
        let sentence = refusal(url)
        #expect(sentence.contains("postgresql://HOST/DATABASE"))
        #expect(!sentence.contains("cret"))
    }

    @Test func aMissingServerIsSaid() {
        #expect(
            refusal("postgresql://souk@%2Fnowhere/souk").hasPrefix(
                "The database postgresql://souk@/nowhere/souk cannot be opened: "))
        #expect(refusal("postgresql://souk@127.0.0.1:1/souk").contains("refused"))
    }

    @Test func aMissingDatabaseIsSaid() throws {
        let url = try TestServer.shared().url("nothing")
        #expect(refusal(url).contains("CREATE DATABASE \"nothing\" TEMPLATE template0"))
    }

    @Test func aWrongPasswordIsSaid() throws {
        let server = try TestServer.shared()
        let file = "\(server.folder)/passwords"
        let url = server.url(
            "postgres", role: TestServer.lockedRole, parameters: ["passfile": file])
        #expect(refusal(url).contains("rejects the password of \(TestServer.lockedRole)"))
        try server.writePassword("wrong", to: file)
        #expect(refusal(url).contains("rejects the password of \(TestServer.lockedRole)"))
        try server.writePassword(TestServer.lockedPassword, to: file)
        let store = try PostgresStore(url: url)
        #expect(!store.name.contains(file))
        #expect(try store.number("SELECT 7 AS n") == 7)
    }

    @Test(arguments: ["LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'", "LC_CTYPE 'C.UTF-8'"])
    func anotherOrderOfTextIsRefused(options: String) throws {
        let server = try TestServer.shared()
        let name = options.hasPrefix("LC") ? "with_ctype" : "with_icu"
        try server.execute("CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8' \(options)")
        let sentence = refusal(server.url(name))
        #expect(sentence.contains("sorts text by the locale"))
        #expect(sentence.contains("CREATE DATABASE \"\(name)\" TEMPLATE template0"))
    }

    @Test func anotherEncodingIsRefused() throws {
        let server = try TestServer.shared()
        try server.execute("CREATE DATABASE with_ascii TEMPLATE template0 ENCODING 'SQL_ASCII'")
        #expect(refusal(server.url("with_ascii")).contains("has the encoding SQL_ASCII"))
    }

    /// The statement that the sentence gives makes a database that can be used.
    @Test func theSuggestedStatementWorks() throws {
        let server = try TestServer.shared()
        let sentence = refusal(server.url("suggested"))
        let start = try #require(sentence.firstRange(of: "CREATE DATABASE"))
        try server.execute(String(sentence[start.lowerBound...]))
        #expect(try PostgresStore(url: server.url("suggested")).tables() == [])
    }

    @Test func namesTheDatabaseWithoutParameters() throws {
        let pens = try PostgresPens()
        let server = pens.database.server
        let store = try PostgresStore(
            url: server.url(pens.database.name, parameters: ["connect_timeout": "3"]))
        #expect(
            store.name == "postgresql://\(TestServer.owner)@\(server.folder)/\(pens.database.name)")
    }
}
