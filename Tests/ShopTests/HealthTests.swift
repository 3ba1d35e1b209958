import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// Whether the shop tells the truth about how it is.
    @Suite struct HealthTests {
        private static let all = ["customers", "inventory", "sales", "reviews"]

        /// The first answer with this status that names these responders.
        private func health(
            within seconds: Double, _ shop: RunningShop, becomes status: Int,
            naming faults: [String] = []
        ) throws -> HTTPAnswer {
            var answer = try shop.visitor().send("GET", "/healthz")
            try eventually(within: seconds) {
                answer = try shop.visitor().send("GET", "/healthz")
                let named = try answer.json["errors"]?.elements.compactMap { $0["field"]?.text }
                return answer.status == status && named ?? [] == faults
            }
            return answer
        }

        @Test func allFourAnswer() throws {
            let shop = try SharedShop.shop
            let schema = try sqlite(
                shop.home.file("souk.db"), "SELECT COUNT(*) FROM schema_migrations;")
            let answer = try health(within: 30, shop, becomes: 200)
            try answer.expect(
                200,
                shows: #"{"status":"ok","schema":\#(schema.filter(\.isNumber)),"responders":"#
                    + #"{"customers":"ok","inventory":"ok","sales":"ok","reviews":"ok","courier":"ok"}}"#
            )
            #expect(answer["Cache-Control"] == "no-store")
        }

        @Test func aHangingResponderIsNamed() throws {
            let shop = try SharedShop.shop
            for (program, name) in [("reviewsd", "reviews"), ("customersd", "customers")] {
                let process = try shop.process(of: program)
                kill(process, SIGSTOP)
                defer { kill(process, SIGCONT) }
                try health(within: 30, shop, becomes: 503, naming: [name])
                    .expectProblem(503, "unhealthy", faults: [name])
                kill(process, SIGCONT)
                try health(within: 30, shop, becomes: 200).expect(200)
            }
        }

        /// The shop sells without its courier.
        @Test func aHangingCourierIsDown() throws {
            let shop = try SharedShop.shop
            let process = try shop.process(of: "courierd")
            func isCourier(_ state: JSON) throws -> Bool {
                let answer = try shop.visitor().send("GET", "/healthz").expect(200)
                return try answer.json["responders"]?["courier"] == state
            }
            kill(process, SIGSTOP)
            defer { kill(process, SIGCONT) }
            #expect(try eventually(within: 30) { try isCourier("down") })
            kill(process, SIGCONT)
            #expect(try eventually(within: 30) { try isCourier("ok") })
        }

        /// No responder listens any more, so none can report it.
        @Test func noneAnswers() throws {
            let shop = try SharedShop.shop
            let sockets = Self.all.map { shop.home.file("run/\($0).sock") }
            for socket in sockets { rename(socket, socket + ".aside") }
            let answer = try shop.visitor().send("GET", "/healthz")
            for socket in sockets { rename(socket + ".aside", socket) }
            answer.expectProblem(503, "unavailable")
            try health(within: 30, shop, becomes: 200).expect(200)
        }

        @Test func anotherSchemaIsUnhealthy() throws {
            let shop = try SharedShop.shop
            let database = shop.home.file("souk.db")
            try sqlite(database, "INSERT INTO schema_migrations VALUES (999, 'x', 'y', 0);")
            defer {
                _ = try? sqlite(database, "DELETE FROM schema_migrations WHERE version = 999;")
            }
            try health(within: 30, shop, becomes: 503, naming: Self.all)
                .expectProblem(503, "unhealthy", faults: Self.all)
            try sqlite(database, "DELETE FROM schema_migrations WHERE version = 999;")
            try health(within: 30, shop, becomes: 200).expect(200)
        }

        /// The responder keeps its present keys, so the shop is healthy.
        ///
        /// The operator gets a warning before the next start.
        @Test func aBrokenKeyFileIsAWarning() throws {
            let shop = try SharedShop.shop
            let path = shop.home.file("jwt.secret")
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            let visitor = try SharedShop.demo("ada")
            chmod(path, 0o644)
            defer { chmod(path, 0o600) }
            let answer = try shop.visitor().send("GET", "/healthz").expect(200)
            let warning = try answer.json["warnings"]?[0]?.text
            #expect(warning?.hasSuffix(": the key file is unusable, see the log") == true)
            let logs = try MetricsTests.responders.map { try shop.home.text(of: "log/\($0)d.log") }
            let fault = "\(path) is accessible to all users. Set its mode to 600."
            #expect(logs.joined().contains(fault))
            let usable = "souk_key_file_usable"
            for responder in MetricsTests.responders {
                #expect(try visitor.metrics(of: responder)[usable] == 0)
            }
            try visitor.send("GET", "/customers/ada").expect(200)
            chmod(path, 0o600)
            #expect(try shop.visitor().send("GET", "/healthz").expect(200).json["warnings"] == nil)
            #expect(try visitor.metrics(of: "sales")[usable] == 1)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
        }

        /// The database has a disk of its own, which becomes full and then read-only.
        ///
        /// Both faults end without a restart.
        @Test(.enabled(if: mayMount, "this user may not mount"))
        func anUnwritableDiskIsUnhealthy() throws {
            let home = try Folder()
            func mount(_ options: String...) throws {
                let outcome = try run("/bin/mount", options + [home.path])
                #expect(outcome.code == 0, "\(outcome.errors)")
            }
            try mount("-t", "tmpfs", "-o", "size=96m", "tmpfs")
            defer { _ = try? run("/bin/umount", ["-l", home.path]) }
            let shop = try RunningShop(in: home, knobs: ["SOUK_DEMO": "1"])
            defer { shop.stop() }
            try health(within: 30, shop, becomes: 200).expect(200)
            let free = "souk_disk_free_bytes"
            #expect(try shop.visitor().metrics(of: "sales")[free] > 16_777_216)

            let filler = home.file("filler")
            _ = try run("/bin/dd", ["if=/dev/zero", "of=\(filler)", "bs=1M"])
            let answer = try health(within: 30, shop, becomes: 503, naming: Self.all)
            answer.expectProblem(503, "unhealthy", faults: Self.all)
            #expect(answer.text.contains("cannot write: the disk of the database is full"))
            #expect(try shop.visitor().metrics(of: "sales")[free] < 16_777_216)
            try FileManager.default.removeItem(atPath: filler)
            try health(within: 30, shop, becomes: 200).expect(200)
        }

        /// More concurrent requests than the four have workers, after a pause, all get a response.
        @Test func manyConcurrentRequestsAreAnswered() throws {
            let shop = try SharedShop.shop
            try health(within: 30, shop, becomes: 200).expect(200)
            for _ in 0..<5 {
                usleep(3_100_000)
                let answers = atOnce(64) { _ in try? shop.visitor().send("GET", "/healthz").status }
                #expect(answers.allSatisfy { $0 == 200 }, "\(answers)")
            }
        }

        /// Many concurrent requests share one query of the responders.
        @Test func manyRequestsShareOneQuery() throws {
            let shop = try SharedShop.shop
            try health(within: 30, shop, becomes: 200).expect(200)
            let before = try shop.visitor().metrics(of: "sales")
            let began = ContinuousClock.now
            let answers = atOnce(16) { _ in
                (0..<25).map { _ in try? shop.visitor().send("GET", "/healthz").status }
            }
            #expect(answers.joined().allSatisfy { $0 == 200 }, "\(answers)")
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            let after = try shop.visitor().metrics(of: "sales")
            let route = "/healthz/sales"
            let asked = after.requests("GET", route, 200) - before.requests("GET", route, 200)
            // A responder queries the others at most once a second.
            #expect(asked <= seconds + 2)
        }
    }
}

/// Whether a test may mount a disk of its own.
private let mayMount: Bool = {
    guard geteuid() == 0, let folder = try? Folder() else { return false }
    let isMounted = (try? run("/bin/mount", ["-t", "tmpfs", "tmpfs", folder.path]))?.code == 0
    if isMounted { _ = try? run("/bin/umount", [folder.path]) }
    return isMounted
}()
