import Glibc
import HTTP
import Logging
import Synchronization
import Threads

/// A line for each request that was slow, and no more than a few when all of them are.
///
/// It tells the route and not the path, because a path may name a person.
final class SlowLog: Sendable {
    /// At most this many lines a minute; the next one tells how many were left out.
    private static let linesMax = 60

    private let slowUs: Int
    private let minute = Mutex((number: 0, lines: 0, omitted: 0))

    init(slowMs: Int?) {
        slowUs = slowMs.map { $0 * 1000 } ?? .max
    }

    func note(
        _ request: Request, _ line: Traffic.Line, _ response: Response, microseconds: Int,
        in log: Logger
    ) {
        guard microseconds >= slowUs, let omitted = turn(at: monotonicUs() / 60_000_000) else {
            return
        }
        var metadata: Logger.Metadata = [
            "request_id": "\(request.id)", "method": "\(line.method)", "route": "\(line.route)",
            "status": "\(response.status.code)", "ms": "\(microseconds / 1000)",
        ]
        if omitted > 0 { metadata["omitted"] = "\(omitted)" }
        log.warning("slow", metadata: metadata)
    }

    /// How many lines were left out before this one; nil where it is left out itself.
    func turn(at now: Int) -> Int? {
        minute.withLock {
            if $0.number != now { ($0.number, $0.lines) = (now, 0) }
            guard $0.lines < SlowLog.linesMax else {
                $0.omitted += 1
                return nil
            }
            $0.lines += 1
            let omitted = $0.omitted
            $0.omitted = 0
            return omitted
        }
    }
}
