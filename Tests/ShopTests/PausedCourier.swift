import Foundation
import ShopFixture

/// The courier of a shop, stopped outside its transactions, so that only requests change the database.
final class PausedCourier {
    private let process: pid_t

    init(of shop: RunningShop) throws {
        process = try shop.process(of: "courierd")
        // While another process holds the lock, the courier cannot be in the middle of a write.
        let lock = try WriteLock(on: shop.home.file("souk.db"))
        kill(process, SIGSTOP)
        try lock.release()
    }

    func resume() { kill(process, SIGCONT) }
}
