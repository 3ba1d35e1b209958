import Foundation
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// The messages of the shared shop, which become files.
    @Suite struct MailTests {
        private struct Message: Decodable {
            let subject: String
            let text: String
            let html: String

            /// The token that stands alone on its line.
            func token() throws -> String {
                try #require(text.firstMatch(of: #/(?m)^([A-Za-z0-9_-]{43})$/#).map { "\($0.1)" })
            }
        }

        private func messages(to address: String) throws -> [Message] {
            let python = try #require(Programs.installed("python3"))
            let folder = try SharedShop.shop.home.file("mail")
            let outcome = try run(
                python, ["\(Programs.top)/Tests/Clients/messages.py", folder, address])
            guard outcome.code == 0 else { throw Failure(outcome.errors) }
            return try JSONDecoder().decode([Message].self, from: Data(outcome.output.utf8))
        }

        /// The last message to `address` once there are `count`.
        private func message(_ count: Int, to address: String) throws -> Message {
            var found: [Message] = []
            let isThere = try eventually(within: 30) {
                found = try messages(to: address)
                return found.count >= count
            }
            guard isThere, found.count == count, let last = found.last else {
                throw Failure("\(found.count) messages: \(found.map(\.subject))")
            }
            return last
        }

        /// The setting of `make run` is relative to the folder of the shop.
        @Test func theCommandFindsTheFolder() throws {
            let shop = try SharedShop.shop
            let outcome = try shop.souk("mail", "check", "--send-to", "operator@post.example")
            #expect(outcome.code == 0, "\(outcome.errors)")
            _ = try message(1, to: "operator@post.example")
        }

        @Test func anAddressIsVerifiedAndAPasswordReset() throws {
            let shop = try SharedShop.shop
            let visitor = shop.visitor()
            let address = "zoe@post.example"
            let account = """
                {"username":"zoe","password":"a long enough password","full_name":"Zoë <b>",\
                "email":"\(address)"}
                """
            try visitor.send("POST", "/customers", account).expect(
                201, shows: #"{"email":"\#(address)","email_verified":false}"#)
            let verification = try message(1, to: address)
            #expect(verification.subject == "Confirm your e-mail address")
            let token = try verification.token()
            let link = "http://localhost:\(shop.port)/verify-email#token=\(token)"
            #expect(verification.text.contains("\n\(link)\n"))
            #expect(verification.html.contains(#"<a href="\#(link)""#))
            // The address may be a stranger's, who must not get a text that the customer chose.
            #expect(!verification.text.contains("Zoë"))

            // Before the verification, nobody can reset the password by mail.
            let reset = #"{"email":"\#(address)"}"#
            try visitor.send("POST", "/customers/password-resets", reset).expect(202)
            #expect(try eventually(within: 30) { try shop.souk("jobs", "list").output == "" })
            try visitor.send("POST", "/customers/verify-email", #"{"token":"\#(token)"}"#)
                .expect(204)
            try visitor.send("POST", "/customers/verify-email", #"{"token":"\#(token)"}"#)
                .expectProblem(422, "token_invalid")

            try visitor.send("POST", "/customers/password-resets", reset).expect(202)
            let message = try message(2, to: address)
            #expect(message.subject == "Set a new password")
            #expect(message.html.contains("Zoë &lt;b&gt;"))
            let completion =
                try #"{"token":"\#(message.token())","new_password":"another long password"}"#
            try visitor.send("POST", "/customers/password-resets/complete", completion).expect(204)
            try visitor.logIn(as: "zoe", "another long password")
            #expect(try self.message(3, to: address).subject == "Your password was changed")
        }

        /// A customer with a verified address and money, whose first message was the token.
        private func customer(_ name: String) throws -> (visitor: Visitor, address: String) {
            let visitor = try SharedShop.shop.visitor()
            let address = "\(name)@post.example"
            let account = """
                {"username":"\(name)","password":"a long enough password","full_name":"Amal",\
                "email":"\(address)"}
                """
            try visitor.send("POST", "/customers", account).expect(201)
            try visitor.logIn(as: name, "a long enough password")
            let token = try message(1, to: address).token()
            try visitor.send("POST", "/customers/verify-email", #"{"token":"\#(token)"}"#)
                .expect(204)
            try SharedShop.demo("sami").send(
                "POST", "/customers/\(name)/wallet/credit", #"{"amount":100000}"#
            ).expect(201)
            return (visitor, address)
        }

        @Test func ordersSendMessages() throws {
            let sami = try SharedShop.demo("sami")
            let (visitor, address) = try customer("amal")
            let product = try SharedShop.product(stock: 10, price: 1250)
            let order = try visitor.send(
                "POST", "/sales", #"{"items":[{"product_id":\#(product),"quantity":2}]}"#
            ).expect(201).integer("id")
            let received = try message(2, to: address)
            #expect(received.subject == "We have received your order \(order)")
            #expect(received.text.contains("2 × pen, 12.50 USD each\n"))
            #expect(received.text.contains("Total: 25.00 USD\n"))
            try sami.send(
                "POST", "/sales/\(order)/ship",
                #"""
                {"items":[{"product_id":\#(product),"quantity":1}],"carrier":"Post",\#
                "tracking_number":"RR1","tracking_url":"https://post.example/RR1"}
                """#
            ).expect(200)
            let shipped = try message(3, to: address)
            #expect(shipped.subject == "Your order \(order) is on its way")
            #expect(shipped.text.contains("\n1 × pen\n\nCarrier: Post\nTracking number: RR1\n"))
            #expect(shipped.html.contains("<a href=\"https://post.example/RR1\">"))
            try sami.send(
                "POST", "/sales/\(order)/refund",
                #"{"items":[{"product_id":\#(product),"quantity":1}],"restock":false,"reason":"broken"}"#
            ).expect(200)
            let refunded = try message(4, to: address)
            #expect(refunded.text.contains("Refunded so far: 12.50 USD of 25.00 USD"))
        }

        @Test func unpaidOrdersSayHowToPay() throws {
            let (visitor, address) = try customer("nour")
            let product = try SharedShop.product(stock: 10, price: 1250)
            func order(_ payment: String) throws -> Int64 {
                try visitor.send(
                    "POST", "/sales",
                    #"{"items":[{"product_id":\#(product),"quantity":2}],"payment":\#(payment)}"#
                ).expect(201).integer("id")
            }
            let transfer = try order(#"{"method":"bank_transfer"}"#)
            let received = try message(2, to: address)
            #expect(received.subject == "We have received your order \(transfer)")
            #expect(received.text.contains("Please transfer 25.00 USD until 20"))
            #expect(received.text.contains("the order, \(transfer), as the reference."))
            try SharedShop.demo("sami").send(
                "POST", "/sales/\(transfer)/payments",
                #"{"method":"bank_transfer","amount":2500,"reference":"statement 7"}"#
            ).expect(201)
            #expect(
                try message(3, to: address).subject == "Payment received for order \(transfer)")
            let late = try order(#"{"method":"bank_transfer"}"#)
            try visitor.send("POST", "/sales/\(late)/cancel").expect(200)
            try SharedShop.demo("sami").send(
                "POST", "/sales/\(late)/payments",
                #"{"method":"bank_transfer","amount":2500,"reference":"statement 8"}"#
            ).expect(201)
            #expect(
                try message(5, to: address).subject
                    == "Your payment for order \(late) came too late")
            // The courier starts this payment, and the provider for tests pays it.
            let card = try order(#"{"method":"test","return_url":"https://shop.example"}"#)
            #expect(try message(7, to: address).subject == "Payment received for order \(card)")
            let paid = try visitor.send("GET", "/sales/\(card)").expect(200)
            #expect(try paid.json["status"] == "paid")
        }

        /// A return sends a receipt, a decision, and one message about its arrival and refund.
        @Test func returnsSendMessages() throws {
            let sami = try SharedShop.demo("sami")
            let (visitor, address) = try customer("reem")
            let product = try SharedShop.product(stock: 10, price: 1250)
            let units = #""items":[{"product_id":\#(product),"quantity":1}]"#
            let order = try visitor.send("POST", "/sales", "{\(units)}").expect(201).integer("id")
            try sami.send("POST", "/sales/\(order)/ship").expect(200)
            #expect(try message(3, to: address).subject == "Your order \(order) is on its way")
            let request = #"{\#(units),"kind":"withdrawal","reason":"too blue"}"#
            try visitor.send("POST", "/sales/\(order)/returns", request).expect(201)
            let receipt = try message(4, to: address)
            #expect(receipt.subject == "We have received your withdrawal for order \(order)")
            #expect(receipt.text.contains("\n1 × pen\n\nYour message:\n> too blue\n"))
            let decision = #"{"reason":"The seal is broken."}"#
            try sami.send("POST", "/sales/\(order)/returns/1/decline", decision).expect(200)
            let refusal = try message(5, to: address)
            #expect(refusal.text.contains("\n1 × pen\n\nThe seal is broken.\n"))
            try visitor.send("POST", "/sales/\(order)/returns", request).expect(201)
            _ = try message(6, to: address)
            try sami.send("POST", "/sales/\(order)/returns/2/approve").expect(200)
            let approval = try message(7, to: address)
            #expect(approval.text.contains("accepts your withdrawal 2 for order \(order)"))
            try sami.send("POST", "/sales/\(order)/returns/2/receive", #"{"restock":true}"#)
                .expect(200)
            let arrival = try message(8, to: address)
            #expect(arrival.subject == "Your return for order \(order) has arrived")
            #expect(arrival.text.contains("Refunded so far: 12.50 USD of 12.50 USD"))
        }
    }
}
