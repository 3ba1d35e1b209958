import Glibc
import Synchronization

/// The connections that are open, so that they can be bounded and, at the end, closed.
struct Connections: ~Copyable, Sendable {
    let countMax: Int
    /// How often each descriptor is open.
    ///
    /// libfcgi closes a descriptor before we hear of it, so its number can be accepted anew before
    /// it is struck off here; a count is right in the end whichever comes first.
    private let open = Mutex<(descriptors: [Int32: Int], count: Int)>(([:], 0))

    init(countMax: Int) {
        self.countMax = countMax
    }

    /// Notes a connection.
    /// - Returns: whether there is room for another.
    func opened(_ descriptor: Int32) -> Bool {
        open.withLock {
            $0.descriptors[descriptor, default: 0] += 1
            $0.count += 1
            return $0.count < countMax
        }
    }

    /// Strikes a connection off.
    /// - Returns: whether there was no room for another until now.
    func closed(_ descriptor: Int32) -> Bool {
        open.withLock {
            $0.descriptors[descriptor, default: 0] -= 1
            if $0.descriptors[descriptor] == 0 { $0.descriptors[descriptor] = nil }
            $0.count -= 1
            return $0.count == countMax - 1
        }
    }

    /// Closes what is open, once no worker is left to do so.
    func closeAll() {
        open.withLock {
            for descriptor in $0.descriptors.keys { close(descriptor) }
            $0 = ([:], 0)
        }
    }
}
