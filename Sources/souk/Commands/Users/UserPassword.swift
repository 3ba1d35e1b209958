import ArgumentParser
import Customers

struct UserPassword: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password", abstract: "Set the password of an account and end its sessions.",
        discussion: """
            Asks for the password on a terminal, or reads it from the first line of standard input. The rules for \
            a registration apply. The audit log shows the change as one of the operator.
            """)

    @Argument(help: "The account.") var name: String

    func run() throws {
        try withShop { _, store in
            let password = try readPassword(for: name.folded)
            try resetPassword(of: name.folded, to: password, at: .now(), on: store)
            print("changed the password of \(name.folded)")
        }
    }
}
