import CFastCGI
import Glibc

/// A thread that blocks in libfcgi and in handlers, so it is the system's and not a task.
struct Thread: Sendable {
    private let handle: pthread_t

    /// Starts `body` on a thread that no signal interrupts.
    ///
    /// An EINTR inside a read of libfcgi's aborts that request, so everything is blocked but what a
    /// fault of the thread's own raises. The mask is inherited, so there is no moment without it.
    /// `name` has at most 15 bytes (pthread_setname_np(3)).
    /// - Throws: `StartError`
    init(named name: String, _ body: @escaping @Sendable () -> Void) throws {
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
        let result = pthread_create(
            &handle, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        guard result == 0 else {
            work.release()
            throw StartError(failedTo: "start a thread", result)
        }
        pthread_setname_np(handle, name)
        self.handle = handle
    }

    /// Waits until the thread has ended.
    func join() {
        pthread_join(handle, nil)
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}
