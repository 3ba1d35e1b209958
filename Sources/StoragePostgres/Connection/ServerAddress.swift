import CPQ
import Storage

/// The address of a database, as libpq reads it.
///
/// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
struct ServerAddress: Sendable {
    /// The URL without parameters, for logs and messages.
    let name: String
    /// The name of the database, for messages.
    let database: String
    /// The name of the role, for messages.
    let role: String
    /// The parameters of PQconnectdbParams.
    let parameters: [String: String]

    /// Reads `url`.
    ///
    /// - Throws: `StoreError.unavailable` if it is not valid or holds a password.
    init(_ url: String) throws {
        var given = try ServerAddress.parse(url)
        for secret in ["password", "sslpassword"] where given[secret] != nil {
            // Other users can read a process's environment or command line, and a log may hold it.
            throw StoreError.unavailable(
                """
                The database URL must not contain a password. Write it into a file, and name \
                the file with the parameter passfile or the variable PGPASSFILE.
                """)
        }
        let hosts = given["hostaddr"] ?? given["host"] ?? ""
        if hosts.contains(","), given["target_session_attrs"] == nil {
            given["target_session_attrs"] = "read-write"
        }
        let own = [
            // The shortest time that libpq accepts. It applies to each host.
            "connect_timeout": "2", "application_name": "souk", "fallback_application_name": "souk",
        ]
        given.merge(own) { given, _ in given }
        given["client_encoding"] = "UTF8"
        parameters = given
        role = given["user"] ?? ""
        database = given["dbname"] ?? role
        name = ServerAddress.name(given)
    }

    /// The parameters that `url` names.
    private static func parse(_ url: String) throws -> [String: String] {
        var fault: UnsafeMutablePointer<CChar>?
        guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://"),
            let first = PQconninfoParse(url, &fault)
        else {
            // libpq's message may quote a part of a password.
            PQfreemem(fault)
            throw StoreError.unavailable(
                """
                The database URL is not valid. Write it as postgresql://HOST/DATABASE: see \
                "Connection URIs" in the manual of libpq.
                """)
        }
        defer { PQconninfoFree(first) }
        var parameters: [String: String] = [:]
        var next = first
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val {
                parameters[String(cString: keyword)] = String(cString: value)
            }
            next += 1
        }
        return parameters
    }

    /// The URL with nothing but role, hosts, ports and database.
    private static func name(_ parameters: [String: String]) -> String {
        let hosts = split(parameters["host"] ?? parameters["hostaddr"])
        let ports = split(parameters["port"])
        let places = hosts.indices.map { index in
            let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
            return port.isEmpty ? hosts[index] : "\(hosts[index]):\(port)"
        }
        let role = parameters["user"].map { "\($0)@" } ?? ""
        return "postgresql://\(role)\(places.joined(separator: ","))/\(parameters["dbname"] ?? "")"
    }

    private static func split(_ list: String?) -> [String] {
        (list ?? "").split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    }
}
