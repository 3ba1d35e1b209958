import Foundation
import Testing

/// What can be checked of the container image without building it.
@Suite struct DockerfileTests {
    private let file: String
    /// Its instructions, with continued lines joined.
    private let instructions: [String]

    init() throws {
        file = try Project.text("Dockerfile")
        instructions = file.replacing(#/(?m)^#.*\n/#, with: "").replacing("\\\n", with: " ")
            .split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    }

    /// The words after each instruction of this name.
    private func words(of name: String) -> [[String]] {
        instructions.filter { $0.hasPrefix("\(name) ") }.map {
            $0.split(separator: " ").dropFirst().map(String.init)
        }
    }

    /// Debian's packages come from debian/control.
    ///
    /// The build needs its Build-Depends, and the image those of the package. The scripts need curl
    /// as well, which a server does not.
    @Test func namesNoPackageOfDebianTwice() throws {
        #expect(file.contains("apt-get --yes --no-install-recommends build-dep /souk\n"))
        let installed = instructions.flatMap {
            $0.matches(of: #/ install ((?:[\w\/*.-]+ )+)&& rm/#).map { String($0.output.1) }
        }
        #expect(installed == ["/package/souk_*.deb curl systemd-standalone-sysusers "])
    }

    @Test func copiesFilesThatExistAndAllScriptsThatRun() throws {
        let copies = words(of: "COPY").map { $0.dropLast() }
        for path in copies.joined() where path != "." { #expect(Project.has(path), "\(path)") }
        let scripts = copies.joined().filter { $0.hasPrefix("make/") }
        let start = try #require(words(of: "CMD").last?.first)
        #expect(start == #"["/usr/share/souk/make/container.sh"]"#)
        #expect(scripts.contains("make/container.sh") && scripts.contains("make/souk.sh"))
        for script in scripts {
            // `$here/…` and `source make/…`; docs.sh runs only in the source tree.
            let needed = try Project.text(script).matches(of: #/\$here\/(\w+\.(?:sh|pl))/#)
            for name in needed { #expect(scripts.contains("make/\(name.output.1)"), "\(script)") }
            let mode =
                try FileManager.default.attributesOfItem(
                    atPath: Project.folder.appending(path: script).path)[.posixPermissions] as? Int
            let isRun = ["make/container.sh", "make/run.sh", "make/nginx.sh", "make/souk.sh"]
            if isRun.contains(script) { #expect(mode.map { $0 & 0o111 } == 0o111, "\(script)") }
        }
    }

    /// The port, the route of the health check and the volume are those of the scripts and nginx.
    @Test func agreesWithTheScripts() throws {
        #expect(words(of: "EXPOSE") == [["8080"]])
        #expect(try Project.text("make/environment.sh").contains("port=${SOUK_PORT:-8080}\n"))
        #expect(!file.contains("SOUK_PORT="))
        #expect(file.contains("http://${SOUK_LISTEN:-127.0.0.1}:${SOUK_PORT:-8080}/healthz"))
        #expect(try Project.text("nginx/server/operator.conf").contains("location = /healthz {"))
        #expect(words(of: "VOLUME") == [["/var/lib/souk"]])
        let knobs = try Project.text("make/environment.sh").matches(of: #/\$\{(SOUK_\w+)/#).map {
            String($0.output.1)
        }
        let settings = ["SOUK_DATABASE", "SOUK_JWT_SECRET_FILE"]
        for variable in words(of: "ENV").joined() {
            let name = variable.prefix { $0 != "=" }
            #expect((knobs + settings).contains(String(name)), "\(name)")
        }
    }

    /// The owner of the volume is a number that a cluster can check.
    @Test func doesNotRunAsRoot() {
        #expect(words(of: "USER") == [["10001:10001"]])
        #expect(file.contains("useradd --uid 10001 "))
    }

    @Test func keepsTheSourcesOfTheBuild() throws {
        let ignored = try Project.text(".dockerignore").split(separator: "\n")
        for path in ["Sources", "Tests", "make", "debian", "nginx", "docs", "Package.swift"] {
            #expect(!ignored.contains(Substring(path)), "\(path)")
        }
        for path in [".git", ".build*", ".souk*"] {
            #expect(ignored.contains(Substring(path)), "\(path)")
        }
    }
}
