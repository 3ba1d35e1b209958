import Glibc

/// Runs `body` on `count` threads at once, each with its number, and returns when all have.
public func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let threads = (0..<count).map { number in
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { work in
                guard let work else { return nil }
                Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Work { body(number) }).toOpaque())
        precondition(code == 0, "no thread (error \(code))")
        return thread
    }
    for thread in threads { pthread_join(thread, nil) }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
