import Glibc
public import Outbox

/// The texts of all messages.
public struct MailTemplates: Sendable {
    /// The folder whose files replace the texts of the program, such as `/etc/souk/mail`.
    private let folder: String

    /// Uses the files of `folder`, which need not exist.
    public init(overriddenBy folder: String) {
        self.folder = folder
    }

    /// The text of a template, read anew each time.
    ///
    /// If its file cannot be read, it is the text of the program, which is better than no message.
    public func text(of template: MailTemplate) -> String {
        (try? override(of: template)) ?? Self.standard(template)
    }

    /// The faults of all templates, each with its file.
    public func faults() -> [String] {
        MailTemplate.allCases.compactMap { template in
            do throws(TemplateFault) {
                let text = try override(of: template) ?? Self.standard(template)
                try Self.check(text, of: template)
                return nil
            } catch {
                return "\(template.rawValue).txt \(error)"
            }
        }
    }

    private static func check(_ text: String, of template: MailTemplate) throws(TemplateFault) {
        let values = Dictionary(uniqueKeysWithValues: placeholders(of: template).map { ($0, "x") })
        _ = try MailText(filling: text, with: values)
        let secrets: Set = ["token", "link"]
        guard
            MailText.placeholders(of: standard(template)).isDisjoint(with: secrets)
                || !MailText.placeholders(of: text).isDisjoint(with: secrets)
        else { throw TemplateFault("must contain {{ token }} or {{ link }}.") }
    }

    /// The placeholders that a template may have: those of the program's own text.
    public static func placeholders(of template: MailTemplate) -> Set<String> {
        MailText.placeholders(of: standard(template)).union(["name", "shop"])
    }

    /// The largest size of a file in bytes.
    private static let bytesMax = 1 << 20

    /// The text of the file that replaces a template; nil if there is none.
    private func override(of template: MailTemplate) throws(TemplateFault) -> String? {
        func failed() -> TemplateFault {
            TemplateFault("cannot be read: \(String(cString: strerror(errno))).")
        }
        let descriptor = open("\(folder)/\(template.rawValue).txt", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failed()
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &part, part.count)
            guard count >= 0 else { throw failed() }
            if count == 0 { break }
            bytes += part[..<count]
            guard bytes.count <= Self.bytesMax else {
                throw TemplateFault("must have at most \(Self.bytesMax) bytes.")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TemplateFault("is not UTF-8.")
        }
        return text
    }

    private static func standard(_ template: MailTemplate) -> String {
        let bytes: [UInt8] =
            switch template {
            case .emailVerification: PackageResources.email_verification_txt
            case .emailChanged: PackageResources.email_changed_txt
            case .emailRemoved: PackageResources.email_removed_txt
            case .passwordReset: PackageResources.password_reset_txt
            case .passwordChanged: PackageResources.password_changed_txt
            case .credentialsChanged: PackageResources.credentials_changed_txt
            case .newSignIn: PackageResources.new_sign_in_txt
            case .orderReceived: PackageResources.order_received_txt
            case .guestOrderReceived: PackageResources.guest_order_received_txt
            case .orderExpired: PackageResources.order_expired_txt
            case .paymentLate: PackageResources.payment_late_txt
            case .paymentExtra: PackageResources.payment_extra_txt
            case .refundByHand: PackageResources.refund_by_hand_txt
            case .paymentProblem: PackageResources.payment_problem_txt
            case .orderPaid: PackageResources.order_paid_txt
            case .orderShipped: PackageResources.order_shipped_txt
            case .orderRefunded: PackageResources.order_refunded_txt
            case .returnRequested: PackageResources.return_requested_txt
            case .returnApproved: PackageResources.return_approved_txt
            case .returnDeclined: PackageResources.return_declined_txt
            case .returnReceived: PackageResources.return_received_txt
            case .reviewApproved: PackageResources.review_approved_txt
            case .reviewRejected: PackageResources.review_rejected_txt
            case .backInStock: PackageResources.back_in_stock_txt
            case .lowStock: PackageResources.low_stock_txt
            case .webhookFailing: PackageResources.webhook_failing_txt
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}
