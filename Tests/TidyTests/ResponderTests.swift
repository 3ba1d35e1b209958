import Launch
import Testing

/// The files that repeat the names of `souk responders`: nginx, systemd and the programs' folders.
@Suite struct ResponderTests {
    static let names = ResponderProgram.all.map { "\($0.name)" }

    static let daemons = ResponderProgram.daemons.map { "\($0.name)" }

    @Test func eachHasItsProgram() throws {
        for name in Self.daemons {
            let main = try Project.text("Sources/\(name)d/main.swift")
            #expect(main == "import Launch\n\nserve(.\(name))\n")
        }
    }

    @Test func systemdStartsEach() throws {
        let sockets = try Project.text("systemd/souk.target").matches(of: #/souk@(\w+)\.socket/#)
        #expect(Set(sockets.map { String($0.output.1) }) == Set(Self.names))
        #expect(try Project.text("systemd/souk.target").contains(" souk-courier.service\n"))
    }

    @Test func nginxKnowsEach() throws {
        let upstreams = try Project.text("nginx/http/upstreams.conf")
        for name in Self.daemons {
            #expect(upstreams.contains("upstream souk_\(name) {"))
            #expect(upstreams.contains("server unix:/run/souk/\(name).sock"))
        }
        let sockets = upstreams.matches(of: #/run/souk/(?:\./)?(\w+)\.sock/#)
        #expect(Set(sockets.map { String($0.output.1) }) == Set(Self.daemons))
    }

    /// nginx sends each route to the responder that serves it.
    @Test func nginxRoutesToEach() throws {
        let site = try Project.text("nginx/souk.conf")
        for program in ResponderProgram.all {
            for route in program.routes {
                let first = route.description.split(separator: "/")[1]
                let pattern = try Regex("location = /\\Q\(first)\\E +\\{ fastcgi_pass souk_(\\w+)")
                let location = try #require(site.firstMatch(of: pattern))
                #expect(location.output[1].substring == "\(program.name)")
            }
        }
    }
}
