import CSodium
import Glibc
import HTTP
import Service

/// Argon2id with 19 MiB, 2 passes and 1 lane: the first choice of OWASP's Password Storage Cheat
/// Sheet.
private let memoryBytes = 19 * 1024 * 1024
private let passes: UInt64 = 2

/// Only half of the cores hash at one time, so that a wave of logins leaves the other half to the
/// shop; 100 may wait, some two seconds and a half, and the rest are told to come again.
private let turnstile = Turnstile(
    insideMax: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2), waitingMax: 100)

/// Runs `body`, which hashes, when it is this thread's turn.
/// - Throws: `Problem` 503 where too many wait; otherwise what `body` throws.
func inTurn<T>(_ body: () throws -> T) throws -> T {
    try turnstile.pass(body)
}

/// How many passwords are hashed at this moment, and how many wait for their turn.
public func passwordsInHand() -> (hashed: Int, waiting: Int) {
    let state = turnstile.state
    return (state.inside, state.waiting)
}

/// A hash with its salt and its cost, in libsodium's own text form.
///
/// Takes some 20 ms: never inside a transaction.
/// - Throws: `Problem` 503 where too many wait.
func hashPassword(_ password: String) throws -> String {
    try inTurn { try argon2id(password) }
}

/// Whether `password` is the one that was hashed.
///
/// Without a hash it takes as long, and is not. Only in turn.
func isRight(_ password: String, for hash: String?) throws -> Bool {
    let compared = try hash ?? decoy.get()
    let isSame = crypto_pwhash_str_verify(compared, password, UInt64(password.utf8.count)) == 0
    return isSame && hash != nil
}

/// What the password of a name that nobody has is compared with.
private let decoy = Result { try argon2id("\(UInt64.random(in: .min ... .max))") }

private func argon2id(_ password: String) throws -> String {
    guard sodium_init() >= 0 else { throw PasswordFault.unusable }
    var hash = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
    let status = crypto_pwhash_str_alg(
        &hash, password, UInt64(password.utf8.count), passes, memoryBytes,
        crypto_pwhash_ALG_ARGON2ID13)
    guard status == 0 else { throw PasswordFault.outOfMemory }
    return hash.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
}

private enum PasswordFault: Error {
    case unusable
    case outOfMemory
}
