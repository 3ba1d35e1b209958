import Launch
import Testing

@Suite struct ReadMeTests {
    let text: String

    init() throws {
        text = try Project.text("README.md")
    }

    @Test func tellsEverySettingAndItsDefault() throws {
        for setting in try Settings([:]).inForce {
            // As many as the machine has cores for.
            let value = setting.name == "SOUK_WORKERS" ? "2 per core" : "`\(setting.value)`"
            let isTold = text.contains("| `\(setting.name)` | \(value)")
            #expect(isTold, "\(setting.name) is \(value)")
        }
    }

    @Test func tellsEveryCommandOfMake() throws {
        let listed = try Project.text("Makefile").matches(of: #/(?m)^## (\w+) /#).map(\.output.1)
        #expect(listed.count > 5)
        for command in listed {
            let isTold = text.contains("| `make \(command)` |")
            #expect(isTold, "make \(command)")
        }
        for named in text.matches(of: #/`make (\w+)`/#) { #expect(listed.contains(named.output.1)) }
    }

    @Test func namesFilesThatAreThere() {
        let named = text.matches(of: #/`((?:Sources|Tests|make|nginx)/[\w./-]+)`/#)
        #expect(named.count > 10)
        for match in named { #expect(Project.has(String(match.output.1)), "\(match.output.1)") }
    }

    @Test(arguments: ["README.md", "openapi.yaml"])
    func namesNobodysMachine(file: String) throws {
        let folders = try Project.text(file).matches(of: #/\/(?:home|root|tmp|Users|work)\//#)
        #expect(folders.isEmpty)
    }
}
