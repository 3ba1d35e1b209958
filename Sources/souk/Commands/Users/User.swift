import ArgumentParser
import Customers
import HTTP
import Launch
import Service
import Storage

struct User: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manage accounts.",
        subcommands: [
            UserAdd.self, UserList.self, UserRole.self, UserSuspend.self, UserActivate.self,
            UserPassword.self, UserTotpReset.self,
        ])
}

extension Role: ExpressibleByArgument {}

struct UserAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Create an account.",
        discussion:
            "Asks for the password on a terminal, or reads it from the first line of standard input."
    )

    @Argument(
        help: "3 to 32 of a-z, 0-9, '_', '.' and '-', beginning with a letter. A-Z become a-z.")
    var name: String
    @Option(help: "The role of the account.") var role = Role.customer
    @Option(help: "The person's full name; the username by default.") var fullName: String?

    func run() throws {
        try withShop { _, store in
            let password = try readPassword(for: name.folded)
            let account = try addAccount(
                name, password: password, fullName: fullName ?? name.trimmed, role: role,
                at: .now(), on: store)
            print("added \(account.username) as \(role.rawValue)")
        }
    }
}

struct UserList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List moderators, staff and admins by name.")

    @Flag(help: "List customers too.") var all = false
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let people = try withShop { _, store in try accounts(all: all, on: store) }
        if json {
            print(JSONWriter.text(of: people))
            return
        }
        for account in people {
            print("\(account.username)\t\(account.role.rawValue)\t\(account.status.rawValue)")
        }
    }
}

struct UserRole: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Change the role of an account, at once.")

    @Argument(help: "The account.") var name: String
    @Argument(help: "The new role.") var role: Role

    func run() throws {
        try withShop { _, store in
            let account = try setRole(role, of: name.folded, at: .now(), on: store)
            print("\(account.username) is \(account.role.rawValue) now")
        }
    }
}

struct UserSuspend: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Suspend an account and end its sessions, at once.")

    @Argument(help: "The account.") var name: String

    func run() throws {
        try withShop { _, store in
            let account = try setStatus(.suspended, of: name.folded, at: .now(), on: store)
            print("\(account.username) is \(account.status.rawValue) now")
        }
    }
}

struct UserActivate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate", abstract: "Activate a suspended account.")

    @Argument(help: "The account.") var name: String

    func run() throws {
        try withShop { _, store in
            let account = try setStatus(.active, of: name.folded, at: .now(), on: store)
            print("\(account.username) is \(account.status.rawValue) now")
        }
    }
}
