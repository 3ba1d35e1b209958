import ArgumentParser
import Customers

struct UserTotpReset: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "totp-reset", abstract: "Remove the second factor of an account.",
        discussion: """
            For a person who has lost the authenticator app and the recovery codes. Verify the person's \
            identity. The account can then log in with its password alone and enrol again. The audit log \
            shows the reset.
            """)

    @Argument(help: "The account.") var name: String

    func run() throws {
        try withShop { _, store in
            try resetTotp(of: name.folded, at: .now(), on: store)
            print("removed the second factor of \(name.folded)")
        }
    }
}
