import Foundation
import Synchronization

/// What `body` gives on each of `count` threads that run at once, in the order of their numbers.
public func atOnce<T: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> T) -> [T] {
    let results = Mutex<[Int: T]>([:])
    let running = DispatchGroup()
    for number in 0..<count {
        running.enter()
        Thread.detachNewThread {
            let result = body(number)
            results.withLock { $0[number] = result }
            running.leave()
        }
    }
    running.wait()
    return results.withLock { results in (0..<count).compactMap { results[$0] } }
}
