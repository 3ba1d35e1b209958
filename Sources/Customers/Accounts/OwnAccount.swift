import HTTP
public import Service

extension Call {
    /// Rejects staff and admins who use their rights on their own account, wallet or order.
    ///
    /// Another member of staff can do it.
    ///
    /// - Throws: `Problem` 403 `own_account`.
    public func refuseOwnAccount(_ customer: Int64) throws {
        guard customer == caller.id else { return }
        throw Problem.forbidden(
            "This concerns your own account. Ask another member of staff.", code: "own_account")
    }
}
