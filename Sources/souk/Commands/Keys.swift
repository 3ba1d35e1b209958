import ArgumentParser
import FoundationEssentials
import Launch
import Storage

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manage the key that signs tokens.", subcommands: [KeysRotate.self])
}

struct KeysRotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Sign with a new key from now on.",
        discussion: """
            The responders accept the previous key for one day plus the lifetime of an access token. So tokens \
            and idempotent retries that use it still work, and nobody is logged out. The responders reload the \
            key file by themselves. If systemd passes it as a credential, restart them.
            """)

    func run() throws {
        let settings = try Settings(ProcessInfo.processInfo.environment)
        let day: Int64 = 24 * 60 * 60
        try KeyFile(path: settings.jwtSecretFile).rotate(
            at: .now(), keptSeconds: day + Int64(settings.accessTokenSeconds))
        print("rotated \(settings.jwtSecretFile)")
    }
}
