import Foundation
import ShopFixture
import Testing

extension SoukTests {
    /// The file of the signing key.
    @Suite struct KeyTests {
        @Test func anInvalidKey() throws {
            let shop = try Operator.migrated()
            let key = shop.folder.file("jwt.secret")
            func expectRefusal(_ sentence: String) throws {
                for daemon in Programs.daemons {
                    try shop.daemon(daemon).expect(
                        1, output: "", errors: "\(daemon) cannot start: \(sentence)\n")
                }
                try shop.souk("keys", "rotate").expect(
                    1, output: "", errors: "Error: \(sentence)\n")
            }
            for text in ["", "\n", String(repeating: "k", count: 31)] {
                try shop.write(text, to: "jwt.secret")
                try expectRefusal("The signing key \(key) has fewer than 32 bytes.")
            }
            for mode: mode_t in [0o604, 0o602, 0o601, 0o644, 0o666] {
                try shop.write(String(repeating: "k", count: 32), to: "jwt.secret", mode: mode)
                try expectRefusal(
                    "The signing key \(key) is accessible to all users. Set its mode to 600.")
            }
            unlink(key)
            try expectRefusal("The signing key \(key) cannot be read.")
            mkdir(key, 0o700)
            try expectRefusal("The signing key \(key) cannot be read.")
            // The other commands sign nothing.
            try shop.souk("check").expect(0)
        }

        @Test func isRotated() throws {
            let shop = try Operator.migrated()
            let file = shop.folder.file("jwt.secret")
            let first = String(repeating: "k", count: 32)
            try shop.souk("keys", "rotate").expect(0, output: "rotated \(file)\n", errors: "")
            let once = try shop.folder.text(of: "jwt.secret").split(separator: "\n")
            #expect(once.count == 2 && once[0].count == 64)
            #expect(once.last?.hasPrefix("\(first) 20") == true, "\(once)")

            try shop.souk("keys", "rotate").expect(0)
            let twice = try shop.folder.text(of: "jwt.secret").split(separator: "\n")
            #expect(twice.count == 3 && twice[0].count == 64 && twice[0] != once[0])
            #expect(twice[1].hasPrefix("\(once[0]) 20"))
            // The oldest key keeps its expiry and does not get another day.
            #expect(twice[2] == once[1])
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let left = try FileManager.default.contentsOfDirectory(atPath: shop.folder.path)
            #expect(!left.contains("jwt.secret.new"))
        }
    }
}
