import Foundation
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// The entry point of the container image, without a container.
    @Suite struct ContainerTests {
        /// The variables that the Dockerfile sets, with `home` as the volume.
        private func variables(of home: Folder) throws -> [String: String] {
            let file = try String(contentsOfFile: "\(Programs.top)/Dockerfile", encoding: .utf8)
            let pairs = file.matches(of: #/(SOUK_\w+)=(\S+)/#).map {
                (
                    String($0.output.1),
                    String($0.output.2).replacing("/var/lib/souk", with: home.path)
                )
            }
            let own = ["SOUK_BIN": Programs.folder]
            return Dictionary(uniqueKeysWithValues: pairs).merging(own) { _, new in new }
        }

        /// The status that a proxy with the address `proxy` gets for its `client`.
        ///
        /// It connects to an address other than 127.0.0.1.
        private func status(
            of shop: RunningShop, host: String, client: String, through proxy: String
        ) throws -> String {
            guard let curl = Programs.installed("curl") else { throw Failure("there is no curl") }
            return try run(
                curl,
                [
                    "--silent", "--output", "/dev/null", "--write-out", "%{http_code}",
                    "--interface", proxy, "--header", "Host: \(host)",
                    "--header", "X-Forwarded-For: \(client)",
                    "http://127.0.0.3:\(shop.port)/inventory",
                ]
            ).output
        }

        @Test func servesOtherMachinesAndLogsToItsOutput() throws {
            let home = try Folder()
            var knobs = try variables(of: home)
            knobs["SOUK_SERVER_NAMES"] = "shop.test *.shop.test"
            knobs["SOUK_PROXIES"] = "127.0.0.2 192.0.2.0/24"
            knobs["SOUK_CURRENCY"] = "EUR"
            var shop = try RunningShop(in: home, knobs: knobs, script: "container.sh")
            let rows = [
                ("a.shop.test", "198.51.100.7", "127.0.0.2", "200"),
                ("shop.test", "198.51.100.8", "127.0.0.1", "200"),
                ("other.test", "198.51.100.9", "127.0.0.2", "421"),
            ]
            for (host, client, proxy, expected) in rows {
                let status = try status(of: shop, host: host, client: client, through: proxy)
                #expect(status == expected, "\(host)")
            }
            #expect(
                try eventually(within: 5) { shop.said.contains(#""address":"198.51.100.9""#) })
            #expect(shop.said.contains(#""address":"198.51.100.7""#))
            #expect(!shop.said.contains("198.51.100.8"))
            #expect(shop.said.contains("customersd"), "\(shop.said)")

            // The same command as `docker exec`.
            let souk = try run(
                "\(Programs.top)/make/souk.sh", ["user", "add", "sami", "--role", "staff"],
                environment: knobs, input: "good password")
            #expect(souk.code == 0, "\(souk)")
            let settings = try run(
                "\(Programs.top)/make/souk.sh", ["settings"], environment: knobs)
            #expect(settings.output.contains("SOUK_CURRENCY=EUR\n"), "\(settings)")
            #expect(settings.output.contains("SOUK_PAYMENT_METHODS=wallet\n"), "\(settings)")
            try shop.visitor("sami", "good password").send(
                "POST", "/inventory", #"{"name":"pen","category":"pens","price":7}"#
            ).expect(201)
            #expect(shop.stop() == 0)
            #expect(shop.said.contains("souk: closing\n"))
            #expect(try shop.processes() == [])

            // The settings of the first start are not kept.
            knobs["SOUK_CURRENCY"] = nil
            shop = try RunningShop(in: home, knobs: knobs, script: "container.sh")
            try shop.visitor("sami", "good password").send("GET", "/inventory/1")
                .expect(200, shows: #"{"currency":"USD"}"#)
            #expect(shop.stop() == 0)
        }

        /// A new host restores a backup before its first start.
        @Test func aBackupBecomesANewShop() throws {
            let first = try Folder()
            let command = "\(Programs.top)/make/souk.sh"
            var knobs = try variables(of: first)
            for arguments in [["migrate"], ["seed", "--products", "3"], ["backup", first.path]] {
                let outcome = try run(command, arguments, environment: knobs)
                #expect(outcome.code == 0, "\(arguments): \(outcome)")
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: first.path)
            let backup = try #require(files.first { $0.hasPrefix("souk-") })

            let second = try Folder()
            knobs = try variables(of: second)
            let restored = try run(
                command, ["restore", "\(first.path)/\(backup)"], environment: knobs)
            #expect(restored.code == 0, "\(restored)")
            let shop = try RunningShop(in: second, knobs: knobs, script: "container.sh")
            try shop.visitor().send("GET", "/inventory/3").expect(200)
            #expect(shop.stop() == 0)

            knobs["SOUK_DATABASE"] = nil
            knobs["SOUK_HOME"] = "\(first.path)/none"
            let unknown = try run(command, ["check"], environment: knobs)
            #expect(unknown.errors.contains("there is no shop in"), "\(unknown)")
        }
    }
}
