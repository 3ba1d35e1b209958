import TestShop
import Testing

/// Values that must not become SQL do not compile.
@Suite struct SQLDoesNotCompileTests {
    private static let given = """
        import Storage
        let number: Int = 1, fraction = 1.5, text = "x", id: Int64 = 1, piece: SQL = "a = 1"
        """

    @Test(arguments: [
        #"let sql: SQL = "SELECT \(number)""#,
        #"let sql: SQL = "SELECT \(fraction)""#,
        #"let sql: SQL = "SELECT \(1)""#,
        #"let sql: SQL = "SELECT " + text"#,
        #"let sql: SQL = piece + piece"#,
        #"let sql: SQL = text"#,
        #"let sql = SQL(text)"#,
        #"let sql = SQL(stringLiteral: text)"#,
        #"func run(_ sql: SQL) {}; run(text)"#,
        #"func run(_ sql: SQL) {}; run("SELECT \(id)" as String)"#,
    ])
    func refused(line: String) throws {
        let output = try typecheck(line)
        #expect(output.contains("error:"), "\(line) compiles")
        #expect(!output.contains("no such module"), "\(output)")
    }

    @Test func accepted() throws {
        let line = #"let sql: SQL = "SELECT \(id), \(text), \(nil as Int64?) WHERE \(piece)""#
        #expect(try typecheck(line) == "")
    }

    private func typecheck(_ line: String) throws -> String {
        try Compiler.typecheck("\(SQLDoesNotCompileTests.given)\n\(line)\n")
    }
}
