import ArgumentParser
import Customers
import FoundationEssentials
import Glibc
import Launch
import Storage

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manage the key that signs tokens.", subcommands: [KeysRotate.self])
}

struct KeysRotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Replace the signing key without logging anybody out.",
        discussion: """
            Adds a new key, with which the responders sign. They accept the previous key for one day plus the \
            lifetime of an access token, so tokens and idempotent retries that use it still work. The responders \
            reload the key file by themselves. If systemd passes it as a credential, restart the responders and the \
            courier. The secrets of second factors are encrypted again with the new key, if the database can be opened.
            """)

    func run() throws {
        let settings = try Settings(ProcessInfo.processInfo.environment)
        let day: Int64 = 24 * 60 * 60
        try KeyFile(path: settings.jwtSecretFile).rotate(
            at: .now(), keptSeconds: day + Int64(settings.accessTokenSeconds))
        print("rotated \(settings.jwtSecretFile)")
        try reseal(settings)
    }

    /// A rotation must succeed without a database, so a fault of it is only a warning.
    private func reseal(_ settings: Settings) throws {
        let count: Int
        do {
            let store = try openStore(settings)
            defer { store.close() }
            try schema.verify(store)
            count = try resealSecondFactors(of: settings.shop(), at: .now(), on: store)
        } catch {
            var line = "Second factors are still encrypted with the previous key: \(error)\n"
            _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            return
        }
        if count > 0 { print("encrypted \(count) second factors again") }
    }
}
