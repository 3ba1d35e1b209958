import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// Opening and closing, in shops of their own.
    @Suite struct OpeningTests {
        /// Starts a shop that must fail to open, and waits for its output.
        private func refusal(
            in home: Folder, on port: UInt16? = nil, _ knobs: [String: String] = [:]
        ) throws -> (code: Int32, text: String) {
            let shop = try RunningShop.start(
                in: home, on: try port ?? freePort(), knobs, output: "refused.out")
            return (try shop.wait(seconds: 10), try home.text(of: "refused.out"))
        }

        @Test func aSecondStartFindsItsData() throws {
            let home = try Folder()
            var shop = try RunningShop(in: home)
            #expect(
                try shop.souk("user", "add", "sami", "--role", "staff", input: "good password").code
                    == 0)
            let sami = try shop.visitor("sami", "good password")
            let product = try sami.send(
                "POST", "/inventory", #"{"name":"pen","category":"pens","price":7,"stock":3}"#
            ).expect(201)
            // A supervisor, four responders, nginx and its workers.
            #expect(try shop.processes().count >= 7)
            #expect(shop.stop() == 0)
            #expect(try shop.processes() == [])
            #expect(shop.said.hasSuffix("souk: closing\n"), "\(shop.said)")
            let left = try FileManager.default.contentsOfDirectory(atPath: home.file("run"))
            #expect(left == ["lock"], "\(left)")

            shop = try RunningShop(in: home, on: shop.port)
            sami.hangUp()
            // The session and the signing key survive too.
            let seen = try sami.send("GET", "/inventory/1").expect(200)
            #expect(seen.body == product.body)
            #expect(shop.said.contains("nothing to migrate"), "\(shop.said)")
            #expect(shop.stop() == 0)
            #expect(try shop.processes() == [])
        }

        @Test func twoShopsInOneFolder() throws {
            let shop = try SharedShop.shop
            let before = try shop.processes(of: Programs.daemons)
            let (code, text) = try refusal(in: shop.home)
            #expect(code == 1)
            #expect(
                text
                    == "souk: another shop is open in \(shop.home.path); stop it, or choose another SOUK_HOME\n"
            )
            try shop.visitor().send("GET", "/inventory/1").expect(200)
            #expect(try shop.processes(of: Programs.daemons) == before)
        }

        @Test func aPortThatIsTaken() throws {
            let home = try Folder()
            let port = try SharedShop.shop.port
            let (code, text) = try refusal(in: home, on: port)
            #expect(code == 1)
            #expect(
                text == "souk: port \(port) is taken; choose another with SOUK_PORT=8081 make run\n"
            )
            #expect(!FileManager.default.fileExists(atPath: home.file("souk.db")))
        }

        @Test(arguments: [
            (["SOUK_PORT": "80 80"], "souk: SOUK_PORT is not a port: 80 80\n"),
            (["SOUK_PORT": "65536"], "souk: SOUK_PORT is not a port: 65536\n"),
            (["SOUK_LISTEN": "::1"], "souk: SOUK_LISTEN is not an IPv4 address: ::1\n"),
            (
                ["SOUK_LISTEN": "10.0.0.256"],
                "souk: SOUK_LISTEN is not an IPv4 address: 10.0.0.256\n"
            ),
            (
                ["SOUK_SERVER_NAMES": "shop.test a;b"],
                "souk: SOUK_SERVER_NAMES must be host names with spaces between them, not: shop.test a;b\n"
            ),
            (
                ["SOUK_PROXIES": "10.0.0.0/8;"],
                "souk: SOUK_PROXIES must be addresses or networks with spaces between them, not: 10.0.0.0/8;\n"
            ),
            (
                ["SOUK_LOGS": "/dev/null"],
                "souk: SOUK_LOGS must be files or stdout, not: /dev/null\n"
            ),
            (["SOUK_DEMO": "yes"], "souk: SOUK_DEMO must be 0 or 1, not: yes\n"),
            (
                ["SOUK_RATE_LIMITS": "maybe"],
                "souk: SOUK_RATE_LIMITS must be on or off, not: maybe\n"
            ),
            (["SOUK_BIN": "/nowhere"], "souk: there is no /nowhere/souk yet: run `make build`\n"),
            (["SOUK_HOME": "/proc/nowhere"], "souk: cannot write to SOUK_HOME: /proc/nowhere\n"),
        ])
        func anInvalidSetting(knobs: [String: String], sentence: String) throws {
            let (code, text) = try refusal(in: Folder(), knobs)
            #expect(code == 1)
            #expect(text == sentence)
        }

        @Test(arguments: [
            ("SOUK_CURRENCY=dollars\n", "SOUK_CURRENCY=dollars: must be three capital letters"),
            ("SOUK_COLOUR=red\n", "SOUK_COLOUR is not a setting"),
            ("COLOUR=red\n", "souk: not a setting of Souk in"),
            ("what is this\n", "souk: not NAME=VALUE in"),
        ])
        func aBadSettingsFile(line: String, sentence: String) throws {
            let home = try Folder()
            let text = "SOUK_DATABASE=souk.db\nSOUK_JWT_SECRET_FILE=jwt.secret\n\(line)"
            try Data(text.utf8).write(to: URL(fileURLWithPath: home.file("souk.env")))
            let (code, said) = try refusal(in: home)
            #expect(code == 1)
            #expect(said.contains(sentence), "\(said)")
        }

        /// The files of a killed shop do not prevent a start.
        @Test func aShopWhoseSupervisorWasKilled() throws {
            let home = try Folder()
            let shop = try RunningShop(in: home)
            #expect(try shop.processes().contains { $0.contains("supervise.sh") })
            shop.kill()
            // --pdeathsig ends the other processes.
            #expect(try eventually(within: 30) { try shop.processes().isEmpty })
            let next = try RunningShop(in: home)
            try next.visitor().send("GET", "/inventory").expect(200, shows: #"{"data":[]}"#)
            #expect(next.stop() == 0)
            #expect(try next.processes() == [])
        }
    }

    /// A shop of its own with the default rate limits.
    @Suite struct LimitTests {
        @Test func tooManyLoginsAreLimited() throws {
            let shop = try RunningShop(knobs: ["SOUK_RATE_LIMITS": "on"])
            defer { shop.stop() }
            let visitor = shop.visitor()
            let guess = #"{"username":"nobody","password":"a wrong guess"}"#
            for _ in 0..<5 {
                try visitor.send("POST", "/customers/login", guess)
                    .expectProblem(401, "invalid_credentials")
            }
            // The responder counts failures for each username.
            let locked = try visitor.send("POST", "/customers/login", guess)
            locked.expectProblem(429, "login_locked")
            #expect(locked["Retry-After"] == "1")
            try visitor.send(
                "POST", "/customers/login", #"{"username":"another","password":"a wrong guess"}"#
            ).expectProblem(401, "invalid_credentials")

            // nginx counts requests for each address, in any spelling of the path, and with them
            // those that send a message.
            let paths = ["login", "%6Cogin", "password-resets"]
            var answers: [HTTPAnswer] = []
            for number in 0..<30 {
                answers.append(try visitor.send("POST", "/customers/\(paths[number % 3])", "{"))
            }
            #expect(answers.first?.status == 400)
            let refused = answers.filter { $0.status == 429 }
            #expect((10...20).contains(refused.count), "\(answers.map(\.status))")
            for answer in refused {
                answer.expectProblem(429, "rate_limited")
                #expect(answer["Retry-After"] == "1")
            }
            // Reads are not limited.
            try visitor.send("GET", "/inventory").expect(200)
        }

        @Test func tooManyRequestsAreLimited() throws {
            let shop = try RunningShop(knobs: ["SOUK_RATE_LIMITS": "on"])
            defer { shop.stop() }
            let request = "GET /inventory/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let requests = Array(String(repeating: request, count: 1000).utf8)
            let connection = try HTTPConnection(port: shop.port)
            try connection.send(requests)
            let answers = try (0..<1000).map { _ in try connection.answer() }
            let refused = answers.filter { $0.status == 429 }
            #expect(answers.prefix(200).allSatisfy { $0.status == 404 })
            #expect(refused.count > 300, "\(refused.count)")
            for answer in refused.prefix(3) { answer.expectProblem(429, "rate_limited") }
        }
    }

    /// Runs `make reset-demo` without its build.
    @Suite struct ResetDemoTests {
        private func reset(_ home: Folder) throws -> Outcome {
            try run(
                "\(Programs.top)/make/reset-demo.sh", [],
                environment: ["SOUK_HOME": home.path, "SOUK_BIN": Programs.folder])
        }

        @Test func createsTheDemoShopAgain() throws {
            let home = try Folder()
            var shop = try RunningShop(in: home, knobs: ["SOUK_DEMO": "1"])
            let sami = try shop.visitor("sami", "sami-keeps-shop")
            try sami.send("DELETE", "/inventory/1").expect(204)
            let refusal = try reset(home)
            #expect(refusal.code == 1)
            #expect(refusal.errors.hasSuffix("is running: stop it first\n"), "\(refusal)")
            try sami.send("GET", "/inventory/2").expect(200)
            #expect(shop.stop() == 0)

            let outcome = try reset(home)
            #expect(outcome.code == 0, "\(outcome)")
            shop = try RunningShop(in: home, on: shop.port, knobs: ["SOUK_DEMO": "1"])
            try shop.visitor().send("GET", "/inventory/1").expect(200, shows: #"{"stock":120}"#)
            #expect(try shop.souk("check").code == 0)
        }

        @Test func leavesOtherShopsAlone() throws {
            let home = try Folder()
            let shop = try RunningShop(in: home)
            #expect(shop.stop() == 0)
            let outcome = try reset(home)
            #expect(outcome.code == 1)
            #expect(outcome.errors.hasSuffix("holds no demo shop, so nothing is deleted\n"))
            let isThere = FileManager.default.fileExists(atPath: home.file("souk.db"))
            #expect(isThere)
        }
    }

    /// The documents whose commands run against a new demo shop.
    @Suite struct TourTests {
        @Test func everyCommandOfTheDocuments() throws {
            let shop = try RunningShop(
                knobs: ["SOUK_DEMO": "1", "SOUK_RATE_LIMITS": "on", "SOUK_SHOW_STOCK": "0"])
            defer { shop.stop() }
            let environment = [
                "SOUK_ADDRESS": "http://127.0.0.1:\(shop.port)", "SOUK_HOME": shop.home.path,
                "SOUK_BIN": Programs.folder,
            ]
            // The tour can be repeated in the same shop.
            for document in ["README.md", "docs/tour.md", "docs/tour.md"] {
                let tour = try run(
                    "\(Programs.top)/make/tour.sh", ["\(Programs.top)/\(document)"],
                    environment: environment, seconds: 60)
                #expect(tour.code == 0, "\(tour)")
            }
        }
    }
}
