import ArgumentParser
import FoundationEssentials
import HTTP
import Launch

struct ShowSettings: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings", abstract: "Print the settings in force, without secrets.")

    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let inForce = try Settings(ProcessInfo.processInfo.environment).inForce
        if json {
            let members = inForce.map { Member(name: $0.name, value: $0.value) }
            print(JSONWriter.text(of: members))
        } else {
            for setting in inForce { print("\(setting.name)=\(setting.value)") }
        }
    }
}

private struct Member: JSONWritable {
    let name: String
    let value: String

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("name", name)
            $0.field("value", value)
        }
    }
}

struct ShowVersion: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version.")

    func run() {
        print(Launch.version)
    }
}
