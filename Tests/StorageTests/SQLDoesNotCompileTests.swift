import Glibc
import Testing

/// What must not become SQL does not compile.
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

    /// What the compiler says of `line`, nothing where it is content.
    private func typecheck(_ line: String) throws -> String {
        let script = """
            swiftc -typecheck -swift-version 6 -I '\(try modules())' - 2>&1 <<'END'
            \(SQLDoesNotCompileTests.given)
            \(line)
            END
            """
        let pipe = try #require(popen(script, "r"))
        defer { pclose(pipe) }
        var output = ""
        var buffer = [CChar](repeating: 0, count: 4096)
        while fgets(&buffer, Int32(buffer.count), pipe) != nil {
            output += buffer.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { String(cString: $0) } ?? ""
            }
        }
        return output
    }

    /// Where the build that this test is part of left `Storage.swiftmodule`.
    private func modules() throws -> String {
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        try #require(length > 0)
        let folder = String(
            decoding: path.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self
        )
        .split(separator: "/").dropLast().joined(separator: "/")
        return "/\(folder)/Modules"
    }
}
