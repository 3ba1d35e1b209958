import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

@Suite struct ChangePasswordTests {
    static func body(_ current: String = TestShop.password, to new: String) -> String {
        #"{"current_password":"\#(current)","new_password":"\#(new)"}"#
    }

    static let good = body(to: "staple battery")

    static let rows = [
        Scenario(
            "changes the caller's own password",
            .init(.post, "/customers/ada/password", as: "ada", good), gives: 204),
        Scenario(
            "rejects an anonymous caller", .init(.post, "/customers/ada/password", good),
            gives: 401, code: "token_missing"),
        Scenario(
            "hides the account from another customer",
            .init(.post, "/customers/ada/password", as: "ben", good), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "hides the account from a moderator",
            .init(.post, "/customers/ada/password", as: "mona", good), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "rejects staff", .init(.post, "/customers/ada/password", as: "sami", good), gives: 403,
            code: "forbidden"),
        Scenario(
            "rejects an admin", .init(.post, "/customers/ada/password", as: "adil", good),
            gives: 403, code: "forbidden"),
        Scenario(
            "reports an unknown customer to an admin",
            .init(.post, "/customers/nobody/password", as: "adil", good), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "rejects a wrong current password",
            .init(
                .post, "/customers/ada/password", as: "ada",
                body("wrong horse", to: "staple battery")), gives: 403, code: "invalid_credentials"),
        Scenario(
            "lists every fault",
            .init(
                .post, "/customers/ada/password", as: "ada", #"{"new_password":"short","old":1}"#),
            gives: 422, code: "invalid_request",
            shows:
                #"{"errors":[{"field":"current_password"},{"field":"new_password"},{"field":"old"}]}"#
        ),
        Scenario(
            "accepts 8 bytes",
            .init(.post, "/customers/ada/password", as: "ada", body(to: "ä-ö-ü")), gives: 204),
        Scenario(
            "rejects 7 bytes",
            .init(.post, "/customers/ada/password", as: "ada", body(to: "ä-ö-u")), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"new_password"}]}"#),
        Scenario(
            "rejects 129 bytes",
            .init(
                .post, "/customers/ada/password", as: "ada",
                body(to: String(repeating: "é", count: 64) + "e")), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"new_password"}]}"#),
        Scenario(
            "accepts 128 bytes",
            .init(
                .post, "/customers/ada/password", as: "ada",
                body(to: String(repeating: "é", count: 64))), gives: 204),
        Scenario(
            "rejects a common password",
            .init(.post, "/customers/ada/password", as: "ada", body(to: "iLoveYou")), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"new_password"}]}"#),
        Scenario(
            "rejects NUL",
            .init(.post, "/customers/ada/password", as: "ada", body(to: #"staple\u0000battery"#)),
            gives: 422, code: "invalid_request"),
        Scenario(
            "requires JSON",
            .init(
                .post, "/customers/ada/password", as: "ada", good,
                fields: [.contentType: "text/plain"]), gives: 415, code: "unsupported_media_type"),
        Scenario(
            "rejects other methods", .init(.get, "/customers/ada/password", as: "ada"), gives: 405,
            code: "method_not_allowed", fields: ["Allow": "POST"]),
        Scenario(
            "rejects a dry run, which would hash twice",
            .init(.post, "/customers/ada/password?dry_run=true", as: "ada", good), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"dry_run"}]}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func endsEveryOtherSessionAndNotThisOne() throws {
        let shop = try TestShop()
        let (this, other) = (try shop.signIn("ada"), try shop.signIn("ada"))
        let bens = try shop.signIn("ben")
        let changed = try shop.send(.post, "/customers/ada/password", with: this, Self.good)
        #expect(changed.status.code == 204)
        #expect(try shop.status(of: this, "ada") == 200)
        #expect(try shop.status(of: other, "ada") == 401)
        #expect(try shop.status(of: bens, "ben") == 200)
        #expect(try shop.refresh(other.refresh).status.code == 401)
        #expect(try shop.refresh(this.refresh).status.code == 200)
        #expect(try shop.login("ada").code == "invalid_credentials")
        #expect(try shop.login("ada", "staple battery").status.code == 200)
        #expect(try shop.breaches() == [])
    }

    /// It checks for a stored response to its idempotency key before it changes anything.
    @Test func acceptsAnExpiredIdempotencyKey() throws {
        let shop = try TestShop()
        func change(_ current: String, to new: String) throws -> Int {
            var fields = HTTPFields.key("k")
            fields.append(contentsOf: try shop.signIn("ada", password: current).fields)
            let body = Self.body(current, to: new)
            return try shop.send(.post, "/customers/ada/password", body, fields: fields).status.code
        }
        #expect(try change(TestShop.password, to: "staple battery") == 204)
        #expect(try change("staple battery", to: "battery staple") == 422)
        shop.clock.pass(seconds: 86_400)
        #expect(try change("staple battery", to: "battery staple") == 204)
        #expect(try shop.login("ada", "battery staple").status.code == 200)
        let keys: Int64 = try shop.value("SELECT COUNT(*) AS value FROM idempotency_keys")
        #expect(keys == 1)
    }

    @Test func refusesTheUsername() throws {
        let shop = try TestShop()
        #expect(try shop.register("longname").status.code == 201)
        let session = try shop.signIn("longname")
        for name in ["longname", "LongName"] {
            let answer = try shop.send(
                .post, "/customers/longname/password", with: session, Self.body(to: name))
            #expect(answer.status.code == 422, "\(name)")
            #expect(try answer.faults == ["new_password"])
        }
    }

    @Test func countsAWrongPasswordLikeAFailedLogin() throws {
        let shop = try TestShop()
        let session = try shop.signIn("ada")
        let wrong = Self.body("wrong horse", to: "staple battery")
        for _ in 1...5 {
            let answer = try shop.send(.post, "/customers/ada/password", with: session, wrong)
            #expect(try answer.code == "invalid_credentials")
        }
        let locked = try shop.send(.post, "/customers/ada/password", with: session, Self.good)
        #expect(locked.status.code == 429)
        #expect(try locked.code == "login_locked")
        #expect(locked.field("Retry-After") == "1")
        #expect(try shop.login("ada").status.code == 429)
        #expect(try shop.status(of: session, "ada") == 200)
        shop.clock.pass(seconds: 1)
        let later = try shop.send(.post, "/customers/ada/password", with: session, Self.good)
        #expect(later.status.code == 204)
    }

    @Test func answersARetryWithItsKeyAndStoresNoSecret() throws {
        let shop = try TestShop()
        let session = try shop.signIn("ada")
        var fields = session.fields
        fields.append(contentsOf: HTTPFields.key("once"))
        let first = try shop.send(.post, "/customers/ada/password", Self.good, fields: fields)
        let again = try shop.send(.post, "/customers/ada/password", Self.good, fields: fields)
        #expect(first.status.code == 204 && first.field("Idempotent-Replayed") == nil)
        #expect(again.status.code == 204 && again.field("Idempotent-Replayed") == "true")
        let other = try shop.send(
            .post, "/customers/ada/password", Self.body("staple battery", to: "another battery"),
            fields: fields)
        #expect(try other.code == "idempotency_key_reused")
        let contents = "\(try shop.contents())"
        #expect(contents.contains("once"))
        for secret in ["staple battery", TestShop.password, session.refresh, session.access] {
            #expect(!contents.contains(secret))
        }
    }

    @Test func treatsComposedAndDecomposedLettersAsEqual() throws {
        let (composed, decomposed) = ("caf\u{E9} au lait", "cafe\u{301} au lait")
        for (first, second) in [(composed, decomposed), (decomposed, composed)] {
            let shop = try TestShop()
            let session = try shop.signIn("ada")
            let answer = try shop.send(
                .post, "/customers/ada/password", with: session, Self.body(to: first))
            #expect(answer.status.code == 204)
            #expect(try shop.login("ada", second).status.code == 200)
            #expect(try shop.login("ada", "cafe au lait").status.code == 401)
            let back = try shop.send(
                .post, "/customers/ada/password", with: session, Self.body(second, to: "back again")
            )
            #expect(back.status.code == 204)
        }
    }

    @Test func measuresComposedAndDecomposedLettersEqually() throws {
        // 7 bytes composed, 10 decomposed; 128 composed, 192 decomposed.
        for (letters, rest, status) in [(3, "x", 422), (64, "", 204)] {
            for letter in ["\u{E9}", "e\u{301}"] {
                let shop = try TestShop()
                let new = String(repeating: letter, count: letters) + rest
                let answer = try shop.send(
                    .post, "/customers/ada/password", as: "ada", Self.body(to: new))
                #expect(answer.status.code == status, "\(new.utf8.count) bytes")
            }
        }
    }

    @Test func oneOfTwoConcurrentChangesWins() throws {
        let shop = try TestShop()
        let sessions = [try shop.signIn("ada"), try shop.signIn("ada")]
        let answers = Answers(count: 2)
        onThreads(2) { number in
            answers.note(number) {
                try shop.send(
                    .post, "/customers/ada/password", with: sessions[number],
                    Self.body(to: "battery number \(number)"))
            }
        }
        let statuses = answers.all.map { $0?.status.code }
        #expect(statuses.count { $0 == 204 } == 1, "\(statuses)")
        let works = try (0..<2).filter {
            try shop.login("ada", "battery number \($0)").status.code == 200
        }
        #expect(works == (0..<2).filter { statuses[$0] == 204 })
    }

    @Test func rejectsAConcurrentLoginWithTheOldPassword() throws {
        let shop = try TestShop()
        let session = try shop.signIn("ada")
        let answer = try shop.loginDuring {
            // Runs the writes of a password change while a login with the old password is hashed.
            try $0.run("UPDATE customers SET password_hash = 'another' WHERE username = 'ada'")
        }
        #expect(try answer.code == "invalid_credentials", "\(answer.text)")
        #expect(try shop.status(of: session, "ada") == 200)
    }
}
