import Crypto
import PayCore
import Synchronization

/// Users' tokens that were found good. A user's app shows the same token all day, and to check a signature costs many times
/// what the rest of a hit does.
final class KnownTokens: Sendable {
    /// What a token goes by here: a hash of all of it, so that no two are taken for one and none is kept.
    struct Name: Hashable {
        private let first, second, third, fourth: UInt64

        package init(of token: String) {
            let digest = SHA256.hash(data: Array(token.utf8))
            (first, second, third, fourth) = digest.withUnsafeBytes { bytes in
                (
                    bytes.load(as: UInt64.self), bytes.load(fromByteOffset: 8, as: UInt64.self),
                    bytes.load(fromByteOffset: 16, as: UInt64.self), bytes.load(fromByteOffset: 24, as: UInt64.self)
                )
            }
        }

        package func hash(into hasher: inout Hasher) { hasher.combine(first) }
    }

    /// What a good token says.
    struct Good {
        let user: UserID
        /// `exp` and `nbf`: seconds since 1970, perhaps with a fraction, as RFC 7519 has them.
        let expiresAt: Double
        let notBefore: Double?

        /// Good up to, not at, `exp`, and from `nbf` on, give or take ``UserTokens/notBeforeLeeway``.
        func isLive(at now: Instant) -> Bool {
            let moment = Double(now.milliseconds)
            let latest = Double((now + UserTokens.notBeforeLeeway).milliseconds)
            return expiresAt.isFinite && moment < expiresAt * 1_000 && notBefore.map { $0 * 1_000 <= latest } ?? true
        }
    }

    /// When the newer half is full, the older half is dropped and the newer half takes its place. A token that is shown
    /// moves to the newer half, so a token in use stays.
    private struct Halves {
        var newer: [Name: Good] = [:]
        var older: [Name: Good] = [:]

        mutating func put(_ good: Good, _ name: Name, most: Int) {
            if newer.count >= most, newer[name] == nil { (older, newer) = (newer, [:]) }
            older[name] = nil
            newer[name] = good
        }
    }

    /// Some 100 bytes each, and a user's name that is longer than 15.
    static let most = 98_304

    /// Of each half.
    private let most: Int
    private let halves = Mutex(Halves())

    init(most: Int = most) {
        self.most = max(1, most / 2)
    }

    subscript(name: Name) -> Good? {
        halves.withLock { halves in
            if let good = halves.newer[name] { return good }
            guard let good = halves.older[name] else { return nil }
            halves.put(good, name, most: most)
            return good
        }
    }

    func remember(_ good: Good, as name: Name) {
        halves.withLock { $0.put(good, name, most: most) }
    }
}
