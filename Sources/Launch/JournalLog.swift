import Glibc
public import Logging

/// Writes to standard error in the form that systemd's journal understands: a line each, its
/// priority in front.
///
/// See sd-daemon(3): `<3>could not … request_id=4f1c`.
public struct JournalLog: LogHandler {
    /// Fields for every line.
    public var metadata: Logger.Metadata = [:]
    /// What is left out is below this.
    public var logLevel: Logger.Level

    /// A log for one program.
    public init(level: Logger.Level) {
        logLevel = level
    }

    /// A field for every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line with one call, so that the lines of many threads do not mix.
    public func log(event: LogEvent) {
        var line = "<\(event.level.priority)>\(event.message)"
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(quoted("\(value)"))"
        }
        line = line.replacing(lineBreaksWith: " ") + "\n"
        _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// One sentence for the operator, where there is no log yet.
    static func say(_ sentence: String) {
        var line = sentence + "\n"
        _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private func quoted(_ value: String) -> String {
        value.contains { $0 == " " || $0 == "\"" } ? "\"\(value.filter { $0 != "\"" })\"" : value
    }
}

extension String {
    /// One line: what a client sends must not be able to forge another.
    fileprivate func replacing(lineBreaksWith replacement: Character) -> String {
        String(map { $0.isNewline || $0 == "\u{1b}" ? replacement : $0 })
    }
}

extension Logger.Level {
    /// The severities of RFC 5424 §6.2.1.
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
