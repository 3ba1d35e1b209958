import CGlibc
import Glibc

/// A system thread, for code that blocks: libfcgi, the database and request handlers.
public struct Thread: Sendable {
    private let handle: pthread_t

    /// Starts `body` on a thread that blocks all signals except those of its own faults.
    ///
    /// Signals go to the thread that waits for them. An EINTR inside a read of libfcgi would abort
    /// that request. A thread inherits its creator's mask, so the signals are blocked from the
    /// start.
    ///
    /// `name` has at most 15 bytes (pthread_setname_np(3)); `top -H` and debuggers show it.
    /// - Throws: `ThreadError`
    public init(named name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        var blocked = sigset_t()
        var before = sigset_t()
        sigfillset(&blocked)
        for fault in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT] {
            sigdelset(&blocked, fault)
        }
        pthread_sigmask(SIG_SETMASK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        var handle = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let code = pthread_create(
            &handle, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw ThreadError(name: name, code: code)
        }
        pthread_setname_np(handle, name)
        self.handle = handle
    }

    /// Whether this is the calling thread.
    public var isCurrent: Bool { pthread_equal(handle, pthread_self()) != 0 }

    /// Waits until the thread has ended.
    ///
    /// Call it only once.
    public func join() {
        pthread_join(handle, nil)
    }
}

/// The system could not start a thread (pthread_create(3)).
public struct ThreadError: Error, CustomStringConvertible {
    let name: String
    let code: Int32

    /// A sentence that includes the system's reason.
    public var description: String {
        "cannot start the thread \(name): \(String(cString: strerror(code)))"
    }
}

/// Runs `body` concurrently on `count` threads, once for each number below `count`.
///
/// Returns after all of them have returned.
/// - Throws: `ThreadError`, after the started threads have ended.
public func onThreads(_ count: Int, named name: String, _ body: @escaping @Sendable (Int) -> Void)
    throws(ThreadError)
{
    var threads: [Thread] = []
    defer { for thread in threads { thread.join() } }
    for number in 0..<count { threads.append(try Thread(named: name) { body(number) }) }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}
