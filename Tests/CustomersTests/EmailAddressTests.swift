import HTTP
import Storage
import TestShop
import Testing

/// Addresses that are accepted, and the notice about one that is removed.
@Suite struct EmailAddressTests {
    private static func change(_ email: String) -> Scenario.Step {
        .init(.patch, "/customers/ada", as: "ada", #"{"email":\#(email)}"#)
    }

    /// Local parts with dots at any place, which some providers have given out.
    @Test(
        "addresses that are accepted",
        arguments: [
            "a@b", ".ada@example.com", "ada.@example.com", "a..da@example.com",
            "ada+souk@mail.example.com", "o'brien@example.com", "ada@xn--exmple-cua.com",
            String(repeating: "a", count: 64) + "@" + String(repeating: "b", count: 63) + ".com",
        ])
    func accepts(address: String) throws {
        let response = try TestShop().send(Self.change(#""\#(address)""#))
        #expect(response.status == .ok, "\(response.text)")
        #expect(try response.json["email"] == .string(address))
    }

    @Test("a removed address gets a notice that it was removed")
    func tellsOfARemoval() throws {
        let shop = try TestShop()
        try shop.verifyAddress("ada@example.com")
        try shop.expect(Self.change("null"), 200)
        #expect(try shop.mails().last == "email-removed to ada@example.com")
    }
}
