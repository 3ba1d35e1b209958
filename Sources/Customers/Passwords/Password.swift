import CSodium
import Glibc
import HTTP
public import Service
import Synchronization

/// Hashing uses half of the cores, so that a wave of logins leaves the other half to other requests.
///
/// 100 places are about 2.5 s of hashing on one core, and each place occupies a worker thread.
private let queue = HashQueue(
    slots: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2), places: 100, deadlineMs: 5000)

/// Runs `body`, which hashes a password, when the queue has a slot for it.
///
/// - Throws: `Problem` 503 `unavailable` if the queue is full or the wait takes too long; otherwise
///   the error of `body`.
func queued<T>(_ lane: HashQueue.Lane, key: String?, _ body: () throws -> T) throws -> T {
    try queue.run(lane, key: key, body)
}

/// How many password hashes are running and waiting now, and how many were rejected since the
/// start.
public func hashQueueState() -> (running: Int, waiting: Int, refused: Int) {
    queue.state
}

/// Hashes a new password with Argon2id, in libsodium's text form with salt and cost.
///
/// It takes about 20 ms at the standard cost, so never call it inside a transaction. For each `key`,
/// only one hash runs at a time.
///
/// - Throws: `Problem` 503 `unavailable` if the queue is full or the wait takes too long.
public func hashPassword(
    _ password: String, key: String? = nil, cost: PasswordCost = .standard
) throws -> String {
    try queued(.change, key: key) { try argon2id(password, cost) }
}

/// Whether `password` matches `hash`.
///
/// If `hash` is nil, it takes the time of a hash of this cost and returns false. Call it only inside
/// `queued`.
func matches(_ password: String, hash: String?, cost: PasswordCost) throws -> Bool {
    let compared = try hash ?? decoy(of: cost)
    let isSame = crypto_pwhash_str_verify(compared, password, UInt64(password.utf8.count)) == 0
    return isSame && hash != nil
}

private let decoys = Mutex<[PasswordCost: String]>([:])

/// The hash that is compared with the password for an unknown username.
private func decoy(of cost: PasswordCost) throws -> String {
    try decoys.withLock { decoys in
        if let made = decoys[cost] { return made }
        let hash = try argon2id("\(UInt64.random(in: .min ... .max))", cost)
        decoys[cost] = hash
        return hash
    }
}

private func argon2id(_ password: String, _ cost: PasswordCost) throws -> String {
    guard sodium_init() >= 0 else { throw PasswordFault.unusable }
    var hash = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
    let status = crypto_pwhash_str_alg(
        &hash, password, UInt64(password.utf8.count), cost.passes, cost.memoryBytes,
        crypto_pwhash_ALG_ARGON2ID13)
    guard status == 0 else { throw PasswordFault.outOfMemory }
    return hash.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
}

private enum PasswordFault: Error {
    case unusable
    case outOfMemory
}
