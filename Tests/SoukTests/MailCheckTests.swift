import Foundation
import ShopFixture
import TestShop
import Testing

extension SoukTests {
    @Suite struct MailCheckTests {
        private let texts = "The texts of all messages can be used.\n"

        @Test func aTestMessageIsSent() throws {
            var shop = try Operator()
            let folder = shop.folder.file("mail")
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false)
            shop.environment["SOUK_SMTP_URL"] = "file:\(folder)"
            try shop.souk("mail", "check").expect(0, output: texts, errors: "")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
            try shop.souk("mail", "check", "--send-to", "a@b.example").expect(
                0, output: "\(texts)The test message was sent.\n", errors: "")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            let message = try String(
                contentsOfFile: "\(folder)/\(try #require(files.first))", encoding: .utf8)
            #expect(files.count == 1 && message.contains("To: <a@b.example>\r\n"))
        }

        @Test func aTestMessageThatCannotBeSentIsAnError() throws {
            var shop = try Operator()
            try shop.souk("mail", "check", "--send-to", "a@b.example").expect(
                1, output: texts, errors: "Error: SOUK_SMTP_URL is not set.\n")
            shop.environment["SOUK_SMTP_URL"] = "smtp://127.0.0.1:\(try freePort())"
            let failed = try shop.souk("mail", "check", "--send-to", "a@b.example")
                .expect(1, output: texts)
            #expect(
                failed.errors.hasPrefix("Error: The test message was not sent: connection_failed:"))
        }

        @Test func aTestMessageNeedsAnAddress() throws {
            var shop = try Operator()
            shop.environment["SOUK_SMTP_URL"] = "file:\(shop.folder.file("mail"))"
            for address in ["nobody", "a b@c.example", "a@b.example\r\nBcc: e@f.example"] {
                let refused = try shop.souk("mail", "check", "--send-to", address).expect(64)
                #expect(refused.errors.contains("--send-to must be an e-mail address"))
            }
        }

        @Test func faultyTextsAreNamed() throws {
            var shop = try Operator()
            let folder = shop.folder.file("texts")
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false)
            shop.environment["SOUK_MAIL_TEMPLATES"] = folder
            let own = "Subject: Hello {{ name }}\n\nYour token: {{ token }}\n"
            try own.write(
                toFile: "\(folder)/password-reset.txt", atomically: true, encoding: .utf8)
            try shop.souk("mail", "check").expect(0, output: texts, errors: "")
            try "Hello {{ nobody }}".write(
                toFile: "\(folder)/order-paid.txt", atomically: true, encoding: .utf8)
            try "Subject: {{ nobody }}\n\nHello\n".write(
                toFile: "\(folder)/low-stock.txt", atomically: true, encoding: .utf8)
            try Data([0xFF]).write(to: URL(fileURLWithPath: "\(folder)/order-shipped.txt"))
            try shop.souk("mail", "check").expect(
                1, output: "",
                errors: """
                    Error: \(folder)/order-paid.txt must begin with 'Subject: …' and an empty line.
                    \(folder)/order-shipped.txt is not UTF-8.
                    \(folder)/low-stock.txt has the unknown placeholder 'nobody'.

                    """)
        }
    }
}
