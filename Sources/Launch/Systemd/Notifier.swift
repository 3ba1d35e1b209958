import FastCGI
import Glibc

/// Notifies the service manager of this process's state (sd_notify(3)); does nothing without one.
struct Notifier: Sendable {
    /// How often the manager wants to hear `watchdog`, in milliseconds; nil if not at all.
    ///
    /// It kills at this interval, so speak at half of it (sd_watchdog_enabled(3)).
    let watchdogIntervalMs: Int?
    private let socketPath: String?

    /// A notifier for what the manager put into the environment.
    ///
    /// - Parameter environment: the value of a variable. NOTIFY_SOCKET is a path, or an abstract
    ///   name after an `@`; WATCHDOG_USEC counts only for the process WATCHDOG_PID.
    init(
        environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) {
        socketPath = environment("NOTIFY_SOCKET")
        let microseconds = environment("WATCHDOG_USEC").flatMap { Int($0) } ?? 0
        let isForUs = environment("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
        watchdogIntervalMs = microseconds > 0 && isForUs ? max(1, microseconds / 1000) : nil
    }

    /// The start is over, and requests are answered.
    func ready() { send("READY=1") }

    /// The end has begun.
    func stopping() { send("STOPPING=1") }

    /// We are alive.
    func watchdog() { send("WATCHDOG=1") }

    /// One line for people, which `systemctl status` shows.
    func status(_ line: String) {
        // A second line would be read as a message of its own.
        send("STATUS=" + line.split(whereSeparator: \.isNewline).joined(separator: " "))
    }

    /// Sends one message, and goes on where it cannot be sent: the manager then thinks what it
    /// thinks of a service that says nothing.
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
