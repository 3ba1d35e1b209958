import Foundation
import ShopFixture
import Testing

extension SoukTests {
    @Suite struct UserTests {
        @Test func addsAndLists() throws {
            let shop = try Operator.migrated()
            try shop.souk("user", "add", "zoe", "--role", "admin", input: "a good password\n")
                .expect(0, output: "added zoe as admin\n", errors: "")
            // A last line without a line feed counts as a line.
            try shop.souk(
                "user", "add", "bob", "--full-name", "Bob the Builder", input: "a good password"
            ).expect(0, output: "added bob as customer\n", errors: "")
            try shop.souk("user", "add", "amy", "--role", "staff", input: "a good password\nmore\n")
                .expect(0, output: "added amy as staff\n", errors: "")
            try shop.souk("user", "list").expect(
                0, output: "amy\tstaff\tactive\nzoe\tadmin\tactive\n", errors: "")
            try shop.souk("user", "list", "--all").expect(
                0, output: "amy\tstaff\tactive\nbob\tcustomer\tactive\nzoe\tadmin\tactive\n",
                errors: "")

            struct Account: Decodable, Equatable {
                let username: String
                let role: String
                let status: String
                let full_name: String
            }
            let json = try shop.souk("user", "list", "--all", "--json").expect(0, errors: "")
            let accounts = try JSONDecoder().decode([Account].self, from: Data(json.output.utf8))
            #expect(
                accounts == [
                    Account(username: "amy", role: "staff", status: "active", full_name: "amy"),
                    Account(
                        username: "bob", role: "customer", status: "active",
                        full_name: "Bob the Builder"),
                    Account(username: "zoe", role: "admin", status: "active", full_name: "zoe"),
                ])
            #expect(!json.output.contains("password") && !json.output.contains("argon2"))
            try shop.souk("check").expect(0)
        }

        @Test func acceptsNamesInAnyCase() throws {
            let shop = try Operator.migrated()
            try shop.souk("user", "add", " Zoe ", "--role", "admin", input: "a good password\n")
                .expect(0, output: "added zoe as admin\n", errors: "")
            try shop.souk("user", "add", "ZOE", input: "a good password\n").expect(1, output: "")
            try shop.souk("user", "add", "Bob", input: "a good password\n").expect(0)
            try shop.souk("user", "role", "BOB", "staff").expect(
                0, output: "bob is staff now\n", errors: "")
            try shop.souk("user", "suspend", "Bob").expect(0, output: "bob is suspended now\n")
            try shop.souk("user", "activate", " bob").expect(0, output: "bob is active now\n")
            try shop.souk("user", "password", " BOB", input: "another password\n").expect(
                0, output: "changed the password of bob\n", errors: "")
            try shop.write("sku,name,category,price\nA,x,y,1\n", to: "goods.csv")
            try shop.souk("import", shop.folder.file("goods.csv"), "--as", "Bob").expect(0)
        }

        static let refusals: [(arguments: [String], password: String, faults: [String])] = [
            (["bob"], "short\n", ["password must be text of 8 to 128 bytes."]),
            (["bob"], "\n", ["password must be text of 8 to 128 bytes."]),
            (
                ["bob"], String(repeating: "p", count: 129),
                ["password must be text of 8 to 128 bytes."]
            ),
            (["robert-the-first"], "robert-the-first\n", ["password must not be the username."]),
            (
                ["bo"], "a good password\n",
                ["username must be 3 to 32 of a-z, 0-9, '_', '.' and '-', beginning with a letter."]
            ),
            (["9bob"], "a good password\n", ["username must begin with a letter."]),
            (["login"], "a good password\n", ["username is reserved."]),
            (
                ["bob", "--full-name", "a\nb"], "a good password\n",
                ["full_name must be one line of 1 to 120 visible characters."]
            ),
            (
                ["b b", "--full-name", ""], "short\n",
                [
                    "username must be 3 to 32 of a-z, 0-9, '_', '.' and '-', beginning with a letter.",
                    "password must be text of 8 to 128 bytes.",
                    "full_name must be one line of 1 to 120 visible characters.",
                ]
            ),
        ]

        @Test func refusesAndNamesEveryFault() throws {
            let shop = try Operator.migrated()
            for row in Self.refusals {
                let outcome = try run(
                    Programs.souk, ["user", "add"] + row.arguments, environment: shop.environment,
                    input: row.password)
                let summary =
                    row.faults.count == 1
                    ? "One field is invalid."
                    : "\(row.faults.count) fields are invalid."
                outcome.expect(
                    1, output: "",
                    errors: "Error: \(([summary] + row.faults).joined(separator: "\n"))\n")
            }
            try shop.souk("user", "add", "bob").expect(
                1, output: "", errors: "Error: Standard input contains no password.\n")
            try shop.souk("user", "list", "--all").expect(0, output: "")

            try shop.souk("user", "add", "bob", input: "a good password\n").expect(0)
            try shop.souk("user", "add", "bob", input: "another password\n").expect(
                1, output: "", errors: "Error: Another customer has this username.\n")
            try shop.souk("user", "list", "--all").expect(0, output: "bob\tcustomer\tactive\n")
        }

        @Test func changesRoleAndStatus() throws {
            let shop = try Operator.migrated()
            try shop.souk("user", "add", "bob", input: "a good password\n").expect(0)
            for role in ["moderator", "staff", "admin"] {
                try shop.souk("user", "role", "bob", role)
                    .expect(0, output: "bob is \(role) now\n", errors: "")
                try shop.souk("user", "list").expect(0, output: "bob\t\(role)\tactive\n")
            }
            try shop.souk("user", "add", "zoe", "--role", "admin", input: "a good password\n")
                .expect(0)
            try shop.souk("user", "suspend", "bob").expect(0, output: "bob is suspended now\n")
            try shop.souk("user", "suspend", "bob").expect(0, output: "bob is suspended now\n")
            try shop.souk("user", "list").expect(
                0, output: "bob\tadmin\tsuspended\nzoe\tadmin\tactive\n")
            try shop.souk("user", "activate", "bob").expect(0, output: "bob is active now\n")
            try shop.souk("user", "role", "bob", "customer").expect(
                0, output: "bob is customer now\n")
            for command in [
                ["role", "nobody", "staff"], ["suspend", "nobody"], ["activate", "nobody"],
            ] {
                try run(Programs.souk, ["user"] + command, environment: shop.environment)
                    .expect(1, output: "", errors: "Error: There is no such customer.\n")
            }
        }

        /// The operator's actions are listed with those of staff, without name and request.
        @Test func leavesARowForEachChange() throws {
            let shop = try Operator.migrated()
            try shop.souk("user", "add", "zoe", "--role", "admin", input: "a good password\n")
                .expect(0)
            try shop.souk("user", "add", "bob", input: "a good password\n").expect(0)
            try shop.souk("user", "role", "bob", "staff").expect(0)
            try shop.souk("user", "suspend", "bob").expect(0)
            try shop.souk("user", "activate", "bob").expect(0)
            // Rejected commands write no row.
            try shop.souk("user", "add", "bob", input: "a good password\n").expect(1)
            try shop.souk("user", "role", "zoe", "staff").expect(1)
            try shop.souk("user", "suspend", "zoe").expect(1)
            try shop.souk("user", "suspend", "nobody").expect(1)
            let rows = try shop.sql(
                """
                SELECT username, action, before_change, after_change, actor_id IS NULL,
                    request_id IS NULL
                FROM audit_entries JOIN customers ON customers.id = customer_id
                ORDER BY audit_entries.id;
                """)
            #expect(
                rows == """
                    zoe|opened_account||admin|1|1
                    bob|opened_account||customer|1|1
                    bob|changed_role|customer|staff|1|1
                    bob|changed_status|active|suspended|1|1
                    bob|changed_status|suspended|active|1|1

                    """)
            try shop.souk("check").expect(0)
        }

        @Test func setsAPassword() throws {
            let shop = try Operator.migrated()
            try shop.souk("user", "add", "zoe", "--role", "admin", input: "a good password\n")
                .expect(0)
            try shop.sql(
                """
                INSERT INTO sessions VALUES (1, 1, '', '', 0, 0, 9999999999999, NULL);
                INSERT INTO refresh_tokens VALUES ('hash', 1, NULL);
                """)
            let before = try shop.sql("SELECT password_hash FROM customers;")
            let refusals = [
                (
                    "zoe", "short\n",
                    "One field is invalid.\npassword must be text of 8 to 128 bytes."
                ),
                (
                    "zoe", "password1\n",
                    "One field is invalid.\npassword is one of the most common passwords."
                ),
                ("nobody", "a better password\n", "There is no such customer."),
            ]
            for (name, password, sentence) in refusals {
                try shop.souk("user", "password", name, input: password)
                    .expect(1, output: "", errors: "Error: \(sentence)\n")
            }
            try shop.souk("user", "password", "zoe").expect(
                1, output: "", errors: "Error: Standard input contains no password.\n")
            #expect(try shop.sql("SELECT password_hash FROM customers;") == before)
            #expect(try shop.sql("SELECT COUNT(*) FROM refresh_tokens;") == "1\n")

            try shop.souk("user", "password", "zoe", input: "a better password\n")
                .expect(0, output: "changed the password of zoe\n", errors: "")
            #expect(try shop.sql("SELECT password_hash FROM customers;") != before)
            #expect(try shop.sql("SELECT COUNT(*) FROM refresh_tokens;") == "0\n")
            #expect(try shop.sql("SELECT ended_at IS NULL FROM sessions;") == "0\n")
            let audit = """
                SELECT action, customer_id, before_change IS NULL, after_change IS NULL,
                    actor_id IS NULL, request_id IS NULL FROM audit_entries ORDER BY id DESC LIMIT 1;
                """
            #expect(try shop.sql(audit) == "changed_password|1|1|1|1|1\n")
            try shop.souk("check").expect(0)
        }

        @Test func keepsTheLastAdmin() throws {
            let shop = try Operator.migrated()
            // A shop without an admin may stay without one.
            try shop.souk("user", "add", "bob", input: "a good password\n").expect(0)
            try shop.souk("user", "suspend", "bob").expect(0)
            for name in ["zoe", "amy"] {
                try shop.souk("user", "add", name, "--role", "admin", input: "a good password\n")
                    .expect(0)
            }
            try shop.souk("user", "suspend", "amy").expect(0)
            let refusal = "Error: The shop would have no admin.\n"
            try shop.souk("user", "suspend", "zoe").expect(1, output: "", errors: refusal)
            for role in ["customer", "moderator", "staff"] {
                try shop.souk("user", "role", "zoe", role).expect(1, output: "", errors: refusal)
            }
            try shop.souk("user", "role", "zoe", "admin").expect(0)
            try shop.souk("user", "list").expect(
                0, output: "amy\tadmin\tsuspended\nzoe\tadmin\tactive\n")
            try shop.souk("user", "activate", "amy").expect(0)
            try shop.souk("user", "role", "zoe", "customer").expect(0)
        }
    }
}
