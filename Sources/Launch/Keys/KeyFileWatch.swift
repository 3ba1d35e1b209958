import Logging
import Synchronization

/// Reports whether the key file of a running responder is usable.
///
/// A broken file would only fail the next start. The fault is therefore logged once, and shown in
/// the metrics and /healthz until it is repaired.
final class KeyFileWatch: Sendable {
    private let file: KeyFile
    private let log: Logger
    private let known = Mutex<String?>(nil)

    init(_ file: KeyFile, log: Logger) {
        self.file = file
        self.log = log
    }

    /// Records a fault, or nil if there is none, and logs a new one.
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
    /// - Returns: the fault of the file, or nil.
    func look() -> String? {
        let fault = file.fault()
        note(fault)
        return fault
    }
}
