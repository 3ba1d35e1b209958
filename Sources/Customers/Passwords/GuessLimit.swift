import Crypto
import HTTP
public import Service
import Storage

/// Slows down guesses of a secret other than a password, such as the code of a gift card.
///
/// It counts wrong guesses as a login counts wrong passwords: for a day, and with locks that grow
/// from one second to 15 minutes (`PasswordAttempt`).
public struct GuessLimit: Sendable {
    /// The guesses that are counted together.
    public enum Guesser: Sendable {
        /// Those of the caller's account, from all networks.
        case account
        /// Those of the network that sent the request.
        case network
    }

    private let counter: FailureCounter
    private let countsFirst: Bool
    private let call: Call

    /// Creates a limit.
    /// - Parameters:
    ///   - secret: what is guessed, such as "gift cards".
    ///   - guesser: whose guesses are counted together.
    ///   - freeFailures: wrong guesses in a day before the first lock.
    ///   - countsFirst: whether each guess is counted before it is compared, so that concurrent
    ///     guesses gain nothing. Otherwise a guess without earlier failures costs no write.
    ///   - call: the request that guesses.
    public init(
        _ secret: StaticString, of guesser: Guesser, freeFailures: Int64,
        countsFirst: Bool = false, _ call: Call
    ) {
        // A key of its own, because people may type anything as a username of a login.
        let key = call.shop.keys(for: "guesses", at: call.now)[0]
        let who =
            switch guesser {
            case .account: Array("\(secret) \(call.caller.id)".utf8)
            case .network: Array("\(secret) ".utf8) + network(of: call.request.address)
            }
        counter = FailureCounter(
            name: Base64URL.encode(Blake2b.hash(who, key: key)), network: "",
            bound: FailureBound(freeFailures: freeFailures))
        self.countsFirst = countsFirst
        self.call = call
    }

    /// A keyed digest of the network that sent a request, by which orders of guests are limited.
    public static func networkDigest(of call: Call) -> String {
        let key = call.shop.keys(for: "networks of guests", at: call.now)[0]
        return Base64URL.encode(Blake2b.hash(network(of: call.request.address), key: key))
    }

    /// Returns the result of `guess`, which is nil if the guess is wrong.
    ///
    /// It runs transactions of its own, and counts also in a dry run.
    /// - Throws: `Problem` 429 `too_many_guesses` while guesses are locked.
    public func allow<T>(_ guess: () throws -> T?) throws -> T? {
        guard call.shop.throttlesLogins else { return try guess() }
        let isCounted = try claim()
        let found: T?
        do {
            found = try guess()
        } catch {
            if isCounted { try call.commit { try counter.takeBack(in: $0) } }
            throw error
        }
        if found == nil, !isCounted { try call.commit { try counter.count(at: call.now, in: $0) } }
        if found != nil, isCounted { try call.commit { try counter.takeBack(in: $0) } }
        return found
    }

    /// Runs a request that compares a secret; its guess is wrong if it throws `wrong`.
    ///
    /// - Throws: `wrong`, and what `allow` throws.
    public func run<T>(wrong: Problem, _ body: () throws -> T) throws -> T {
        let result = try allow {
            do {
                return try body()
            } catch let problem as Problem
                where problem.code == wrong.code && problem.detail == wrong.detail
            {
                return nil
            }
        }
        guard let result else { throw wrong }
        return result
    }

    /// Counts the guess as wrong before it is compared, if there were failures.
    private func claim() throws -> Bool {
        guard try countsFirst || call.read(counter.hasFailures) else {
            return false
        }
        try call.commit { tx in
            guard let seconds = try counter.count(at: call.now, in: tx) else { return }
            throw Problem(
                .tooManyRequests, "too_many_guesses",
                "Too many wrong codes. Retry after \(seconds) s.",
                fields: [.retryAfter: String(seconds)])
        }
        return true
    }
}
