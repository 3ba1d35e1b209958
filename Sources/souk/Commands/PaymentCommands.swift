import ArgumentParser
import Courier
import HTTP
import Launch
import Payments
import Sales
import Storage
import Values

struct PaymentCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payments", abstract: "List payments, and reconcile them with Stripe.",
        subcommands: [ListedPayments.self, UnmatchedPayments.self, ReconcilePayments.self])
}

struct ListedPayments: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print payments as JSON lines, the oldest first.")

    @Option(help: "Print only payments with this status, such as mismatch.") var status: String?
    @Option(help: "Print only payments with a higher id.") var after: Int64 = 0
    @Option(help: "The maximum number to print.") var limit: Int64 = 100

    func validate() throws {
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit must be from 1 to 10000.")
        }
        guard status == nil || chosen != nil else {
            let all = PaymentStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--status must be one of \(all).")
        }
    }

    private var chosen: PaymentStatus? { status.flatMap(PaymentStatus.init) }

    func run() throws {
        try withShop { _, store in
            printLines(
                try store.read { try payments(chosen, after: after, limit: limit, in: $0) })
        }
    }
}

struct UnmatchedPayments: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unmatched",
        abstract: "Print messages about payments that the shop does not know, as JSON lines.",
        discussion: """
            The newest are first. Such messages arrive after the restore of an older backup. Refund their payments \
            in Stripe's dashboard.
            """)

    @Option(help: "Print only messages with a lower id.") var before: Int64?
    @Option(help: "The maximum number to print.") var limit: Int64 = 100

    func validate() throws {
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit must be from 1 to 10000.")
        }
    }

    func run() throws {
        try withShop { _, store in
            printLines(
                try store.read { try unmatchedEvents(before: before ?? .max, limit: limit, in: $0) }
            )
        }
    }
}

struct ReconcilePayments: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Book the messages of Stripe that did not arrive.",
        discussion: """
            Needs SOUK_STRIPE_KEY_FILE in the environment. It reads the messages of the last days from Stripe, which \
            keeps them for 30 days.
            """)

    @Option(help: "The number of days, 1 to 30.") var days: Int64 = 3

    func validate() throws {
        guard (1...30).contains(days) else {
            throw ValidationError("--days must be from 1 to 30.")
        }
    }

    func run() throws {
        try withShop { settings, store in
            guard let key = try settings.stripe.key() else {
                throw Failure(description: "SOUK_STRIPE_KEY_FILE is not set.")
            }
            let found = try reconcile(
                withStripe: settings.stripe.url, key: key,
                since: Instant.now().adding(seconds: -days * 24 * 60 * 60), on: store,
                Sales.paymentObserver
            ) { callProvider($0) }
            print(
                "\(found.applied) messages booked, \(found.known) known, "
                    + "\(found.unmatched) unmatched, \(found.unreadable) unreadable")
        }
    }
}

private func printLines(_ values: [some JSONWritable]) {
    for value in values {
        print(JSONWriter.text(of: value))
    }
}
