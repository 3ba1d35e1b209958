import Threads

/// Runs `body` on `count` concurrent threads, each with its number, and returns when all have
/// ended.
public func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    guard (try? Threads.onThreads(count, named: "test", body)) != nil else {
        preconditionFailure("cannot start a thread")
    }
}
