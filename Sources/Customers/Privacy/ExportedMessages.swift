import HTTP
import Outbox
import Storage
import Values

/// A one-time token as an export shows it: without the token and its hash.
struct ExportedToken: JSONWritable {
    let purpose: TokenPurpose
    let email: String
    let createdAt: Instant
    let expiresAt: Instant
    let usedAt: Instant?

    /// The tokens of a customer; they are kept for a day, and an account gets three an hour.
    static func all(of customer: Int64, in tx: any Transaction) throws -> [ExportedToken] {
        try tx.all(
            """
            SELECT purpose, email, created_at, expires_at, used_at FROM one_time_tokens
            WHERE customer_id = \(customer) ORDER BY created_at
            """
        ) { row in
            ExportedToken(
                purpose: try row["purpose"], email: try row["email"],
                createdAt: try row["created_at"], expiresAt: try row["expires_at"],
                usedAt: try row["used_at"])
        }
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("purpose", purpose.rawValue)
            $0.field("email", email)
            $0.field("created_at", createdAt)
            $0.field("expires_at", expiresAt)
            $0.field("used_at", usedAt)
        }
    }
}

/// The most jobs of an account that an export shows.
private let exportedJobsMax: Int64 = 1000

/// A job with personal data as an export shows it, such as a message that was not sent yet.
struct ExportedJob: JSONWritable {
    let job: Job

    /// The newest jobs of a customer, oldest first.
    static func all(of customer: Int64, in tx: any Transaction) throws -> [ExportedJob] {
        try jobs(of: customer, atMost: exportedJobsMax, in: tx).map(ExportedJob.init)
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("kind", job.kind)
            $0.field("state", job.state.rawValue)
            $0.field("created_at", job.createdAt)
            $0.field("message", message)
        }
    }

    private var message: Message? {
        guard job.kind == OutgoingMail.jobKind else { return nil }
        return (try? OutgoingMail(payload: job.payload)).map(Message.init)
    }
}

/// A message without its token.
private struct Message: JSONWritable {
    let mail: OutgoingMail

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("template", mail.template.rawValue)
            $0.field("to", mail.to)
            $0.field(
                "values", mail.values.sorted { $0.key < $1.key }.map { Value(name: $0, text: $1) })
        }
    }

    private struct Value: JSONWritable {
        let name: String
        let text: String

        func write(to json: inout JSONWriter) {
            json.object {
                $0.field("name", name)
                $0.field("value", text)
            }
        }
    }
}
