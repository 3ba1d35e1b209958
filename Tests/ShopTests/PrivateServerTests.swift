import Foundation
import HTTP
import PostgresFixture
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// `make run` with a database on a PostgreSQL server.
    @Suite struct PrivateServerTests {
        private static let knobs = ["SOUK_DATABASE": "postgresql:", "SOUK_DEMO": "1"]

        /// The output of a shop that must fail to open.
        private func refusal(in home: Folder, _ knobs: [String: String]) throws -> String {
            let shop = try RunningShop.start(
                in: home, on: try freePort(), knobs, output: "refused.out")
            #expect(try shop.wait(seconds: 20) == 1)
            return try home.text(of: "refused.out")
        }

        private func isHealthy(_ shop: RunningShop) throws -> Bool {
            try shop.visitor().send("GET", "/healthz").status == 200
        }

        /// The server in the folder of the shop starts and ends with it, and keeps its data.
        @Test func aServerOfItsOwn() throws {
            let home = try Folder()
            var shop = try RunningShop(in: home, knobs: Self.knobs)
            #expect(try home.text(of: "souk.env").contains("\nSOUK_DATABASE=postgresql:\n"))
            let sami = try shop.visitor("sami", "sami-keeps-shop")
            let product = try sami.send(
                "POST", "/inventory", #"{"name":"pen","category":"pens","price":7,"stock":3}"#
            ).expect(201)
            #expect(try shop.souk("check").code == 0)

            // A killed server comes back, and the responders connect again.
            let before = try shop.processes(of: Programs.daemons)
            let server = try shop.process(of: "postgres")
            #expect(kill(server, SIGKILL) == 0)
            #expect(try eventually(within: 30) { try shop.process(of: "postgres") != server })
            #expect(try eventually(within: 30) { try isHealthy(shop) })
            #expect(try shop.processes(of: Programs.daemons) == before)
            #expect(shop.said.contains("souk: postgres died (signal 9) and is started again"))

            #expect(shop.stop() == 0)
            #expect(kill(try pid(in: home), 0) != 0)

            // The setting is in souk.env.
            sami.hangUp()
            shop = try RunningShop(in: home, on: shop.port)
            #expect(try shop.souk("export").output.contains("pen"))
            #expect(shop.said.contains("nothing to migrate"), "\(shop.said)")
            let next = try shop.visitor("sami", "sami-keeps-shop")
            let seen = try next.send("GET", "/inventory/13").expect(200)
            #expect(seen.body == product.body)
            #expect(shop.stop() == 0)
            #expect(try shop.processes() == [])
            let reset = try run(
                "\(Programs.top)/make/reset-demo.sh", [],
                environment: ["SOUK_HOME": home.path, "SOUK_BIN": Programs.folder])
            #expect(reset.code == 1)
            #expect(reset.errors.contains("the database is on a PostgreSQL server, so nothing is"))
        }

        /// The id in the last pid file that the server wrote, or one that no process has.
        private func pid(in home: Folder) throws -> pid_t {
            let file = "postgres/data/postmaster.pid"
            guard let text = try? home.text(of: file) else { return pid_t.max }
            return text.split(separator: "\n").first.flatMap { pid_t($0) } ?? pid_t.max
        }

        /// A server of somebody else: the first start writes its URL into souk.env.
        @Test func anotherServer() throws {
            let database = try TestServer.shared().newDatabase()
            let home = try Folder()
            var shop = try RunningShop(
                in: home, knobs: ["SOUK_DATABASE": database.url, "SOUK_DEMO": "1"])
            #expect(try home.text(of: "souk.env").contains("\nSOUK_DATABASE=\(database.url)\n"))
            #expect(shop.said.contains("ada-loves-tea"))
            #expect(shop.stop() == 0)
            // A database with tables gets no second demo.
            shop = try RunningShop(in: home, knobs: ["SOUK_DEMO": "1"])
            #expect(try isHealthy(shop))
            let count = "SELECT COUNT(*) FROM products"
            #expect(try database.server.execute(count, in: database.name) == "12")
            #expect(shop.stop() == 0)
        }

        @Test func aServerThatCannotBeReached() throws {
            let home = try Folder()
            let nowhere = home.path.replacing("/", with: "%2F")
            let text = try refusal(
                in: home, ["SOUK_DATABASE": "postgresql://souk@\(nowhere)/souk"])
            let lines = text.split(separator: "\n")
            #expect(lines.count == 2 && lines.last == "souk: the database could not be prepared")
            let isSaid = lines[0].contains("cannot be opened: connection to server on socket")
            #expect(isSaid, "\(text)")
        }

        @Test func aPasswordInTheURL() throws {
            let home = try Folder()
            let text = try refusal(in: home, ["SOUK_DATABASE": "postgresql://souk:secret@db/souk"])
            #expect(text.contains("must be a path or a postgresql:// URL without password."))
            #expect(!text.contains("secret"))
            #expect(!FileManager.default.fileExists(atPath: home.file("souk.env")))
        }

        @Test func aFolderWhoseSocketPathIsTooLong() throws {
            let home = try Folder()
            let long = home.file(String(repeating: "long", count: 25))
            let text = try refusal(in: home, Self.knobs.merging(["SOUK_HOME": long]) { $1 })
            #expect(text.contains("the path of SOUK_HOME is too long"), "\(text)")
        }
    }
}
