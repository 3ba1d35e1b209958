import Synchronization

/// The results of `body` on each of `count` concurrent threads, in the order of their numbers.
public func atOnce<T: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> T) -> [T] {
    let results = Mutex<[Int: T]>([:])
    onThreads(count) { number in
        let result = body(number)
        results.withLock { $0[number] = result }
    }
    return results.withLock { results in (0..<count).compactMap { results[$0] } }
}
