import ArgumentParser
import Customers

struct UserPassword: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password", abstract: "Set the password of an account and end its sessions.",
        discussion: """
            The password is asked for on a terminal, or read as the first line of standard input. It follows the \
            rules for a registration. The audit log shows the change as the operator's.
            """)

    @Argument(help: "The account.") var name: String

    func run() throws {
        try withShop { _, store in
            let password = try readPassword(for: name)
            try resetPassword(of: name, to: password, at: .now(), on: store)
            print("changed the password of \(name)")
        }
    }
}
