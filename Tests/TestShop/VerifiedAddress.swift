import Customers
public import HTTP
import Outbox
import Storage
import Testing

extension TestShop {
    /// Registers an account with an address, without verifying it.
    public func register(_ name: String, _ email: String) throws -> Response {
        try send(
            .post, "/customers",
            #"""
            {"username":"\#(name)","password":"\#(TestShop.password)","full_name":"G",\#
            "email":"\#(email)"}
            """#)
    }

    /// Verifies the address to which the newest message with such a token goes.
    @discardableResult
    public func verifyAddress() throws -> Response {
        let payloads: [String] = try store.read { tx in
            try tx.all("SELECT payload FROM jobs WHERE kind = 'mail' ORDER BY id") {
                try $0["payload"]
            }
        }
        let mails = try payloads.map { try OutgoingMail(payload: $0) }
        let sealed = try #require(mails.last { $0.template == .emailVerification }?.token)
        let token = try #require(openedMailToken(sealed, by: shop, at: clock.now))
        return try send(.post, "/customers/verify-email", #"{"token":"\#(token)"}"#)
    }
}
