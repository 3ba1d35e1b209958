import Glibc
import HTTP
import Logging
import Synchronization
import Threads

/// Logs each slow request, but limits the lines per minute.
///
/// A line contains the route and not the path, because a path may contain a username.
final class SlowLog: Sendable {
    /// The largest number of lines per minute; the next line counts the omitted ones.
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

    /// The number of lines omitted before this one; nil if this one is omitted too.
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
