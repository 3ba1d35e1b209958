import Glibc
import Storage

/// Starts `body` on a thread that no signal interrupts: a signal is for the thread that waits for
/// it.
///
/// `name` is for `top -H` and debuggers, at most 15 bytes.
/// - Throws: `StoreError.unavailable`
func startThread(_ name: StaticString, _ body: @escaping @Sendable () -> Void) throws -> pthread_t {
    // A new thread inherits the mask, so there is no moment without it.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let work = Unmanaged.passRetained(
        Work {
            nameThread(name)
            body()
        })
    let code = pthread_create(
        &thread, nil,
        { work in
            guard let work else { return nil }
            Unmanaged<Work>.fromOpaque(work).takeRetainedValue().run()
            return nil
        }, work.toOpaque())
    guard code == 0 else {
        work.release()
        throw StoreError.unavailable("No thread \(name) (error \(code)).")
    }
    return thread
}

private final class Work: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

/// Names the calling thread.
///
/// Swift's Glibc module does not have `pthread_setname_np`, which writes to this file.
private func nameThread(_ name: StaticString) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    write(file, name.utf8Start, name.utf8CodeUnitCount)
    close(file)
}
