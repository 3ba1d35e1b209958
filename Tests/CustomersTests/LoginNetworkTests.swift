import HTTP
import Storage
import TestShop
import Testing

@testable import Customers

/// Failed logins are counted by name and network.
@Suite struct LoginNetworkTests {
    private let home = "198.51.100.7"

    /// Fails `times` times from one address.
    ///
    /// Each guess must be compared.
    private func fail(
        _ shop: TestShop, _ name: String, _ times: Int = 5, from address: String
    ) throws {
        for time in 1...times {
            let answer = try shop.login(name, "wrong horse", from: address)
            #expect(try answer.code == "invalid_credentials", "failure \(time) from \(address)")
        }
    }

    private func status(
        _ shop: TestShop, _ name: String = "ada", from address: String
    ) throws -> Int {
        try shop.login(name, from: address).status.code
    }

    /// One failure from each of 100 networks, and the lock that follows.
    private func failFromAHundredNetworks(_ shop: TestShop, _ name: String) throws {
        for number in 1...100 { try fail(shop, name, 1, from: "203.0.113.\(number)") }
    }

    @Test func guessesFromAnotherNetworkDoNotLockOutTheOwner() throws {
        let shop = try TestShop()
        #expect(try status(shop, from: home) == 200)
        try fail(shop, "ada", from: "203.0.113.1")
        #expect(try status(shop, from: "203.0.113.1") == 429)
        #expect(try status(shop, from: home) == 200)
        // Not even from a network that the owner uses for the first time.
        #expect(try status(shop, from: "198.51.100.8") == 200)
        // A success from one network does not clear the failures of another.
        #expect(try status(shop, from: "203.0.113.1") == 429)
    }

    @Test(arguments: ["ada", "nobody"]) func manyNetworksTogetherAreBounded(name: String) throws {
        let shop = try TestShop()
        try failFromAHundredNetworks(shop, name)
        for seconds in ["1", "2", "4"] {
            let locked = try shop.login(name, "wrong horse", from: "203.0.113.200")
            #expect(try locked.code == "login_locked")
            #expect(locked.field("Retry-After") == seconds)
            shop.clock.pass(seconds: Int64(seconds) ?? 0)
            try fail(shop, name, 1, from: "203.0.113.20\(seconds)")
        }
    }

    @Test func aKnownNetworkIsNotDelayedByOthers() throws {
        let shop = try TestShop()
        #expect(try status(shop, from: home) == 200)
        try failFromAHundredNetworks(shop, "ada")
        #expect(try status(shop, from: "203.0.113.200") == 429)
        #expect(try status(shop, from: home) == 200)
        // The network's own guesses are counted, but not for other networks.
        try fail(shop, "ada", from: home)
        #expect(try status(shop, from: home) == 429)
        let total: Int64 = try shop.value(
            "SELECT failures AS value FROM login_failures WHERE network_digest = ''")
        #expect(total == 100)
    }

    @Test func aPasswordChangeFollowsTheSameRule() throws {
        let shop = try TestShop()
        let session = try Tokens(shop.login("ada", from: home))
        try failFromAHundredNetworks(shop, "ada")
        for (address, status) in [("203.0.113.200", 429), (home, 204)] {
            let answer = try shop.send(
                .post, "/customers/ada/password", ChangePasswordTests.good, fields: session.fields,
                from: address)
            #expect(answer.status.code == status, "\(address): \(answer.text)")
        }
    }

    @Test func aNetworkIsKnownFor90Days() throws {
        let shop = try TestShop()
        #expect(try status(shop, from: home) == 200)
        shop.clock.pass(seconds: 90 * 86_400 - 10)
        try failFromAHundredNetworks(shop, "ada")
        shop.clock.pass(seconds: 9)
        try fail(shop, "ada", 1, from: "203.0.113.200")
        let locked = try shop.login("ada", "wrong horse", from: home)
        #expect(locked.status.code == 401)
        shop.clock.pass(seconds: 1)
        #expect(try status(shop, from: home) == 429)
    }

    @Test func twentyNetworksAreKnown() throws {
        let shop = try TestShop()
        for number in 1...25 {
            #expect(try status(shop, from: "198.51.100.\(number)") == 200)
            shop.clock.pass(seconds: 1)
        }
        let known: Int64 = try shop.value("SELECT COUNT(*) AS value FROM login_networks")
        #expect(known == 20)
        try failFromAHundredNetworks(shop, "ada")
        #expect(try status(shop, from: "198.51.100.5") == 429)
        #expect(try status(shop, from: "198.51.100.6") == 200)
    }

    @Test func anIPv6NetworkIsItsFirst64Bits() throws {
        let shop = try TestShop()
        for host in 1...5 { try fail(shop, "ada", 1, from: "2001:db8:1:2::\(host)") }
        #expect(try status(shop, from: "2001:db8:1:2:ffff::1") == 429)
        #expect(try status(shop, from: "2001:db8:1:3::1") == 200)
        #expect(network(of: "::ffff:192.0.2.1") == network(of: "192.0.2.1"))
        #expect(network(of: "192.0.2.1") == [192, 0, 2, 1])
        #expect(network(of: "2001:db8:1:2::1") == [0x20, 1, 0x0D, 0xB8, 0, 1, 0, 2])
        #expect(network(of: "unix:") == Array("unix:".utf8))
    }

    @Test func keepsTheNewestMillionRows() throws {
        let shop = try TestShop()
        try fail(shop, "nobody", 1, from: home)
        try shop.store.write { tx in
            try tx.run(
                """
                INSERT INTO login_failures (id, name_digest, network_digest, failures, last_failed_at, locked_until)
                VALUES (1000001, 'name', 'network', 1, \(shop.clock.now), 0)
                """)
            try tx.numbered("login_failures")
        }
        try fail(shop, "ada", 1, from: home)
        let oldest: Int64 = try shop.value("SELECT MIN(id) AS value FROM login_failures")
        #expect(oldest > 2)
    }

    /// An erasure deletes the person's failures and networks.
    @Test func erasureForgetsNetworks() throws {
        let shop = try TestShop()
        #expect(try status(shop, "ben", from: home) == 200)
        try fail(shop, "ben", 2, from: "203.0.113.1")
        let export = try shop.send(.get, "/customers/ben/export", as: "adil").json
        #expect(export["login_networks"]?[0]?["last_login_at"] == "2026-11-18T11:06:40.000Z")
        #expect(export["login_failures"]?.elements.map { $0["networks"] } == ["all", "one"])
        try Scenario.Step(.delete, "/customers/ben", as: "adil").succeeds(in: shop)
        let contents = try shop.contents()
        #expect(contents["login_networks"] == [] && contents["login_failures"] == [])
    }
}
