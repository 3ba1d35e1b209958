import Glibc
public import Logging
import Storage
import Values

/// Writes one line per event to standard error, with the priority that systemd's journal reads.
///
/// See sd-daemon(3): `<3>could not … request_id=4f1c`. The journal adds the time and the program.
/// In a file or on a terminal each line begins with them: `2026-11-28T13:05:36.120Z salesd <3>…`.
public struct JournalLog: LogHandler {
    /// The fields of every line.
    public var metadata: Logger.Metadata = [:]
    /// The lowest level that is logged.
    public var logLevel: Logger.Level
    /// The name of the program, if lines must contain it.
    private let name: String?

    /// Creates a log for the program `name`.
    ///
    /// `journal` is `JOURNAL_STREAM` of the environment. systemd sets it to the device and inode of
    /// the standard error that it connects to the journal (systemd.exec(5)).
    public init(level: Logger.Level, name: String, journal: String?) {
        logLevel = level
        var status = stat()
        let isKnown = fstat(STDERR_FILENO, &status) == 0
        let isJournal = isKnown && journal == "\(status.st_dev):\(status.st_ino)"
        self.name = isJournal ? nil : name
    }

    /// A field of every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes each line with one call, so that the lines of several threads do not mix.
    public func log(event: LogEvent) {
        var line = name.map { "\(Instant.now().rfc3339) \($0) " } ?? ""
        line += "<\(event.level.priority)>\(event.message)"
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(quoted("\(value)"))"
        }
        line = line.onOneLine + "\n"
        _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Writes one sentence for the operator before a log exists.
    static func say(_ sentence: String) {
        var line = sentence + "\n"
        _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private func quoted(_ value: String) -> String {
        let (space, quote) = (UInt8(ascii: " "), UInt8(ascii: "\""))
        guard value.utf8.contains(where: { $0 == space || $0 == quote }) else { return value }
        return "\"\(String(decoding: value.utf8.filter { $0 != quote }, as: UTF8.self))\""
    }
}

extension String {
    /// The text on one line without control characters, so that clients cannot forge log lines.
    ///
    /// It maps scalars, because a Character can hide a control character before a combining mark.
    var onOneLine: String {
        guard utf8.contains(where: { $0 < 0x20 || $0 >= 0x7f }) else { return self }
        var line = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            let value = scalar.value
            let isControl = value < 0x20 || (0x7f...0x9f).contains(value)
            line.append(isControl || value == 0x2028 || value == 0x2029 ? " " : scalar)
        }
        return String(line)
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
