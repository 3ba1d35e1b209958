import Logging
import Synchronization

/// Whether the key file of a running responder is still usable.
///
/// A file that breaks does no harm until the next start, which would fail. So the fault is logged
/// once, and shown in metrics and in /healthz until it is repaired.
final class KeyFileWatch: Sendable {
    private let file: KeyFile
    private let log: Logger
    private let known = Mutex<String?>(nil)

    init(_ file: KeyFile, log: Logger) {
        self.file = file
        self.log = log
    }

    /// Notes a fault, or nil if there is none, and logs it if it is new.
    func note(_ fault: String?) {
        guard
            known.withLock({ previous in
                defer { previous = fault }
                return previous != fault
            })
        else { return }
        if let fault {
            log.error(
                "The key file is unusable. The keys in force stay; the next start would fail.",
                metadata: ["error": "\(fault)"])
        } else {
            log.notice("The key file is usable again.")
        }
    }

    /// Reads the file.
    /// - Returns: what is wrong with it, or nil.
    func look() -> String? {
        let fault = file.fault()
        note(fault)
        return fault
    }
}
