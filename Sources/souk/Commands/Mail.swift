import ArgumentParser
import FoundationEssentials
import Launch

struct MailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Check the mail server and the texts of messages.",
        subcommands: [MailCheck.self])
}

struct MailCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the settings and texts of mail, and send a test message.",
        discussion: """
            Reports every file in SOUK_MAIL_TEMPLATES that cannot be used. With --send-to, it sends one message, and \
            prints the reason if that fails.
            """)

    @Option(help: ArgumentHelp("Send a test message to this address.", valueName: "address"))
    var sendTo: String?

    func validate() throws {
        guard let sendTo, !MailSettings.isAddress(sendTo) else { return }
        throw ValidationError("--send-to must be an e-mail address.")
    }

    func run() throws {
        let mail = try Settings(ProcessInfo.processInfo.environment).mail
        let faults = mail.faultyTexts()
        guard faults.isEmpty else { throw Failure(description: faults.joined(separator: "\n")) }
        print("The texts of all messages can be used.")
        guard let sendTo else { return }
        guard let failure = try mail.sendTest(to: sendTo) else {
            return print("The test message was sent.")
        }
        throw Failure(description: "The test message was not sent: \(failure)")
    }
}
