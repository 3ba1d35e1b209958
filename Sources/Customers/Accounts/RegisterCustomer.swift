import HTTP
import Outbox
import Service
import Storage
import Values
import Words

/// The body of `POST /customers`.
struct Registration: Input {
    let username: String
    let password: String
    let email: String?
    let profile: Profile

    init(_ fields: inout Fields) {
        self.init(&fields, refusing: isReserved)
    }

    fileprivate init(_ fields: inout Fields, refusing isReserved: (String) -> Bool) {
        username = fields.required("username", .username)
        password = fields.required("password", .password)
        email = fields.optional("email", .email)
        profile = Profile(&fields)
        if let first = username.utf8.first, !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
        {
            fields.fault("username", "must begin with a letter")
        } else if isReserved(username) {
            fields.fault("username", "is reserved")
        }
        if !username.isEmpty, password.asciiLowercased == username {
            fields.fault("password", "must not be the username")
        }
        fields.refuseWeak(password, as: "password")
    }
}

/// The body of a registration by the operator, who may use reserved names such as `support`.
///
/// Words of a path, such as `login`, are still rejected.
struct OperatorRegistration: Input {
    let registration: Registration

    init(_ fields: inout Fields) {
        registration = Registration(&fields, refusing: pathWords.contains)
    }
}

@Sendable func registerCustomer(_ registration: Registration, _ call: Call) throws -> Response {
    let hash = try hashPassword(registration.password, cost: call.shop.passwordCost)
    return try call.write { tx in
        let customer = try addCustomer(
            registration.username, passwordHash: hash, profile: registration.profile,
            email: registration.email, role: .customer, at: call.now, in: tx)
        if let address = customer.email {
            try sendVerification(to: address, of: customer, by: call.shop, at: call.now, in: tx)
        }
        // Nobody is logged in: the customer is the one who acts.
        try publish(
            .customerCreated, on: customer.path, customer, of: customer.id, by: customer.id,
            at: call.now, in: tx)
        return .created(customer, at: "/customers/\(customer.username)")
    }
}

/// Creates an account.
///
/// - Throws: `Problem` 409 `username_taken`, `email_taken`.
func addCustomer(
    _ username: String, passwordHash: String, profile: Profile, email: String? = nil, role: Role,
    at now: Instant, in tx: any Transaction
) throws -> Customer {
    if let email { try refuseTakenEmail(email, except: 0, in: tx) }
    let row: Row?
    do {
        row = try tx.first(
            """
            INSERT INTO customers (username, password_hash, \(Profile.columns), name_key, email,
                email_key, role, status, created_at, updated_at)
            VALUES (\(username), \(passwordHash), \(profile.values),
                \(foldedKey(profile.fullName)), \(email.stored), \(email.map(emailKey).stored),
                \(role), 'active', \(now), \(now))
            ON CONFLICT (username) DO NOTHING
            RETURNING \(Customer.columns)
            """)
    } catch StoreError.constraint("customers_email_key_key") {
        throw emailTaken
    }
    guard let row else {
        throw Problem.conflict("username_taken", "Another customer has this username.")
    }
    return try Customer(row)
}
