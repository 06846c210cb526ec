import Crypto
import CryptoExtras
import Dispatch
import Foundation
package import PayCore
import Synchronization

/// Hashes passwords with scrypt (RFC 7914), one at a time, on a thread of its own: sign-ins never take more than one core
/// from payments.
package final class Passwords: Sendable {
    /// The parameters of scrypt.
    package struct Cost: Hashable, Sendable {
        /// The binary logarithm of the number of rounds.
        let logRounds: Int
        let blockSize: Int
        let parallelism: Int

        package init(logRounds: Int, blockSize: Int, parallelism: Int) {
            self.logRounds = logRounds
            self.blockSize = blockSize
            self.parallelism = parallelism
        }

        /// One of the equivalent choices of OWASP's Password Storage Cheat Sheet: 16 MiB of memory for each hash.
        package static let standard = Cost(logRounds: 14, blockSize: 8, parallelism: 5)
    }

    /// Passwords that wait. Further ones are refused at once.
    package static let mostWaiting = 16

    private static let saltLength = 16
    private static let hashLength = 32

    private let cost: Cost
    private let queue = DispatchQueue(label: "paypage.passwords", qos: .utility)
    private let waiting = Atomic<Int>(0)

    package init(cost: Cost = .standard) {
        self.cost = cost
    }

    /// The hash of a new password, with a new salt.
    package func hash(_ password: Secret) async throws(PasswordsBusy) -> PasswordHash {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<Self.saltLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let cost = cost
        return try await queued { StoredHash(cost: cost, salt: salt, hash: Self.derive(password, salt, cost)).text }
    }

    /// Whether the hash is of this password. Takes as long for nil, the hash of an unknown operator.
    package func isPassword(_ password: Secret, of hash: PasswordHash?) async throws(PasswordsBusy) -> Bool {
        let stored = hash.flatMap(StoredHash.init)
        let against = stored ?? StoredHash(cost: cost, salt: Array(repeating: 0, count: Self.saltLength), hash: [])
        return try await queued {
            let derived = Self.derive(password, against.salt, against.cost)
            return stored != nil && !derived.isEmpty && SecretBytes.areEqual(derived, against.hash)
        }
    }

    private func queued<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws(PasswordsBusy) -> Value {
        guard waiting.add(1, ordering: .relaxed).newValue <= Self.mostWaiting else {
            waiting.subtract(1, ordering: .relaxed)
            throw PasswordsBusy()
        }
        let value = await withCheckedContinuation { done in queue.async { done.resume(returning: work()) } }
        waiting.subtract(1, ordering: .relaxed)
        return value
    }

    /// The hash of a password. Empty if there is no memory for it, which is no hash of any password.
    private static func derive(_ password: Secret, _ salt: [UInt8], _ cost: Cost) -> [UInt8] {
        // The same letters have several encodings, and keyboards differ.
        let text = String(password.reveal().precomposedStringWithCanonicalMapping.prefix(PasswordFlaw.longest))
        let key = try? KDF.Scrypt.deriveKey(
            from: Data(text.utf8), salt: salt, outputByteCount: hashLength, rounds: 1 << cost.logRounds,
            blockSize: cost.blockSize, parallelism: cost.parallelism)
        return key.map { key in key.withUnsafeBytes { Array($0) } } ?? []
    }
}

/// Too many passwords wait to be hashed.
package struct PasswordsBusy: Error {
    package static let retryAfter = Duration.seconds(5)
}

/// The parts of a stored hash: `$scrypt$ln=14,r=8,p=5$SALT$HASH`, with base64url.
private struct StoredHash {
    let cost: Passwords.Cost
    let salt: [UInt8]
    let hash: [UInt8]

    init(cost: Passwords.Cost, salt: [UInt8], hash: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.hash = hash
    }

    /// Nil for a text of another form, or with parameters that would take minutes.
    init?(_ hash: PasswordHash) {
        let parts = hash.text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt", let salt = Base64URL.decode(parts[3].utf8),
            let bytes = Base64URL.decode(parts[4].utf8)
        else { return nil }
        let numbers = parts[2].split(separator: ",").map { $0.split(separator: "=").last.flatMap { Int($0) } }
        guard numbers.count == 3, let log = numbers[0], let block = numbers[1], let parallel = numbers[2],
            (1...20).contains(log), (1...32).contains(block), (1...16).contains(parallel)
        else { return nil }
        self.init(
            cost: .init(logRounds: log, blockSize: block, parallelism: parallel), salt: salt, hash: bytes)
    }

    var text: PasswordHash {
        let parameters = "ln=\(cost.logRounds),r=\(cost.blockSize),p=\(cost.parallelism)"
        return PasswordHash("$scrypt$\(parameters)$\(Base64URL.encode(salt))$\(Base64URL.encode(hash))")
    }
}
