import Glibc
import ShopFixture
import Testing

@testable import Launch

@Suite struct NotifierTests {
    /// The service manager's end: a datagram socket at `path`, abstract after an `@`.
    private func manager(_ path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        guard result == 0 else { throw Failure("bind") }
        return descriptor
    }

    private func message(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count < 0 ? "nothing" : String(decoding: bytes[..<count], as: UTF8.self)
    }

    @Test(arguments: [true, false])
    func sendsEveryMessage(isAbstract: Bool) throws {
        let folder = try Folder()
        let path = (isAbstract ? "@" : "") + folder.file("notify")
        let manager = try manager(path)
        defer { close(manager) }
        let notifier = Notifier(environment: { $0 == "NOTIFY_SOCKET" ? path : nil })
        notifier.ready()
        #expect(message(manager) == "READY=1")
        notifier.watchdog()
        #expect(message(manager) == "WATCHDOG=1")
        notifier.status("4 of 8 busy\nSTOPPING=1")
        #expect(message(manager) == "STATUS=4 of 8 busy STOPPING=1")
        notifier.stopping()
        #expect(message(manager) == "STOPPING=1")
        #expect(message(manager) == "nothing")
    }

    @Test(arguments: [
        nil, "", "/nobody/listens/here", "vsock:2:1", String(repeating: "x", count: 200),
    ])
    func doesNothingIfNobodyListens(path: String?) {
        Notifier(environment: { $0 == "NOTIFY_SOCKET" ? path : nil }).ready()
    }

    @Test(arguments: [
        (nil, nil, nil), ("30000000", nil, 30_000), ("500", nil, 1), ("0", nil, nil),
        ("x", nil, nil), ("30000000", "1", nil), ("30000000", "self", 30_000),
    ])
    func readsTheWatchdogInterval(microseconds: String?, process: String?, interval: Int?) {
        let process = process == "self" ? "\(getpid())" : process
        let environment = ["WATCHDOG_USEC": microseconds, "WATCHDOG_PID": process]
        let notifier = Notifier(environment: { environment[$0] ?? nil })
        #expect(notifier.watchdogIntervalMs == interval)
    }
}
