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

    @Test("an empty value removes its line")
    func emptyValues() throws {
        let text = try MailText(
            filling: "Subject: x\n\nOne.\n\n{{ tracking }}\n\nTwo.\n", with: ["tracking": ""])
        #expect(text.body == "One.\n\nTwo.\n")
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
