import HTTP
public import Service
public import Storage
public import Values

/// Removes the second factor of an account for the operator, for a person who lost the app and the
/// recovery codes.
///
/// - Throws: `Problem` 404 `customer_not_found`, 404 `totp_not_found`.
public func resetTotp(of username: String, at now: Instant, on store: some Store) throws {
    try store.write { tx in
        let customer = try customer(named: username, in: tx)
        guard try removeSecondFactor(of: customer.id, in: tx) else { throw totpNotFound }
        try auditOperator(.resetTotp, of: customer.id, after: nil, at: now, in: tx)
        try notice(.removedSecondFactor, of: customer.id, at: now, in: tx)
    }
}

/// Encrypts the secrets of all second factors with the shop's present key.
///
/// For a key rotation, after which the former key is soon gone. Secrets that no key opens stay as
/// they are.
/// - Returns: how many were encrypted again.
public func resealSecondFactors(of shop: Shop, at now: Instant, on store: some Store) throws -> Int
{
    try store.write { tx in
        let factors = try tx.all(
            SecondFactor.self, "ORDER BY customer_id \(.alone("second_factors"))")
        return try factors.count { factor in
            guard let (secret, isCurrent) = try? factor.open(in: shop, at: now), !isCurrent else {
                return false
            }
            let sealed = SecondFactor.seal(secret, in: shop)
            return try tx.run(
                """
                UPDATE second_factors SET secret = \(sealed)
                WHERE customer_id = \(factor.customer) AND secret = \(factor.sealed)
                """) == 1
        }
    }
}
