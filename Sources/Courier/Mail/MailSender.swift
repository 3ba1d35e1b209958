import Customers
public import Mail
import Outbox
public import Service
import Values

/// Sends the messages that transactions have enqueued.
public struct MailSender: Sendable {
    private let transport: MailTransport?
    private let templates: MailTemplates
    private let from: Mailbox
    private let publicURL: String
    private let shop: Shop

    /// Creates a sender.
    ///
    /// Without a transport, messages are dropped. `publicURL` is the address of the shop's pages in
    /// links, without a slash at its end.
    public init(
        _ transport: MailTransport?, _ templates: MailTemplates, from: Mailbox, publicURL: String,
        for shop: Shop
    ) {
        self.transport = transport
        self.templates = templates
        self.from = from
        self.publicURL = publicURL
        self.shop = shop
    }

    /// Tries to send the message of a job; each attempt has the same Message-ID.
    func attempt(_ job: Job) throws -> JobOutcome {
        guard let transport else { return .done() }
        let mail = try OutgoingMail(payload: job.payload)
        if let token = mail.token, token.expiresAt <= .now() {
            return .failed(error: "The token has expired before the message could be sent.")
        }
        guard let values = values(of: mail) else {
            return .failed(error: "No key of the shop opens the token.")
        }
        let text: MailText
        do throws(TemplateFault) {
            text = try MailText(filling: templates.text(of: mail.template), with: values)
        } catch {
            return .retry(error: "\(mail.template.rawValue).txt \(error)")
        }
        let message = MailMessage(from: from, to: mail.to, text, job: job.id, at: job.createdAt)
        guard let failure = transport.send(message) else { return .done() }
        return failure.isPermanent
            ? .failed(error: failure.description) : .retry(error: failure.description)
    }

    /// The values of the placeholders, or nil if the token cannot be read.
    private func values(of mail: OutgoingMail) -> [String: String]? {
        var values = mail.values
        values["shop"] = publicURL.split(separator: "/").last.map(String.init) ?? publicURL
        guard let sealed = mail.token else { return values }
        guard let token = openedMailToken(sealed, by: shop, at: .now()) else { return nil }
        let page =
            switch mail.template {
            case .passwordReset: "reset-password"
            case .guestOrderReceived: "orders/\(values["order"] ?? "")"
            default: "verify-email"
            }
        values["token"] = token
        values["link"] = "\(publicURL)/\(page)#token=\(token)"
        return values
    }
}
