import HTTP
public import Storage

/// Returns the id of the account that the operator acts as.
///
/// - Throws: `Problem` 404 `customer_not_found`, 403 `forbidden` for an account below staff, 403
///   `account_suspended`.
public func staffAccount(named username: String, in tx: any Transaction) throws -> Int64 {
    let account = try tx.first(
        Customer.self, "WHERE username = \(username) AND status <> 'erased'")
    guard let account else {
        throw Problem.notFound("customer_not_found", "There is no account \(username).")
    }
    guard account.role >= .staff else {
        throw Problem.forbidden(
            "The account \(username) has the role \(account.role.rawValue). "
                + "Name an account with the role staff or admin."
        )
    }
    guard account.status == .active else {
        throw Problem.forbidden("The account \(username) is suspended.", code: "account_suspended")
    }
    return account.id
}
