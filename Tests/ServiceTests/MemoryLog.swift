import Logging
import Synchronization

/// One line of the log.
struct Entry: Sendable {
    let level: Logger.Level
    let message: String
    let metadata: Logger.Metadata
}

/// The logged lines.
final class MemoryLog: Sendable {
    private let kept = Mutex<[Entry]>([])

    var entries: [Entry] { kept.withLock { $0 } }

    func keep(_ entry: Entry) { kept.withLock { $0.append(entry) } }
}

struct MemoryLogHandler: LogHandler {
    let memory: MemoryLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        memory.keep(
            Entry(
                level: event.level, message: "\(event.message)",
                metadata: metadata.merging(event.metadata ?? [:]) { $1 }))
    }
}
