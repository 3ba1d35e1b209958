import HTTP

/// A reason why a cart cannot be checked out at present.
struct CartProblem: Sendable {
    let code: Code
    /// The product whose line has the problem; nil if it is about the whole cart.
    var item: Int64?
    /// The field of the cart that is to be changed, such as `items[0].quantity`.
    let field: String
    /// What is wrong, worded to follow the name of the field.
    let message: String

    /// The stable codes for programs.
    enum Code: String, JSONWritable {
        case cartEmpty = "cart_empty"
        case productGone = "product_gone"
        case outOfStock = "out_of_stock"
        case notEnoughStock = "not_enough_stock"
        case priceChanged = "price_changed"
        case addressMissing = "address_missing"
        case noShippingMethod = "no_shipping_method"
        case shippingMethodInvalid = "shipping_method_invalid"
        case couponInvalid = "coupon_invalid"
        case emailMissing = "email_missing"
        case totalTooHigh = "total_too_high"

        func write(to json: inout JSONWriter) { rawValue.write(to: &json) }
    }

    /// A cart without lines.
    static let empty = CartProblem(code: .cartEmpty, field: "items", message: "are missing")

    /// A guest's cart without an address for the confirmation.
    static let emailMissing = CartProblem(
        code: .emailMissing, field: "email", message: "is missing")
}

extension CartProblem {
    /// The problem that a fault of a quote describes.
    init(_ fault: Problem.Fault, isMethodChosen: Bool) {
        let code: Code =
            switch fault.field {
            case "shipping_address": .addressMissing
            case "shipping_method": isMethodChosen ? .shippingMethodInvalid : .noShippingMethod
            case "coupon": .couponInvalid
            default: .totalTooHigh
            }
        self.init(code: code, field: fault.field, message: fault.message)
    }
}

extension CartProblem: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("code", code)
            $0.field("item", item)
            $0.field("field", field)
            $0.field("message", message)
        }
    }
}

/// 409: the cart has problems, which are its faults.
func cartNotReady(_ problems: [CartProblem]) -> Problem {
    Problem(
        .conflict, "cart_not_ready", "The cart cannot be checked out. Read its problems.",
        faults: problems.map {
            .init(field: $0.field, message: $0.message, code: $0.code.rawValue)
        })
}
