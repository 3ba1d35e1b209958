import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing
import Values

@testable import Webhooks

/// Other programs verify the messages: a published library, and the examples of docs/events.md.
@Suite struct VerifierTests {
    /// Sends messages with the current time, before and after a rotation.
    private func sendMessages() throws -> (office: PostOffice, secrets: [String]) {
        let office = try PostOffice()
        let first = try office.createWebhook(types: "*").secret
        let deliverer = office.deliverer(clock: { .now() })
        try office.addEvent(.orderPaid, on: "/sales/1", "Zoë's \"pen\" 🖋")
        try office.deliver(with: deliverer)
        try office.test(with: deliverer)
        let rotation = Scenario.Step(.post, "/webhooks/1/rotate-secret", as: "adil")
        let second = try #require(try rotation.succeeds(in: office.shop).json["secret"]?.text)
        // With the shop's clock: a day after the rotation, the first secret does not sign.
        try office.test()
        return (office, [first, second])
    }

    private static let python = Programs.tool("standardwebhooks", "python3")

    @Test(.enabled(if: python != nil, "standardwebhooks is not installed (make deps)"))
    func aPublishedLibraryVerifiesMessages() throws {
        let (office, secrets) = try sendMessages()
        let python = try #require(VerifierTests.python)
        // The library rejects old messages, so its clock is that of the message.
        let script = """
            import datetime, json, sys, unittest.mock
            from standardwebhooks import webhooks
            class Clock(datetime.datetime):
                @classmethod
                def now(cls, tz=None):
                    return cls.fromtimestamp(int(headers["webhook-timestamp"]), tz)
            for line in sys.stdin:
                secret, headers, body = json.loads(line)
                with unittest.mock.patch.object(webhooks, "datetime", Clock):
                    try:
                        print(webhooks.Webhook(secret).verify(body, headers)["type"])
                    except webhooks.WebhookVerificationError as error:
                        print(error)
            """
        func line(_ request: WebhookRequest, _ secret: String, _ body: String? = nil) throws
            -> String
        {
            let headers = Dictionary(
                uniqueKeysWithValues: request.fields.map { ($0.name, $0.value) })
            let body = body ?? String(decoding: request.body, as: UTF8.self)
            let json = try JSONSerialization.data(withJSONObject: [secret, headers, body])
            return String(decoding: json, as: UTF8.self)
        }
        let (event, test, rotated) = (
            office.requests[0], office.requests[1], office.requests[2]
        )
        let lines = try [
            line(event, secrets[0]), line(test, secrets[0]), line(rotated, secrets[0]),
            line(rotated, secrets[1]), line(event, secrets[1]), line(event, secrets[0], "{}"),
        ]
        let outcome = try run(python, ["-c", script], input: lines.joined(separator: "\n"))
        #expect(outcome.errors == "")
        #expect(
            outcome.output.split(separator: "\n") == [
                "order.paid", "webhook.test", "webhook.test", "webhook.test",
                "No matching signature found", "No matching signature found",
            ])
    }

    /// The program in Swift, run as a web server runs CGI programs (RFC 3875).
    @Test func theExampleInSwiftReceivesMessages() throws {
        let page = try String(
            contentsOf: OpenAPI.top.appending(path: "docs/events.md"), encoding: .utf8)
        let source = try String(
            contentsOf: OpenAPI.top.appending(path: "Tests/ReceiveWebhook/main.swift"),
            encoding: .utf8)
        #expect(page.contains("```swift\n\(source)```\n"))
        let (office, secrets) = try sendMessages()
        func receive(
            _ request: WebhookRequest, _ secret: String, body: String? = nil,
            more signatures: String = ""
        ) throws -> Outcome {
            let body = body ?? String(decoding: request.body, as: UTF8.self)
            var environment = ["WEBHOOK_SECRET": secret, "CONTENT_LENGTH": "\(body.utf8.count)"]
            for field in request.fields {
                let name = field.name.uppercased().replacing("-", with: "_")
                environment["HTTP_\(name)"] = field.value
            }
            environment["HTTP_WEBHOOK_SIGNATURE", default: ""] += signatures
            return try run(
                "\(Programs.folder)/ReceiveWebhook", [], environment: environment, input: body)
        }
        let accepted = "Status: 204 No Content\n\n"
        let refused = "Status: 401 Unauthorized\n\n"
        let event = try receive(office.requests[0], secrets[0])
        #expect(event.output == accepted && event.errors == "1 order.paid /sales/1\n")
        let test = try receive(office.requests[1], secrets[0])
        #expect(test.output == accepted && test.errors.hasPrefix("test_2 webhook.test"))
        let two = try receive(office.requests[0], secrets[0], more: " v1,AAAA v1a,x")
        #expect(two.output == accepted)
        #expect(try receive(office.requests[0], secrets[1]).output == refused)
        #expect(try receive(office.requests[0], secrets[0], body: "{}").output == refused)
        // The shop's clock of the tests is not this machine's, so this message is too old or new.
        #expect(try receive(office.requests[2], secrets[0]).output == refused)
        for (seconds, output) in [(-290, accepted), (-301, refused)] as [(Int64, String)] {
            try office.test(with: office.deliverer(clock: { .now().adding(seconds: seconds) }))
            let late = try #require(office.requests.last)
            #expect(try receive(late, secrets[1]).output == output)
        }
    }

    /// The receiver in Python, with requests as the deliverer makes them.
    @Test func theExampleInPythonReceivesMessages() throws {
        let page = try String(
            contentsOf: OpenAPI.top.appending(path: "docs/events.md"), encoding: .utf8)
        let script = try #require(page.firstMatch(of: #/(?ms)^```python\n(.*?)^```/#)?.output.1)
        #expect(script.split(separator: "\n").count <= 20)
        let (office, secrets) = try sendMessages()
        let python = try #require(Programs.installed("python3"))
        let port = try freePort()
        let folder = try Folder()
        var streams = Child.Streams()
        (streams.output, streams.errors) = (folder.file("output"), folder.file("errors"))
        let child = try Child(
            python, ["-c", String(script)],
            environment: ["WEBHOOK_SECRET": secrets[0], "PORT": "\(port)"], streams)
        defer { child.signal(SIGKILL) }
        let isOpen = eventually(within: 10) { (try? HTTPConnection(port: port)) != nil }
        #expect(isOpen)
        let client = """
            import json, sys, urllib.error, urllib.request
            address, fields, body = json.load(sys.stdin)
            try:
                request = urllib.request.Request(address, body.encode(), fields)
                print(urllib.request.urlopen(request).status)
            except urllib.error.HTTPError as error:
                print(error.code)
            """
        func post(_ request: WebhookRequest, body: String? = nil) throws -> String {
            let fields = Dictionary(
                uniqueKeysWithValues: request.fields.map { ($0.name, $0.value) })
            let input = try JSONSerialization.data(withJSONObject: [
                "http://127.0.0.1:\(port)/", fields,
                body ?? String(decoding: request.body, as: UTF8.self),
            ])
            let text = String(decoding: input, as: UTF8.self)
            return try run(python, ["-c", client], input: text).output
        }
        #expect(try post(office.requests[0]) == "204\n")
        #expect(try post(office.requests[1]) == "204\n")
        #expect(try post(office.requests[0], body: "{}") == "401\n")
        // The shop's clock of the tests is not this machine's, so this message is too old or new.
        #expect(try post(office.requests[2]) == "401\n")
        #expect(
            try folder.text(of: "output").hasPrefix("1 order.paid /sales/1\ntest_2 webhook.test"))
    }
}
