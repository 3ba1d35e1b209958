import ArgumentParser
import HTTP
import Outbox
import Storage
import Values

struct Jobs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manage the jobs of the courier.",
        subcommands: [JobsList.self, JobsRetry.self, JobsDrop.self])
}

struct JobsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the jobs that are not done.",
        discussion: """
            Prints number, state, kind, queue, attempts, time and last error, separated by tabs. The time is that of \
            the next attempt, or of the failure. A job in progress has the state leased.
            """)

    @Flag(help: "List only failed jobs, in the order of their failures.") var failed = false
    @Option(help: "The maximum number of jobs to list.") var limit: Int = 100
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...100_000).contains(limit) else {
            throw ValidationError("--limit must be from 1 to 100000.")
        }
    }

    func run() throws {
        let rows = try withShop { _, store in
            try store.read { tx in
                let limit = Int64(limit)
                return failed
                    ? try failedJobs(after: nil, limit: limit, in: tx)
                    : try jobs(after: 0, limit: limit, in: tx)
            }
        }
        if json {
            print(JSONWriter.text(of: rows.map(ListedJob.init)))
            return
        }
        for job in rows {
            let error = job.error?.split(whereSeparator: \.isNewline).joined(separator: " ")
            print(
                "\(job.id)", job.listedState, job.kind, job.queue, "\(job.attempts)",
                job.runAt.rfc3339, error ?? "", separator: "\t")
        }
    }
}

struct JobsRetry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Attempt jobs again, at once.",
        discussion: """
            Each job has all of its retries again. A refund that is older than 23 hours is sent only after the \
            provider has confirmed that it does not have it.
            """)

    @Argument(help: "The numbers of the jobs.") var numbers: [Int64] = []
    @Flag(help: "Retry all failed jobs.") var failed = false

    func validate() throws { try requireOne(numbers, failed) }

    func run() throws {
        try change(numbers, failed, "retried") { try retryJob($0, at: .now(), in: $1) }
    }
}

struct JobsDrop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Delete jobs without another attempt.")

    @Argument(help: "The numbers of the jobs.") var numbers: [Int64] = []
    @Flag(help: "Delete all failed jobs.") var failed = false

    func validate() throws { try requireOne(numbers, failed) }

    func run() throws {
        try change(numbers, failed, "dropped") { try dropJob($0, in: $1) }
    }
}

/// Either numbers or `--failed`.
private func requireOne(_ numbers: [Int64], _ failed: Bool) throws {
    guard numbers.isEmpty == failed else {
        throw ValidationError("Name the jobs by their numbers, or use --failed.")
    }
}

/// Changes jobs one by one, so that a long list delays no order.
private func change(
    _ numbers: [Int64], _ failed: Bool, _ done: String,
    _ body: @escaping @Sendable (Int64, any Transaction) throws -> Bool
) throws {
    try withShop { _, store in
        let chosen =
            failed
            ? try store.read { try failedJobs(after: nil, limit: 100_000, in: $0).map(\.id) }
            : numbers
        var count = 0
        for id in chosen {
            if try store.write({ try body(id, $0) }) {
                count += 1
            } else if !failed {
                throw Failure(
                    description: "There is no job \(id), or an attempt is in progress.")
            }
        }
        print("\(done) \(count) \(count == 1 ? "job" : "jobs")")
    }
}

extension Job {
    fileprivate var listedState: String { leasedBy == nil ? state.rawValue : "leased" }
}

/// A job without its payload, which may contain personal data.
private struct ListedJob: JSONWritable {
    let job: Job

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", job.id)
            $0.field("state", job.listedState)
            $0.field("kind", job.kind)
            $0.field("queue", job.queue)
            $0.field("attempts", job.attempts)
            $0.field("run_at", job.runAt)
            $0.field("error", job.error)
            $0.field("created_at", job.createdAt)
        }
    }
}
