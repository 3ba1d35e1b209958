import Foundation
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// The files for Prometheus and Grafana agree with the metrics of a running shop.
    @Suite struct MonitoringTests {
        private func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(Programs.top)/monitoring/\(name)", encoding: .utf8)
        }

        /// Every expression that is sent to Prometheus.
        private func questions() throws -> [String] {
            let board = try JSONDecoder().decode(Board.self, from: Data(text("grafana.json").utf8))
            let alerts = try text("souk-alerts.yml").split(separator: "\n")
                .filter { !$0.contains("summary:") && !$0.contains("description:") }
            return board.panels.flatMap { $0.targets.map(\.expr) } + alerts.map(String.init)
        }

        @Test func everyUsedMetricExists() throws {
            let visitor = try SharedShop.shop.visitor()
            var families: Set<String> = []
            for responder in MetricsTests.daemons {
                families.formUnion(try visitor.metrics(of: responder).families)
            }
            var asked: Set<String> = []
            for question in try questions() {
                for match in question.matches(of: #/(?:souk|process)_[a-z_]+/#) {
                    let name = String(match.output)
                    let family = name.replacing(#/_(?:bucket|sum|count)$/#, with: "")
                    asked.insert(families.contains(name) ? name : family)
                }
            }
            #expect(asked.count > 20)
            #expect(asked.subtracting(families) == [], "are used, but no responder exports them")
            #expect(
                families.subtracting(asked) == ["souk_schema_version"], "are shown to nobody")
        }

        @Test func everyUsedLabelExists() throws {
            let visitor = try SharedShop.shop.visitor()
            var labels: Set = ["service", "job", "kind"]
            for sample in try visitor.metrics(of: "sales").samples.keys {
                for match in sample.matches(of: #/[{,]([a-z]+)="/#) {
                    labels.insert(String(match.output.1))
                }
            }
            for question in try questions() {
                for match in question.matches(of: #/[{,]\s*([a-z_]+)(?:=|!)~?"/#) {
                    #expect(labels.contains(String(match.output.1)), "\(question)")
                }
                for match in question.matches(of: #/by \(([a-z, ]+)\)/#) {
                    let named = match.output.1.split(separator: ", ").map(String.init)
                    #expect(labels.isSuperset(of: named), "\(question)")
                }
            }
        }

        @Test func theDashboardIsValid() throws {
            let board = try JSONDecoder().decode(Board.self, from: Data(text("grafana.json").utf8))
            #expect(Set(board.panels.map(\.id)).count == board.panels.count)
            #expect(Set(board.panels.map(\.title)).count == board.panels.count)
            // Grafana 9.0 writes version 36. An older Grafana rejects newer versions; a newer one
            // accepts older versions.
            #expect(board.schemaVersion >= 36)
            for panel in board.panels {
                #expect(!panel.targets.isEmpty && panel.gridPos.x + panel.gridPos.w <= 24)
            }
        }

        @Test(.enabled(if: Programs.promtool != nil, "there is no promtool: make/deps.sh test"))
        func promtoolFindsNoFault() throws {
            let program = try #require(Programs.promtool)
            for arguments in [["rules", "souk-alerts.yml"], ["config", "prometheus.yml"]] {
                let file = "\(Programs.top)/monitoring/\(arguments[1])"
                let outcome = try run(program, ["check", arguments[0], file])
                #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
            }
        }

        /// Each alert fires on its fault, and is silent for a healthy shop.
        @Test(.enabled(if: Programs.promtool != nil, "there is no promtool: make/deps.sh test"))
        func alertsFire() throws {
            let program = try #require(Programs.promtool)
            let outcome = try run(
                program, ["test", "rules", "\(Programs.top)/Tests/Monitoring/alerts.yml"])
            #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
        }

        /// On a server, monitors use a port of their own, and other clients get 403.
        @Test func aServerShowsMetricsToMonitorsOnly() throws {
            let site = try Site(
                "site.conf", ["souk-proxies.conf": "set_real_ip_from 127.0.0.1;\n"])
            try site.open()
            let monitor = Visitor(port: site.monitorPort)
            for responder in MetricsTests.daemons {
                _ = try monitor.metrics(of: responder)
                for client in ["203.0.113.9", "127.0.0.1", "127.0.0.1, 127.0.0.1"] {
                    let field = ("X-Forwarded-For", client)
                    try site.visitor
                        .send("GET", "/\(responder)/metrics", fields: [field])
                        .expectProblem(403, "forbidden")
                }
            }
            #expect(try monitor.send("GET", "/healthz").status == 200)
        }

        /// A client that uses another address of this machine counts as remote.
        @Test(.enabled(if: elsewhere != nil, "this machine has no address but the loopback's"))
        func anotherAddressIsRemote() throws {
            let address = try #require(elsewhere)
            let port = try freePort()
            let site = try Site(
                "site.conf",
                ["conf.d/elsewhere.conf": "server { listen \(port); include souk/souk.conf; }\n"])
            try site.open()
            let curl = try #require(Programs.installed("curl"))
            for path in MetricsTests.daemons.map({ "/\($0)/metrics" }) + ["/nginx/status"] {
                for (host, status) in [(address, "403"), ("127.0.0.1", "200")] {
                    let outcome = try run(
                        curl,
                        [
                            "--silent", "--output", "/dev/null", "--noproxy", "*", "--write-out",
                            "%{http_code}", "http://\(host):\(port)\(path)",
                        ])
                    #expect(outcome.output == status, "\(host) \(path)")
                }
            }
        }
    }
}

/// The members of a dashboard that the tests read.
private struct Board: Decodable {
    struct Panel: Decodable {
        struct Target: Decodable { let expr: String }
        struct Place: Decodable {
            let x: Int
            let w: Int
        }
        let id: Int
        let title: String
        let targets: [Target]
        let gridPos: Place
    }
    let schemaVersion: Int
    let panels: [Panel]
}

/// A non-loopback IPv4 address of this machine.
private let elsewhere: String? = {
    guard let program = Programs.installed("hostname"),
        let outcome = try? run(program, ["-I"])
    else { return nil }
    return outcome.output.split { $0 == " " || $0.isNewline }.map(String.init)
        .first { $0.contains(".") && !$0.hasPrefix("127.") }
}()
