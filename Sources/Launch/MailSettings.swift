import Courier
import Curl
import Mail
import Service
import Values

/// The settings of mail, which the courier reads.
public struct MailSettings: Sendable {
    /// `smtp://HOST:PORT`, `smtps://HOST:PORT` or `file:FOLDER`; empty if messages are dropped.
    ///
    /// `SOUK_SMTP_URL`.
    public var url = ""
    /// The file with the user name and the password for the mail server, on two lines, or empty.
    ///
    /// `SOUK_SMTP_CREDENTIALS_FILE`.
    public var credentialsFile = ""
    /// The sender.
    ///
    /// `SOUK_MAIL_FROM`.
    public var from = "shop@localhost"
    /// The address of the shop's pages in links.
    ///
    /// `SOUK_PUBLIC_URL`.
    public var publicURL = "http://localhost"
    /// The folder whose files replace the texts of messages.
    ///
    /// `SOUK_MAIL_TEMPLATES`.
    public var templates = "/etc/souk/mail"

    static func isTransport(_ url: String) -> Bool {
        url.isEmpty || url.hasPrefix("file:") && url != "file:" || SMTPServer(url) != nil
    }

    /// The files with texts of messages that cannot be used, each with the reason.
    public func faultyTexts() -> [String] {
        MailTemplates(overriddenBy: templates).faults().map { "\(templates)/\($0)" }
    }

    /// Whether a text is an address that a test message may be sent to.
    public static func isAddress(_ text: String) -> Bool { Mailbox(text)?.address == text }

    /// Sends a test message.
    /// - Returns: nil, or the reason why it failed.
    /// - Throws: `SettingsError` if mail is not set up.
    public func sendTest(to address: String) throws -> String? {
        guard let transport = try transport() else {
            throw SettingsError(description: "SOUK_SMTP_URL is not set.")
        }
        let text = try MailText(
            filling:
                "Subject: Test message of {{ shop }}\n\nMail works. `souk mail check` sent this.\n",
            with: ["shop": publicURL])
        let message = MailMessage(from: try mailbox, to: address, text, job: 0, at: .now())
        return transport.send(message)?.description
    }

    private var mailbox: Mailbox {
        get throws {
            guard let mailbox = Mailbox(from) else {
                throw SettingsError(description: "SOUK_MAIL_FROM is not an address.")
            }
            return mailbox
        }
    }

    /// The sender of messages.
    /// - Throws: `SettingsError` if the credentials cannot be read.
    func sender(for shop: Shop) throws -> MailSender {
        MailSender(
            try transport(), MailTemplates(overriddenBy: templates), from: try mailbox,
            publicURL: publicURL, for: shop)
    }

    private func transport() throws -> MailTransport? {
        if url.hasPrefix("file:") { return .folder(String(url.dropFirst("file:".count))) }
        guard let server = SMTPServer(url) else { return nil }
        guard !credentialsFile.isEmpty else { return .server(server, nil) }
        do throws(CredentialsFault) {
            return .server(server, try SMTPCredentials(file: credentialsFile))
        } catch {
            throw SettingsError(description: "SOUK_SMTP_CREDENTIALS_FILE: \(error.description)")
        }
    }
}

extension Settings {
    /// The variables of mail.
    static let mailTable: [Setting] = [
        text("SOUK_SMTP_URL", \.mail.url, "smtp://HOST:PORT, smtps://HOST:PORT or file:FOLDER") {
            MailSettings.isTransport($0)
        },
        text("SOUK_SMTP_CREDENTIALS_FILE", \.mail.credentialsFile, "a path") { _ in true },
        text("SOUK_MAIL_FROM", \.mail.from, "an address, or NAME <ADDRESS>") {
            Mailbox($0) != nil
        },
        text(
            "SOUK_PUBLIC_URL", \.mail.publicURL, "an http or https URL without a slash at its end"
        ) {
            OutboundURL(trusted: $0) != nil && !$0.hasSuffix("/")
        },
        text("SOUK_MAIL_TEMPLATES", \.mail.templates, "an absolute path") { $0.hasPrefix("/") },
    ]
}
