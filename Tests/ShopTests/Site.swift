import Foundation
import ShopFixture
import TestShop

/// The shared shop with a server's site: the shipped files and Debian's own nginx.conf.
///
/// Only the ports, the user and the paths differ.
final class Site {
    let folder: Folder
    let port: UInt16
    let tlsPort: UInt16
    let monitorPort: UInt16
    private var nginx: Child?

    /// Creates the configuration of `template`, site.conf or site-tls.conf, and the files that a
    /// server adds.
    ///
    /// `changes` replaces texts of the shipped files; each must occur in one of them.
    init(
        _ template: String, _ machine: [String: String] = [:], changes: [String: String] = [:]
    ) throws {
        folder = try Folder()
        port = try freePort()
        tlsPort = try freePort()
        monitorPort = try freePort()
        let files = FileManager.default
        for name in [
            "etc/sites-enabled", "log", "temporary", "www", "letsencrypt/live/shop.example.org",
        ] {
            try files.createDirectory(
                atPath: folder.file(name), withIntermediateDirectories: true)
        }
        try files.copyItem(atPath: "\(Programs.top)/nginx", toPath: folder.file("etc/souk"))
        var unused = Set(changes.keys)
        for name in try files.subpathsOfDirectory(atPath: folder.file("etc/souk"))
        where name.hasSuffix(".conf") {
            var text = try folder.text(of: "etc/souk/\(name)")
            for (old, new) in changes where text.contains(old) {
                text.replace(old, with: new)
                unused.remove(old)
            }
            try write("etc/souk/\(name)", adapted(text))
        }
        guard unused.isEmpty else { throw Failure("nginx's files do not contain \(unused)") }
        try write("etc/sites-enabled/souk", folder.text(of: "etc/souk/\(template)"))
        try write("etc/souk-exempt.conf", "127.0.0.0/8 1;\n")
        try write("etc/nginx.conf", mainFile())
        try files.createDirectory(
            atPath: folder.file("etc/conf.d"), withIntermediateDirectories: true)
        for (name, text) in machine { try write("etc/\(name)", text) }
    }

    deinit {
        nginx?.signal(SIGTERM)
        _ = try? nginx?.wait(seconds: 10)
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
    }

    /// The text with the paths of this test.
    private func adapted(_ text: String) throws -> String {
        let home = try SharedShop.shop.home
        return [
            ("listen 80;", "listen 127.0.0.1:\(port);"),
            ("listen 443 ssl", "listen 127.0.0.1:\(tlsPort) ssl"),
            ("listen 127.0.0.1:9180", "listen 127.0.0.1:\(monitorPort)"),
            // Some machines lack IPv6.
            ("    listen [::]:80;\n", ""), ("    listen [::]:443 ssl http2;\n", ""),
            ("/etc/letsencrypt", folder.file("letsencrypt")), ("/var/www/html", folder.file("www")),
            ("/var/log/nginx", folder.file("log")), ("/var/cache/nginx-souk", folder.file("cache")),
            ("unix:/run/souk/", "unix:\(home.path)/run/"),
            ("/usr/share/souk", home.file("nginx/pages")),
        ].reduce(text) { $0.replacing($1.0, with: $1.1) }
    }

    private func mainFile() throws -> String {
        let debian = try String(contentsOfFile: "/etc/nginx/nginx.conf", encoding: .utf8)
        let user = getuid() == 0 ? "user root;" : ""
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(folder.file("temporary"))/\($0);"
        }
        return try adapted(debian)
            .replacing("user www-data;", with: user)
            // None is needed.
            .replacing("include /etc/nginx/modules-enabled/*.conf;", with: "")
            .replacing("/run/nginx.pid", with: folder.file("nginx.pid"))
            .replacing("/etc/nginx/sites-enabled", with: folder.file("etc/sites-enabled"))
            .replacing("/etc/nginx/conf.d", with: folder.file("etc/conf.d"))
            .replacing("http {", with: "http { \(temporary.joined(separator: " "))")
    }

    private var arguments: [String] {
        [
            "-p", folder.path, "-c", folder.file("etc/nginx.conf"), "-e",
            folder.file("log/error.log"),
        ]
    }

    private var program: String { Programs.installed("nginx") ?? "" }

    /// The output of `nginx -t`.
    func check() throws -> Outcome { try run(program, arguments + ["-t"]) }

    /// Starts nginx and waits until it listens.
    func open() throws {
        nginx = try Child(program, arguments + ["-g", "daemon off;"])
        let isOpen = eventually(within: 30) { (try? HTTPConnection(port: port)) != nil }
        guard isOpen else { throw Failure(try folder.text(of: "log/error.log")) }
    }

    /// Creates a self-signed certificate at the path that certbot uses.
    func makeCertificate() throws {
        let live = folder.file("letsencrypt/live/shop.example.org")
        let made = try run(
            Programs.installed("openssl") ?? "",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", "/CN=shop.example.org", "-addext",
                "subjectAltName=DNS:shop.example.org", "-keyout", "\(live)/privkey.pem", "-out",
                "\(live)/fullchain.pem",
            ])
        guard made.code == 0 else { throw Failure(made.errors) }
    }

    /// A client that uses the site's host name.
    var visitor: Visitor { Visitor(port: port, host: "shop.example.org") }

    /// Sends a request with curl over TLS, and trusts that certificate.
    func curl(_ arguments: String..., path: String) throws -> Outcome {
        try run(
            Programs.installed("curl") ?? "",
            [
                "--silent", "--show-error", "--cacert",
                folder.file("letsencrypt/live/shop.example.org/fullchain.pem"), "--resolve",
                "shop.example.org:\(tlsPort):127.0.0.1",
            ] + arguments + ["https://shop.example.org:\(tlsPort)\(path)"])
    }

    /// The output of an openssl handshake with these options, including weak ones.
    ///
    /// `name` is the server name that is sent.
    func handshake(
        as name: [String] = ["-servername", "shop.example.org"], _ options: String...
    ) throws -> Outcome {
        try run(
            Programs.installed("openssl") ?? "",
            ["s_client", "-connect", "127.0.0.1:\(tlsPort)"] + name + options)
    }
}
