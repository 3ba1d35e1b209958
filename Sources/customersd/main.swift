import Customers
import Launch
import Reviews
import Sales

// Logins wait for their turn at the password hash, up to 100 of them: each wants a thread that the
// rest can do without.
serve(
    "customersd",
    Customers.routes(with: Sales.personalData + Reviews.personalData) + Sales.wishlistRoutes,
    extraWorkers: 100,
    gauges: [
        Gauge("souk_password_hashes_running", "Passwords that are hashed at this moment.") {
            Customers.passwordsInHand().hashed
        },
        Gauge("souk_password_hashes_waiting", "Requests that wait for their turn to hash.") {
            Customers.passwordsInHand().waiting
        },
    ])
