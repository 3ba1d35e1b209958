import FastCGI
import Glibc

/// Notifies the service manager of this process's state (sd_notify(3)).
///
/// It does nothing without a service manager.
struct Notifier: Sendable {
    /// The watchdog timeout of the service manager in milliseconds; nil if it has none.
    ///
    /// The manager kills a silent process after this time, so notify at half of it
    /// (sd_watchdog_enabled(3)).
    let watchdogIntervalMs: Int?
    private let socketPath: String?

    /// Reads the variables that the service manager sets.
    ///
    /// - Parameter environment: returns the value of a variable. NOTIFY_SOCKET is a path, or an
    ///   abstract name after an `@`. WATCHDOG_USEC applies only to the process WATCHDOG_PID.
    init(
        environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) {
        socketPath = environment("NOTIFY_SOCKET")
        let microseconds = environment("WATCHDOG_USEC").flatMap { Int($0) } ?? 0
        let isForUs = environment("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
        watchdogIntervalMs = microseconds > 0 && isForUs ? max(1, microseconds / 1000) : nil
    }

    /// Reports that the start is complete and requests are answered.
    func ready() { send("READY=1") }

    /// Reports that the process is stopping.
    func stopping() { send("STOPPING=1") }

    /// Reports that the process makes progress.
    func watchdog() { send("WATCHDOG=1") }

    /// Sets the line that `systemctl status` shows.
    func status(_ line: String) {
        // A second line would be parsed as another variable.
        send("STATUS=" + line.split(whereSeparator: \.isNewline).joined(separator: " "))
    }

    /// Sends one message and ignores failures: the service manager then treats the process as
    /// silent.
    private func send(_ message: String) {
        guard let socketPath, let address = SocketAddress(unix: socketPath) else { return }
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(message.utf8)
        _ = address.withPointer {
            sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, $1)
        }
    }
}
