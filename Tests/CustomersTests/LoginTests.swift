import Customers
import Foundation
import HTTP
import TestShop
import Testing

@Suite struct LoginTests {
    static let rows = [
        Scenario(
            "returns a pair of tokens",
            .init(.post, "/customers/login", #"{"username":"ada","password":"correct horse"}"#),
            gives: 200, shows: #"{"token_type":"Bearer","expires_in":900}"#),
        Scenario(
            "a wrong password",
            .init(.post, "/customers/login", #"{"username":"ada","password":"correct horsE"}"#),
            gives: 401, code: "invalid_credentials"),
        Scenario(
            "another's password",
            after: [
                .init(
                    .post, "/customers",
                    #"{"username":"zoe","password":"zoe's own","full_name":"Z"}"#)
            ],
            .init(.post, "/customers/login", #"{"username":"ada","password":"zoe's own"}"#),
            gives: 401, code: "invalid_credentials"),
        Scenario(
            "a longer password",
            .init(.post, "/customers/login", #"{"username":"ada","password":"correct horse "}"#),
            gives: 401, code: "invalid_credentials"),
        Scenario(
            "an unknown name",
            .init(.post, "/customers/login", #"{"username":"nobody","password":"correct horse"}"#),
            gives: 401, code: "invalid_credentials"),
        Scenario(
            "a name in capitals",
            .init(.post, "/customers/login", #"{"username":"ADA","password":"correct horse"}"#),
            gives: 200),
        Scenario(
            "a name with blanks around it",
            .init(.post, "/customers/login", #"{"username":" Ada\n","password":"correct horse"}"#),
            gives: 200),
        Scenario(
            "a name with letters of another alphabet",
            .init(.post, "/customers/login", #"{"username":"аda","password":"correct horse"}"#),
            gives: 401, code: "invalid_credentials"),
        Scenario(
            "a name that is too long to be read",
            .init(
                .post, "/customers/login",
                #"{"username":"\#(String(repeating: " ", count: 600))ada","password":"correct horse"}"#
            ), gives: 422, code: "invalid_request"),
        Scenario(
            "a name that cannot be one",
            .init(
                .post, "/customers/login", #"{"username":"' OR 1=1 --","password":"correct horse"}"#
            ), gives: 401, code: "invalid_credentials"),
        Scenario(
            "nothing", .init(.post, "/customers/login", "{}"), gives: 422, code: "invalid_request",
            shows:
                #"{"errors":[{"field":"username","message":"is missing"},{"field":"password","message":"is missing"}]}"#
        ),
        Scenario(
            "other types",
            .init(.post, "/customers/login", #"{"username":["ada"],"password":null,"otp":"1"}"#),
            gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"username"},{"field":"password"},{"field":"otp"}]}"#),
        Scenario(
            "NUL in the password",
            .init(
                .post, "/customers/login", #"{"username":"ada","password":"correct horse\u0000x"}"#),
            gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"password"}]}"#),
        Scenario(
            "no JSON", .init(.post, "/customers/login", "username=ada"), gives: 400,
            code: "invalid_json"),
        Scenario(
            "a form",
            .init(
                .post, "/customers/login", "username=ada",
                fields: [.contentType: "application/x-www-form-urlencoded"]), gives: 415,
            code: "unsupported_media_type"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func returnsTokensThatWork() throws {
        let shop = try TestShop()
        let response = try shop.login("ada")
        guard case .object(let members) = try response.json else {
            throw TestFailure(description: response.text)
        }
        #expect(
            members.map(\.name) == ["access_token", "token_type", "expires_in", "refresh_token"])
        let tokens = try Tokens(response)
        #expect(tokens.refresh.wholeMatch(of: /[A-Za-z0-9_-]{43,}/) != nil)
        for target in ["/customers/ada", "/wishlist", "/sales", "/inventory/1", "/reviews"] {
            #expect(try shop.send(.get, target, with: tokens.access).status == .ok)
        }
        #expect(try shop.send(.get, "/customers/ben", with: tokens.access).status == .notFound)
    }

    /// Only the account's owner learns whether the username exists.
    @Test func doesNotRevealWhetherTheUsernameExists() throws {
        let shop = try TestShop()
        let wrong = try shop.login("ada", "wrong password")
        let unknown = try shop.login("nobody", "wrong password")
        #expect(wrong.status == .unauthorized)
        #expect(wrong.text == unknown.text)
        #expect(wrong.fields == unknown.fields)
        #expect(wrong.fields[.wwwAuthenticate] != nil)
    }

    @Test func revealsASuspensionOnlyWithTheCorrectPassword() throws {
        let shop = try TestShop()
        _ = try setStatus(.suspended, of: "ada", at: shop.clock.now, on: shop.store)
        let right = try shop.login("ada")
        #expect(right.status == .forbidden)
        #expect(try right.code == "account_suspended")
        let wrong = try shop.login("ada", "wrong password")
        #expect(wrong.status == .unauthorized)
        #expect(try wrong.code == "invalid_credentials")
        let sessions: Int64 = try shop.value(
            "SELECT COUNT(*) AS value FROM sessions WHERE customer_id = 1")
        #expect(sessions == 0)
        _ = try setStatus(.active, of: "ada", at: shop.clock.now, on: shop.store)
        #expect(try shop.login("ada").status == .ok)
    }

    /// The account is suspended while the hash is compared.
    ///
    /// In either order, no session remains that a reactivation would restore.
    @Test func leavesNoSessionAfterASuspension() throws {
        for delay in [0.002, 0.005, 0.01, 0.015, 0.02] {
            let shop = try TestShop()
            _ = atOnce(2) { number in
                if number == 0 { return try? shop.login("ada").status.code }
                Thread.sleep(forTimeInterval: delay)
                _ = try? setStatus(.suspended, of: "ada", at: shop.clock.now, on: shop.store)
                return nil
            }
            let live: Int64 = try shop.value(
                """
                SELECT COUNT(*) AS value FROM sessions JOIN customers ON customers.id = customer_id
                WHERE username = 'ada' AND status = 'suspended' AND ended_at IS NULL
                """)
            #expect(live == 0, "after \(delay) s")
        }
    }

    /// 200 code points and not 200 grapheme clusters, which may have any number of accents.
    @Test(arguments: ["é", "e\u{301}\u{302}\u{303}", "👩‍👩‍👧"])
    func recordsAddressAndClient(letter: String) throws {
        let shop = try TestShop()
        let agent = String(repeating: letter, count: 300)
        _ = try shop.login("ada", fields: [.userAgent: agent])
        let address: String = try shop.value(
            "SELECT ip_address AS value FROM sessions ORDER BY id DESC LIMIT 1")
        let noted: String = try shop.value(
            "SELECT user_agent AS value FROM sessions ORDER BY id DESC LIMIT 1")
        #expect(address == "192.0.2.1")
        #expect(noted.unicodeScalars.count == 200)
        #expect(agent.unicodeScalars.starts(with: noted.unicodeScalars))
    }

    @Test func opensANewSessionEachTime() throws {
        let shop = try TestShop()
        let pairs = try (0..<3).map { _ in try shop.session(of: "ada") }
        #expect(Set(pairs.map(\.refresh)).count == 3)
        #expect(Set(pairs.map(\.access)).count == 3)
    }
}
