import Foundation
import Mail
import Outbox
import Testing
import Values

/// Messages, as Python's `email` package reads them.
@Suite struct MailMessageTests {
    private func text(_ subject: String, _ body: String) throws -> MailText {
        try MailText(
            filling: "Subject: {{ subject }}\n\n{{ body }}\n",
            with: ["subject": subject, "body": body])
    }

    private func message(
        _ subject: String, _ body: String, from: String = "Souk <shop@example.com>"
    ) throws -> MailMessage {
        MailMessage(
            from: try #require(Mailbox(from)), to: "ada@example.com", try text(subject, body),
            job: 7, at: Instant(milliseconds: 1_795_859_311_000))
    }

    /// The fields and parts of a message, one value a line, each as JSON.
    private func parsed(_ message: MailMessage) throws -> [String: String] {
        let program = """
            import sys, json, email, email.policy
            m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
            parts = list(m.iter_parts())
            print(json.dumps({
                "from": str(m["from"]), "to": str(m["to"]), "subject": str(m["subject"]),
                "date": m["date"].datetime.isoformat(), "id": str(m["message-id"]),
                "fields": str(len(m.keys())), "types": " ".join(p.get_content_type() for p in parts),
                "text": parts[0].get_content(), "html": parts[1].get_content(),
                "defects": str(len(m.defects))}))
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", program]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        input.fileHandleForWriting.write(Data(message.bytes))
        input.fileHandleForWriting.closeFile()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode([String: String].self, from: data)
    }

    @Test("a plain message")
    func plain() throws {
        let mail = try parsed(message("Hello", "One.\n\nTwo & <three>."))
        #expect(mail["from"] == "Souk <shop@example.com>")
        #expect(mail["to"] == "<ada@example.com>" || mail["to"] == "ada@example.com")
        #expect(mail["subject"] == "Hello")
        #expect(mail["date"] == "2026-11-28T09:48:31+00:00")
        #expect(mail["id"] == "<souk-7-1795859311000@example.com>")
        #expect(mail["types"] == "text/plain text/html")
        #expect(mail["text"]?.contains("Two & <three>.") == true)
        #expect(mail["html"]?.contains("<p>Two &amp; &lt;three&gt;.</p>") == true)
        #expect(mail["defects"] == "0")
    }

    @Test(
        "subjects and names that could add a field or break one",
        arguments: [
            "a\r\nBcc: eve@example.com", "Grüße, 李 \u{1F600}", "=?UTF-8?B?eA==?=",
            String(repeating: "long ", count: 60), "comma, \"quote\" <angle>",
        ])
    func headers(value: String) throws {
        let line = value.replacing("\r\n", with: " ").replacing("\r", with: " ")
            .replacing("\n", with: " ")
        let mail = try parsed(message(value, "x"))
        #expect(
            mail["subject"]?.split(separator: " ") == line.split(separator: " "), "\(mail)")
        #expect(mail["fields"] == "8")
        guard !value.contains("\r") else {
            #expect(Mailbox("\(value) <shop@example.com>") == nil)
            return
        }
        let named = try parsed(message("x", "x", from: "Ünal, \"Co\" <shop@example.com>"))
        #expect(named["from"]?.hasSuffix("<shop@example.com>") == true)
        #expect(named["fields"] == "8")
    }

    @Test(
        "texts survive the encoding",
        arguments: [
            ".", "..\n.", "a = b", "trailing \t", String(repeating: "x", count: 2000),
            "Zoë 李 \u{1F600}", "From here",
        ])
    func bodies(text: String) throws {
        let message = try message("x", text)
        let lines = String(decoding: message.bytes, as: UTF8.self).split(separator: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && $0 != "." })
        let read = try parsed(message)["text"]?.replacing("\r\n", with: "\n")
        #expect(read == "\(text)\n")
    }

    @Test("every template can be filled, and an unknown placeholder is a fault")
    func templates() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        #expect(MailTemplates(overriddenBy: folder.path).faults() == [])
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("Subject: Hi\n\nHello {{ secret }}\n".utf8)
            .write(to: folder.appending(path: "password-reset.txt"))
        try Data("Hello".utf8).write(to: folder.appending(path: "low-stock.txt"))
        #expect(
            MailTemplates(overriddenBy: folder.path).faults() == [
                "password-reset.txt has the unknown placeholder 'secret'.",
                "low-stock.txt must begin with 'Subject: …' and an empty line.",
            ])
    }

    /// Such files would be ignored, or make a message useless.
    @Test func filesThatCannotBeUsedAreFaults() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ bytes: [UInt8], to name: String) throws {
            try Data(bytes).write(to: folder.appending(path: "\(name).txt"))
        }
        let start = Array("Subject: Hi\n\nHello {{ name }}\n".utf8)
        try write(Array("Subject: Hi\n\nHello {{ username }}\n".utf8), to: "email-verification")
        try write(Array("Subject: Hi\n\n{{ token }}\n".utf8), to: "password-reset")
        try write(start + [0xFF], to: "order-paid")
        try write(start + Array(repeating: 0x61, count: 1 << 20), to: "order-received")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "low-stock.txt"), withIntermediateDirectories: false)
        #expect(
            MailTemplates(overriddenBy: folder.path).faults() == [
                "email-verification.txt must contain {{ token }} or {{ link }}.",
                "order-received.txt must have at most 1048576 bytes.",
                "order-paid.txt is not UTF-8.",
                "low-stock.txt cannot be read: Is a directory.",
            ])
    }

    @Test("an empty value removes its line")
    func emptyValues() throws {
        let text = try MailText(
            filling: "Subject: x\n\nOne.\n\n{{ tracking }}\n\nTwo.\n", with: ["tracking": ""])
        #expect(text.body == "One.\n\nTwo.\n")
    }

    /// An encoded word is not allowed in an address (RFC 2047 §5).
    @Test(arguments: [
        ("ada@example.com", "<ada@example.com>"), (long, "<\(long)>"),
        ("=?utf-8?q?eve?=@example.com", #"<"=?utf-8?q?eve?="@example.com>"#),
    ])
    func anAddressIsWrittenAsItIs(address: String, expected: String) throws {
        let message = MailMessage(
            from: try #require(Mailbox("shop@example.com")), to: address, try text("x", "y"),
            job: 7, at: Instant(milliseconds: 0))
        let text = String(decoding: message.bytes, as: UTF8.self)
        let head = text.prefix(upTo: try #require(text.firstRange(of: "\r\n\r\n")).lowerBound)
        let fields = head.replacing("\r\n ", with: " ").split(separator: "\r\n")
        #expect(fields.first { $0.hasPrefix("To:") } == "To: \(expected)")
        if address == Self.long {
            #expect(try parsed(message)["to"] == "<\(address)>" || parsed(message)["to"] == address)
        }
    }

    private static let long =
        String(repeating: "a", count: 64) + "@" + String(repeating: "b", count: 60) + "."
        + String(repeating: "c", count: 60) + ".example.com"

    /// What would break a line, or change the order of the text, is left out.
    @Test func valuesLoseUnsafeCharacters() throws {
        let text = try text("a\u{202E}b", "c\u{200B}d\u{7}e\u{2028}f\ng\u{65E5}\u{FE00}")
        #expect(text.subject == "ab")
        #expect(text.body == "cdef\ng\u{65E5}\u{FE00}\n")
    }

    @Test("a message becomes one file, also if it is sent twice")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let message = try message("x", "y")
        for _ in 0..<2 { #expect(MailTransport.folder(folder.path).send(message) == nil) }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names == ["\(message.id).eml"])
        #expect(MailTransport.folder("/nowhere").send(message)?.isPermanent == false)
    }
}
