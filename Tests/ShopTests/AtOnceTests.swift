import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// Revoked access ends with the next request, in every responder.
    @Suite struct AtOnceTests {
        /// One request of each responder that a customer may send.
        static let calls = ["/customers/CALLER", "/inventory", "/sales", "/reviews?status=pending"]

        /// Creates an account with a role and logs in.
        private func member(_ name: String, _ role: String) throws -> Visitor {
            let shop = try SharedShop.shop
            let made = try shop.souk("user", "add", name, "--role", role, input: "good password\n")
            #expect(made.code == 0, "\(made)")
            return try shop.visitor(name, "good password")
        }

        private func expectLetIn(_ visitor: Visitor, _ name: String) throws {
            for call in Self.calls {
                let target = call.replacing("CALLER", with: name)
                try visitor.send("GET", target).expect(200)
            }
        }

        private func expectKeptOut(_ visitor: Visitor, _ name: String) throws {
            for call in Self.calls {
                let target = call.replacing("CALLER", with: name)
                let answer = try visitor.send("GET", target).expectProblem(401, "session_ended")
                #expect(answer["WWW-Authenticate"]?.contains("invalid_token") == true, "\(answer)")
            }
        }

        @Test func aLogout() throws {
            let shop = try SharedShop.shop
            let visitor = try member("leaver", "customer")
            let other = try shop.visitor("leaver", "good password")
            try expectLetIn(visitor, "leaver")
            try visitor.send("POST", "/customers/logout").expect(204)
            try expectKeptOut(visitor, "leaver")
            try expectLetIn(other, "leaver")
        }

        @Test func anEndedSession() throws {
            let shop = try SharedShop.shop
            let first = try member("drifter", "customer")
            let second = try shop.visitor("drifter", "good password")
            let list = try second.send("GET", "/customers/drifter/sessions").expect(200).json
            let sessions = list["data"]?.elements ?? []
            let others = sessions.filter { $0["current"] == .bool(false) }
            try #require(sessions.count == 2 && others.count == 1)
            guard case .integer(let id)? = others[0]["id"] else { throw Failure("\(list)") }
            try second.send("DELETE", "/customers/drifter/sessions/\(id)").expect(204)
            try expectKeptOut(first, "drifter")
            try expectLetIn(second, "drifter")
            let third = try shop.visitor("drifter", "good password")
            try SharedShop.demo("adil").send("DELETE", "/customers/drifter/sessions").expect(204)
            for visitor in [second, third] { try expectKeptOut(visitor, "drifter") }
        }

        @Test func anotherPassword() throws {
            let shop = try SharedShop.shop
            let this = try member("careful", "customer")
            let other = try shop.visitor("careful", "good password")
            let body = #"{"current_password":"good password","new_password":"better password"}"#
            try this.send("POST", "/customers/careful/password", body).expect(204)
            try expectKeptOut(other, "careful")
            try expectLetIn(this, "careful")
            #expect(throws: Failure.self) { try shop.visitor("careful", "good password") }
            try expectLetIn(try shop.visitor("careful", "better password"), "careful")
        }

        /// A reused refresh token ends the session for the owner and the thief.
        @Test func aStolenRefreshToken() throws {
            let shop = try SharedShop.shop
            _ = try member("robbed", "customer")
            func refresh(_ token: String) throws -> HTTPAnswer {
                try shop.visitor().send(
                    "POST", "/customers/refresh", #"{"refresh_token":"\#(token)"}"#)
            }
            let login = try shop.visitor().send(
                "POST", "/customers/login", #"{"username":"robbed","password":"good password"}"#)
            let stolen = try login.expect(200).string("refresh_token")
            let thief = try refresh(stolen).expect(200)
            let later = try refresh(try thief.string("refresh_token")).expect(200)
            let visitor = Visitor(port: shop.port, token: try later.string("access_token"))
            try expectLetIn(visitor, "robbed")
            try refresh(stolen).expectProblem(401, "session_ended")
            try expectKeptOut(visitor, "robbed")
            try refresh(try later.string("refresh_token")).expectProblem(401, "session_ended")
        }

        @Test func anErasure() throws {
            let visitor = try member("forgotten", "customer")
            try expectLetIn(visitor, "forgotten")
            try SharedShop.demo("adil").send("DELETE", "/customers/forgotten").expect(204)
            try expectKeptOut(visitor, "forgotten")
        }

        @Test func aSuspension() throws {
            let shop = try SharedShop.shop
            let visitor = try member("rogue", "customer")
            try expectLetIn(visitor, "rogue")
            #expect(try shop.souk("user", "suspend", "rogue").output == "rogue is suspended now\n")
            try expectKeptOut(visitor, "rogue")
            try shop.visitor().send(
                "POST", "/customers/login", #"{"username":"rogue","password":"good password"}"#
            ).expectProblem(403, "account_suspended")

            #expect(try shop.souk("user", "activate", "rogue").output == "rogue is active now\n")
            // The session stays ended, so its user must log in again.
            try expectKeptOut(visitor, "rogue")
            try expectLetIn(try shop.visitor("rogue", "good password"), "rogue")
        }

        @Test func aDemotionAndAPromotion() throws {
            let shop = try SharedShop.shop
            let visitor = try member("climber", "staff")
            let product = #"{"name":"pen","category":"pens","price":1}"#
            let calls: [(String, String, String?, Int, Int)] = [
                ("GET", "/customers/ada", nil, 200, 404),
                ("POST", "/inventory?dry_run=true", product, 201, 403),
                ("GET", "/sales?username=ada", nil, 200, 403),
                ("POST", "/reviews/999999/approve", nil, 404, 403),
            ]
            for (role, isStaff) in [
                ("staff", true), ("customer", false), ("admin", true), ("moderator", false),
            ] {
                #expect(
                    try shop.souk("user", "role", "climber", role).output
                        == "climber is \(role) now\n")
                for (method, target, body, asStaff, asCustomer) in calls {
                    let mayApprove = role == "moderator" && target.hasSuffix("approve")
                    let status = isStaff || mayApprove ? asStaff : asCustomer
                    let answer = try visitor.send(method, target, body)
                    #expect(answer.status == status, "\(role) \(target): \(answer)")
                }
            }
        }

        /// A login gets a token under the new key, which all four responders know at once.
        ///
        /// Old tokens stay valid.
        @Test func aNewKey() throws {
            let shop = try SharedShop.shop
            let before = try shop.processes(of: Programs.daemons)
            let early = try member("early", "customer")
            let old = try shop.home.text(of: "jwt.secret")
            let rotation = try shop.souk("keys", "rotate")
            #expect(rotation.code == 0, "\(rotation)")
            let late = try shop.visitor("early", "good password")
            #expect(try shop.home.text(of: "jwt.secret").hasPrefix(old) == false)
            // The header of a token contains the id of its key.
            #expect(late.token?.split(separator: ".")[0] != early.token?.split(separator: ".")[0])
            try expectLetIn(late, "early")
            try expectLetIn(early, "early")
            #expect(try shop.processes(of: Programs.daemons) == before)
        }
    }
}
