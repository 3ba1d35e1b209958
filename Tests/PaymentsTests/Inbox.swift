import Outbox
import Storage
import TestShop
import Testing

@testable import Courier

/// The messages to a buyer and to a member of staff, as the courier leaves them.
struct Inbox {
    let till: Till
    private var position: Int64 = 0
    private var job: Int64 = 0

    /// Gives both an address.
    init(_ till: Till) throws {
        self.till = till
        try till.shop.store.write { [now = till.shop.clock.now] tx in
            for name in ["ben", "sami"] {
                let email = "\(name)@shop.example"
                try tx.run(
                    """
                    UPDATE customers SET email = \(email), email_key = \(email),
                        email_verified_at = \(now)
                    WHERE username = \(name)
                    """)
            }
        }
    }

    /// The new messages, with the problem if they are about one.
    mutating func mails() throws -> [String] {
        try letters().map { mail in
            let problem = mail.values["problem"].map { $0.isEmpty ? "" : ": \($0)" } ?? ""
            return "\(mail.template.rawValue) to \(mail.to)\(problem)"
        }
    }

    /// The new messages.
    mutating func letters() throws -> [OutgoingMail] {
        let (now, after, first) = (till.shop.clock.now, position, job)
        position = try till.shop.store.write { tx in
            try numberEvents(in: tx)
            let new = try events(after: after, subject: nil, limit: 100, in: tx)
            try enqueueMails(about: new, at: now, in: tx)
            return new.last?.position ?? after
        }
        let jobs = try till.shop.store.read { try Outbox.jobs(after: first, limit: 1000, in: $0) }
        job = jobs.last?.id ?? first
        return try jobs.filter { $0.kind == OutgoingMail.jobKind }.map {
            try OutgoingMail(payload: $0.payload)
        }
    }
}
