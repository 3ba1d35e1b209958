import ArgumentParser
import FoundationEssentials
import Launch
import Storage

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manages the key under which tokens are signed.", subcommands: [KeysRotate.self])
}

struct KeysRotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Signs with a new key from now on.",
        discussion: """
            Nobody is logged out: the old key is good for the tokens it signed, and for retries of requests, for a \
            day. The responders take the new file over by themselves; where systemd hands it to them as a \
            credential, restart them.
            """)

    func run() throws {
        let settings = try Settings(ProcessInfo.processInfo.environment)
        let day: Int64 = 24 * 60 * 60
        try KeyFile(path: settings.jwtSecretFile).rotate(
            at: .now(), keptSeconds: day + Int64(settings.accessTokenSeconds))
        print("rotated \(settings.jwtSecretFile)")
    }
}
