import CPQ

/// The last warning of the server, for the connection that it belongs to.
///
/// libpq calls the receiver on the thread that reads from the connection.
final class Warnings {
    /// The last warning since `clear`.
    private(set) var last: String?

    /// Collects the warnings of `pq`; the caller keeps this object as long as `pq`.
    func install(on pq: OpaquePointer) {
        PQsetNoticeReceiver(
            pq,
            { context, result in
                guard let context else { return }
                let warnings = Unmanaged<Warnings>.fromOpaque(context).takeUnretainedValue()
                let failure = ServerFailure(result, sql: "")
                warnings.last = "\(failure.message) (SQLSTATE \(failure.state))"
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func clear() { last = nil }
}
