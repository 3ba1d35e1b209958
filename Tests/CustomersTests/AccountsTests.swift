import Customers
import HTTP
import Service
import Storage
import TestShop
import Testing
import Values

/// The operator's commands follow the same rules and affect sessions that are logged in.
@Suite struct AccountsTests {
    private let shop: TestShop

    init() throws { shop = try TestShop() }

    private func add(_ name: String, _ role: Role, password: String = TestShop.password) throws {
        try addAccount(
            name, password: password, fullName: "Name of \(name)", role: role, at: shop.clock.now,
            on: shop.store)
    }

    private func change(_ name: String, to role: Role) throws -> Customer {
        try setRole(role, of: name, at: shop.clock.now, on: shop.store)
    }

    private func change(_ name: String, to status: CustomerStatus) throws -> Customer {
        try setStatus(status, of: name, at: shop.clock.now, on: shop.store)
    }

    private func code(of work: () throws -> Void) -> String? {
        do {
            try work()
            return nil
        } catch {
            return (error as? Problem)?.code
        }
    }

    @Test func validatesNewAccounts() throws {
        try add("root", .admin)
        #expect(try shop.send(.get, "/customers/ada", as: "root").status == .ok)
        #expect(code { try add("root", .staff) } == "username_taken")
        #expect(code { try add(" Root", .staff) } == "username_taken")
        #expect(code { try add("login", .staff) } == "invalid_request")
        #expect(code { try add("other", .staff, password: "short") } == "invalid_request")
        #expect(
            code { try add("longusername", .staff, password: "longusername") } == "invalid_request")
        let names = try accounts(all: false, on: shop.store).map(\.username)
        #expect(names == ["adil", "mona", "root", "sami"])
        let all = try accounts(all: true, on: shop.store)
        #expect(all.map(\.username) == ["ada", "adil", "ben", "mona", "root", "sami"])
        #expect(all.map(\.role) == [.customer, .admin, .customer, .moderator, .admin, .staff])
    }

    @Test func reportsUnknownUsers() throws {
        #expect(code { _ = try change("nobody", to: .admin) } == "customer_not_found")
        #expect(code { _ = try change("nobody", to: .suspended) } == "customer_not_found")
    }

    @Test func keepsTheLastAdmin() throws {
        let before = try shop.dump()
        for role in [Role.customer, .moderator, .staff] {
            #expect(code { _ = try change("adil", to: role) } == "last_admin")
        }
        #expect(code { _ = try change("adil", to: .suspended) } == "last_admin")
        #expect(try shop.dump() == before)
        _ = try change("adil", to: .admin)
        _ = try change("adil", to: .active)
        _ = try change("sami", to: .admin)
        _ = try change("adil", to: .customer)
        #expect(code { _ = try change("sami", to: .suspended) } == "last_admin")
    }

    /// A suspended admin cannot log in, so it does not count as a remaining admin.
    @Test func countsNoSuspendedAdmin() throws {
        _ = try change("sami", to: .admin)
        _ = try change("sami", to: .suspended)
        #expect(code { _ = try change("adil", to: .staff) } == "last_admin")
        #expect(code { _ = try change("adil", to: .suspended) } == "last_admin")
        _ = try change("sami", to: .active)
        #expect(try change("adil", to: .suspended).status == .suspended)
    }

    /// Two admins demote or suspend each other at the same time.
    @Test func concurrentDemotionsKeepOneAdmin() throws {
        for round in 0..<10 {
            let shop = try TestShop()
            _ = try setRole(.admin, of: "sami", at: shop.clock.now, on: shop.store)
            let worked = atOnce(2) { number -> Bool in
                let name = number == 0 ? "sami" : "adil"
                do {
                    if round % 2 == 0 {
                        _ = try setRole(.staff, of: name, at: shop.clock.now, on: shop.store)
                    } else {
                        _ = try setStatus(.suspended, of: name, at: shop.clock.now, on: shop.store)
                    }
                    return true
                } catch { return false }
            }
            #expect(worked.filter { $0 }.count == 1)
            let admins: Int64 = try shop.value(
                "SELECT COUNT(*) AS value FROM customers WHERE role = 'admin' AND status = 'active'"
            )
            #expect(admins == 1)
        }
    }

    @Test func roleChangesTakeEffectImmediately() throws {
        let token = try shop.session(of: "sami").access
        func status(_ target: String) throws -> Int {
            try shop.send(.get, target, with: token).status.code
        }
        #expect(try status("/inventory/1/movements") == 200)
        #expect(try status("/customers/ada") == 200)
        #expect(try change("sami", to: .customer).role == .customer)
        #expect(try status("/inventory/1/movements") == 403)
        #expect(try status("/customers/ada") == 404)
        #expect(try status("/customers/sami") == 200)
        _ = try change("sami", to: .moderator)
        #expect(try status("/inventory/1/movements") == 403)
        _ = try change("sami", to: .admin)
        #expect(try status("/inventory/1/movements") == 200)
        #expect(
            try shop.send(.get, "/customers/sami", with: token).json["role"] == .string("admin"))
    }

    @Test func suspensionTakesEffectImmediately() throws {
        let sessions = try (0..<2).map { _ in try shop.session(of: "ada") }
        let ben = try shop.session(of: "ben")
        #expect(try change("ada", to: .suspended).status == .suspended)
        for target in ["/customers/ada", "/wishlist", "/sales", "/inventory/1", "/reviews"] {
            for session in sessions {
                let response = try shop.send(.get, target, with: session.access)
                #expect(response.status == .unauthorized)
                #expect(try response.code == "session_ended")
            }
            #expect(try shop.send(.get, target, with: ben.access).status.code != 401)
        }
        #expect(try shop.refresh(sessions[0].refresh).code == "session_ended")
        #expect(
            try shop.send(.get, "/customers/ada", as: "sami").json["status"] == .string("suspended")
        )
        // After reactivation the customer must log in again: the old session stays ended.
        _ = try change("ada", to: .suspended)
        _ = try change("ada", to: .active)
        #expect(
            try shop.send(.get, "/customers/ada", with: sessions[0].access).status == .unauthorized)
        #expect(try shop.refresh(sessions[1].refresh).code == "session_ended")
        let again = try shop.session(of: "ada")
        #expect(try shop.send(.get, "/customers/ada", with: again.access).status == .ok)
        #expect(try shop.breaches() == [])
    }

    @Test func chargesAWallet() throws {
        let ben = try #require(
            try accounts(all: true, on: shop.store).first { $0.username == "ben" })
        try creditAccount(
            ben, Money(minorUnits: 5), note: "hello", at: shop.clock.now, on: shop.store)
        let entries = try shop.send(.get, "/customers/ben/wallet/entries", as: "ben")
        #expect(try entries.json["data"]?[0]?["actor"] == .string("ben"))
        #expect(try entries.json["data"]?[0]?["note"] == .string("hello"))
        #expect(try shop.balance(of: "ben") == 5)
        #expect(try shop.breaches() == [])
    }
}
