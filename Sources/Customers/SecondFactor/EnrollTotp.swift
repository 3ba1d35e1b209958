import HTTP
import Service
import Storage

/// The body of `POST /customers/{username}/totp`.
struct TotpEnrollment: Input {
    let password: String

    init(_ fields: inout Fields) {
        password = fields.required("current_password", .guess)
    }
}

/// Creates the secret of an authenticator app, which is in force once a code confirms it.
@Sendable func enrollTotp(_ enrollment: TotpEnrollment, _ call: Call) throws -> Response {
    try call.refuseDryRun()
    _ = try requirePassword(enrollment.password, call)
    let secret = TimeCode.randomSecret()
    return try call.writeSealed { tx in
        try requireSelf(call, in: tx, .held("customers"))
        let row = try tx.first(
            """
            INSERT INTO second_factors (customer_id, secret, last_step, created_at)
            VALUES (\(call.caller.id), \(SecondFactor.seal(secret, in: call.shop)), 0, \(call.now))
            ON CONFLICT (customer_id) DO UPDATE SET
                secret = excluded.secret, created_at = excluded.created_at
                WHERE second_factors.confirmed_at IS NULL
            RETURNING customer_id
            """)
        guard row != nil else { throw totpEnabled }
        return Response(
            status: .created,
            json: NewSecret(text: TimeCode.text(of: secret), account: call.caller.username))
    }
}

private struct NewSecret: JSONWritable {
    let text: String
    let account: String

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("secret", text)
            // https://github.com/google/google-authenticator/wiki/Key-Uri-Format. A username has
            // no characters that a URI escapes.
            $0.field(
                "otpauth_uri",
                "otpauth://totp/Souk:\(account)?secret=\(text)&issuer=Souk&algorithm=SHA1&digits=6&period=30"
            )
        }
    }
}
