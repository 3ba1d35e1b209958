import HTTP
import TestShop
import Testing

@Suite struct CommonPasswordTests {
    static let common = [
        "password", "12345678", "123456789", "qwertyuiop", "iloveyou", "football", "baseball",
        "sunshine", "princess", "superman", "trustno1", "password1", "1q2w3e4r", "qwerty123",
        "11111111", "starwars", "michelle", "corvette", "mercedes", "midnight",
    ]

    /// Spellings that a user might try in order to bypass the check.
    static func spellings(_ password: String) -> [String] {
        [
            password, password.uppercased(), password.prefix(1).uppercased() + password.dropFirst(),
            String(
                password.enumerated().map { index, letter in
                    index % 2 == 0 ? letter : letter.uppercased().first ?? letter
                }),
        ]
    }

    @Test func rejectsCommonPasswordsInAnyCase() throws {
        let shop = try TestShop()
        for password in Self.common.flatMap(Self.spellings) {
            let answers = [
                try shop.register("carla", password: password),
                try shop.send(
                    .post, "/customers/ada/password", as: "ada",
                    ChangePasswordTests.body(to: password)),
            ]
            for (answer, field) in zip(answers, ["password", "new_password"]) {
                #expect(answer.status.code == 422, "\(password)")
                #expect(
                    try answer.json["errors"]?[0]
                        == .object([
                            .init(name: "field", value: .string(field)),
                            .init(name: "message", value: "is one of the most common passwords"),
                        ]), "\(password)")
            }
        }
    }

    @Test func acceptsPasswordsThatAreNotListed() throws {
        let shop = try TestShop()
        for (number, password) in [
            "correct horse", "passwort im Schrank", "password!x", "12345678 nine", "密码密码密码",
            "a\u{301}bcdefgh",
        ].enumerated() {
            let answer = try shop.register("carla\(number)", password: password)
            #expect(answer.status.code == 201, "\(password)")
        }
    }

    @Test func rejectsTheUsernameInAnyCase() throws {
        let shop = try TestShop()
        for password in ["carla.quill", "Carla.Quill", "CARLA.QUILL"] {
            let answer = try shop.register("carla.quill", password: password)
            #expect(try answer.faults == ["password"], "\(password)")
        }
    }

    @Test func isNotCheckedAtLogin() throws {
        let shop = try TestShop()
        // A customer who chose the password before the list existed can log in and change it.
        #expect(try shop.login("ada", "password").code == "invalid_credentials")
    }
}
