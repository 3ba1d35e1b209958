import Foundation
import HTTP
import ShopFixture
import TestShop

/// A headless Chromium, driven by WebDriver (W3C) through Debian's chromedriver.
final class Browser {
    static let program = Programs.installed("chromium")
    static let driver = Programs.installed("chromedriver")

    private let folder: Folder
    private let child: Child
    private let port: UInt16
    private var session = ""

    init() throws {
        folder = try Folder()
        port = try freePort()
        child = try Child(
            Browser.driver ?? "", ["--port=\(port)"], environment: ["HOME": folder.path])
        let port = port
        let isOpen = eventually(within: 30) { (try? HTTPConnection(port: port)) != nil }
        guard isOpen else { throw Failure("chromedriver does not listen") }
        // No sandbox, because root cannot use one. The browser opens only the test's own pages.
        let arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--disable-background-networking", "--window-size=1280,900",
            "--user-data-dir=\(folder.file("profile"))",
        ].map { "\"\($0)\"" }.joined(separator: ",")
        let made = try send(
            "POST", "/session",
            """
            {"capabilities":{"alwaysMatch":{"browserName":"chrome","timeouts":{"script":120000},
            "goog:loggingPrefs":{"browser":"ALL"},
            "goog:chromeOptions":{"binary":"\(Browser.program ?? "")","args":[\(arguments)]}}}}
            """)
        session = try Browser.string(made["sessionId"])
    }

    deinit {
        _ = try? send("DELETE", "/session/\(session)")
        child.signal(SIGTERM)
        _ = try? child.wait(seconds: 10)
    }

    /// Sends one command.
    ///
    /// - Returns: the `value` of the response.
    private func send(_ method: String, _ target: String, _ body: String? = nil) throws -> JSON {
        // A browser on a busy machine needs time.
        let connection = try HTTPConnection(port: port, seconds: 150)
        let content = Array((body ?? "").utf8)
        let head =
            "\(method) \(target) HTTP/1.1\r\nHost: localhost:\(port)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(content.count)\r\n\r\n"
        try connection.send(Array(head.utf8) + content)
        let answer = try connection.answer()
        guard answer.status == 200 else { throw Failure("\(target): \(answer)") }
        return try answer.json["value"] ?? .null
    }

    @discardableResult
    private func command(_ name: String, _ body: String) throws -> JSON {
        try send("POST", "/session/\(session)/\(name)", body)
    }

    private static func string(_ value: JSON?) throws -> String {
        guard case .string(let text)? = value else {
            throw Failure("not text: \(String(describing: value))")
        }
        return text
    }

    private static func quoted(_ text: String) -> String {
        JSONWriter.text(of: text)
    }

    func open(_ address: String) throws { try command("url", #"{"url":"\#(address)"}"#) }

    /// The element of a CSS selector, as a WebDriver reference.
    private func element(_ selector: String) throws -> String {
        let found = try command(
            "element", #"{"using":"css selector","value":\#(Browser.quoted(selector))}"#)
        return try Browser.string(found["element-6066-11e4-a52e-4f735466cecf"])
    }

    func click(_ selector: String) throws {
        // At a place that nothing covers, unlike the bar at the top.
        _ = try run(
            "document.querySelector(\(Browser.quoted(selector))).scrollIntoView({block: 'center'})")
        try command("element/\(element(selector))/click", "{}")
    }

    /// Types into a field, replacing its text.
    func type(_ text: String, into selector: String) throws {
        let field = try element(selector)
        try command("element/\(field)/clear", "{}")
        try command("element/\(field)/value", #"{"text":\#(Browser.quoted(text))}"#)
    }

    /// The return value of a script, as JSON.
    func run(_ script: String) throws -> JSON {
        try command("execute/sync", #"{"script":\#(Browser.quoted(script)),"args":[]}"#)
    }

    /// The value that a script passes to its callback, the last argument, as JSON.
    func runAsync(_ script: String) throws -> JSON {
        try command("execute/async", #"{"script":\#(Browser.quoted(script)),"args":[]}"#)
    }

    /// The visible text of an element, or "" if there is no such element.
    func text(_ selector: String) throws -> String {
        let found = try run(
            "return document.querySelector(\(Browser.quoted(selector)))?.innerText ?? ''")
        return try Browser.string(found)
    }

    /// The console messages since the last call, except those of the browser's own pages.
    func console() throws -> [String] {
        try command("se/log", #"{"type":"browser"}"#).elements.map { "\($0)" }.filter {
            !$0.contains("chrome://")
        }
    }

    func prefer(_ scheme: String) throws {
        try command(
            "goog/cdp/execute",
            """
            {"cmd":"Emulation.setEmulatedMedia",
            "params":{"features":[{"name":"prefers-color-scheme","value":"\(scheme)"}]}}
            """)
    }

    /// Sets the size of the screen; a window cannot be as narrow as a phone.
    func resize(width: Int, height: Int) throws {
        try command(
            "goog/cdp/execute",
            """
            {"cmd":"Emulation.setDeviceMetricsOverride",
            "params":{"width":\(width),"height":\(height),"deviceScaleFactor":1,"mobile":false}}
            """)
    }

    /// Saves a screenshot for a person to look at.
    func photograph(_ path: String) throws {
        let image = try send("GET", "/session/\(session)/screenshot")
        guard let data = Data(base64Encoded: try Browser.string(image)) else {
            throw Failure("not base64")
        }
        try data.write(to: URL(fileURLWithPath: path))
    }
}
