import Customers
import Launch
import Reviews
import Sales

// Up to 100 requests wait in the password hash queue. Each occupies a thread, so this responder has
// 100 more than the others need.
serve(
    "customersd",
    Customers.routes(with: Sales.personalData + Reviews.personalData) + Sales.wishlistRoutes,
    extraWorkers: 100,
    gauges: [
        Gauge("souk_password_hashes_running", "Password hashes that run at this moment.") {
            Customers.hashQueueState().running
        },
        Gauge("souk_password_hashes_waiting", "Requests that wait in the password hash queue.") {
            Customers.hashQueueState().waiting
        },
    ])
