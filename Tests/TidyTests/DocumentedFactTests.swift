import Foundation
import Launch
import Testing

/// Compares what the pages say about settings, commands, metrics, alerts and limits with the code.
@Suite struct DocumentedFactTests {
    @Test func everySettingAndItsDefault() throws {
        let page = MarkdownPage(path: "docs/operating/settings.md")
        let settings = try Settings([:]).inForce
        for setting in settings {
            // The default depends on the number of cores.
            let own = setting.value.isEmpty ? "none" : "`\(setting.value)`"
            let value = setting.name == "SOUK_WORKERS" ? "2 per core" : own
            let isDescribed = page.text.contains("| `\(setting.name)` | \(value)")
            #expect(isDescribed, "\(setting.name) is \(value)")
        }
        // The section above the variables of `make run`.
        let end = page.text.firstRange(of: "## Variables of `make run`")?.lowerBound
        let own = page.text[..<(end ?? page.text.endIndex)]
        let described = Set(own.matches(of: #/\| `(SOUK_\w+)`/#).map { String($0.output.1) })
        #expect(described == Set(settings.map(\.name)))
    }

    @Test func everyVariableOfMakeRun() throws {
        let page = MarkdownPage(path: "docs/operating/settings.md")
        let start = page.text.firstRange(of: "## Variables of `make run`")?.upperBound
        let own = page.text[(start ?? page.text.endIndex)...]
        let described = Set(own.matches(of: #/\| `(SOUK_\w+)`/#).map { String($0.output.1) })
        let run = try Project.text("Makefile").firstMatch(of: #/## run .*\((.+)\)/#).map {
            String($0.output.1)
        }
        let listed = (run ?? "").split(separator: ", ").map(String.init)
        #expect(!listed.isEmpty && described == Set(listed))
    }

    @Test func everyCommandOfMake() throws {
        let page = MarkdownPage(path: "docs/development.md")
        let listed = try Project.text("Makefile").matches(of: #/(?m)^## ([\w-]+) +\S/#).map {
            String($0.output.1)
        }
        #expect(listed.count > 10)
        let described = page.namesInFirstCells.filter { $0.hasPrefix("make ") }
        #expect(Set(described) == Set(listed.map { "make \($0)" }))
        for each in MarkdownPage.all {
            for named in each.text.matches(of: #/`make ([\w-]+)[^`]*`/#) {
                #expect(listed.contains(String(named.output.1)), "\(each.path): \(named.output.0)")
            }
        }
    }

    /// Each help text has a file, which `HelpTests` compares with the program.
    @Test func everySubcommandOfSouk() {
        let helps = Project.files(endingIn: ".txt").filter { $0.hasPrefix("Tests/SoukTests/Help/") }
            .map { String($0.split(separator: "/")[3].dropLast(4)).replacing("-", with: " ") }
        let groups = helps.filter { help in helps.contains { $0.hasPrefix("\(help) ") } }
        let page = MarkdownPage(path: "docs/operating/command.md")
        let described = page.namesInFirstCells.filter { $0.hasPrefix("souk ") }.map { command in
            // As in the names of the files, also for a command with a hyphen.
            let command = command.replacing("-", with: " ")
            return helps.filter { command == $0 || command.hasPrefix("\($0) ") }.max {
                $0.count < $1.count
            } ?? command
        }
        #expect(helps.count > 10)
        #expect(Set(described) == Set(helps).subtracting(groups))
    }

    @Test func metricsThatExist() throws {
        let folders = [
            "Sources/Launch", "Sources/Courier", "Sources/StorageSQLite", "Sources/StoragePostgres",
        ]
        let sources = try folders.flatMap(Project.swiftFiles).map(Project.text).joined()
        let page = MarkdownPage(path: "docs/operating/monitoring.md")
        let metrics = page.namesInFirstCells.filter { $0.contains(#/^(souk|process)_[a-z_]+$/#) }
        #expect(metrics.count > 10)
        for metric in metrics { #expect(sources.contains("\"\(metric)\""), "\(metric)") }
        // All of the server's are described.
        let own = Set(sources.matches(of: #/"(souk_postgres_\w+)"/#).map { String($0.output.1) })
        #expect(!own.isEmpty && own.isSubset(of: metrics))
    }

    @Test func everyAlert() throws {
        let page = MarkdownPage(path: "docs/operating/monitoring.md")
        let described = page.namesInFirstCells.filter { $0.contains(#/^Souk[A-Z]/#) }
        let alerts = try Project.text("monitoring/souk-alerts.yml").matches(of: #/alert: (\w+)/#)
        #expect(Set(described) == Set(alerts.map { String($0.output.1) }))
    }

    /// The rows of the rate limits end with the name of nginx's zone.
    @Test func everyRateLimit() throws {
        let files = [
            "http/limits.conf", "http/operator.conf", "server/limits.conf", "server/operator.conf",
        ]
        let nginx = try files.map { try Project.text("nginx/\($0)") }.joined()
        let page = MarkdownPage(path: "docs/operating/nginx.md")
        let rows = page.text.matches(
            of: #/\| (\d+)(?: per second)? \| (\d*) \| `(souk_\w+)` \|/#)
        let zones = nginx.matches(of: #/zone=(souk_\w+):.*rate=(\d+)r\/s/#)
        #expect(Set(zones.map(\.output.1)).isSubset(of: Set(rows.map(\.output.3))))
        for row in rows {
            let (_, rate, burst, zone) = row.output
            let rates = nginx.matches(of: #/zone=(souk_\w+):.*rate=(\d+)r\/s/#)
            if let known = rates.first(where: { $0.output.1 == zone }) {
                #expect(known.output.2 == rate, "\(zone)")
                #expect(nginx.contains("zone=\(zone) burst=\(burst) "), "\(zone)")
            } else {
                #expect(nginx.contains("limit_conn \(zone) \(rate);"), "\(zone)")
            }
        }
        // docs/api.md repeats the limits that concern clients.
        let api = try Project.text("docs/api.md")
        for zone in ["souk_requests", "souk_auth", "souk_searches"] {
            let row = rows.first { $0.output.3 == zone }?.output
            let text = "| \(row?.1 ?? "") per second, bursts of \(row?.2 ?? "") |"
            #expect(api.contains(text), "\(text)")
        }
    }

    /// docs/design/request.md says why an operation opens transactions of its own.
    @Test func everyOperationWithTransactionsOfItsOwn() throws {
        let page = MarkdownPage(path: "docs/design/request.md")
        let tables = Project.files(endingIn: "/Routes.swift")
        let handlers = Set(
            try tables.flatMap { table in
                try Project.text(table).matches(of: #/outside: (\w+)/#).map { String($0.output.1) }
            })
        #expect(handlers.count > 20)
        for handler in handlers { #expect(page.text.contains("`\(handler)`"), "\(handler)") }
    }

    /// The table of targets in docs/design/request.md.
    @Test func everyTarget() throws {
        let page = MarkdownPage(path: "docs/design/request.md")
        let start = page.text.firstRange(of: "## Targets")?.upperBound ?? page.text.endIndex
        let described = page.text[start...].matches(of: #/(?m)^\| ([\w, ]+) \|/#).flatMap {
            $0.output.1.split(separator: ", ").map(String.init)
        }
        let targets = try Manifest(Project.text("Package.swift")).targets.filter {
            $0.folder.hasPrefix("Sources/")
        }
        #expect(Set(described).subtracting(["target"]) == Set(targets.map(\.name)))
    }
}
