import Crypto
import PayCore
import Synchronization

/// Users' tokens that were found good. A user's app shows the same token all day, and to check a signature costs many times
/// what the rest of a hit does.
final class KnownTokens: Sendable {
    /// What a token goes by here: a hash of all of it, so that no two are taken for one and none is kept.
    struct Name: Hashable {
        private let digest: SHA256Digest

        init(of token: String) {
            digest = SHA256.hash(data: Array(token.utf8))
        }
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

    /// In each of the two generations: some megabytes.
    private static let mostInGeneration = 65_536

    /// When the young generation is full it becomes the old one, and what the old one had is forgotten.
    private struct Generations {
        var young: [Name: Good] = [:]
        var old: [Name: Good] = [:]
    }

    private let generations = Mutex(Generations())

    subscript(name: Name) -> Good? {
        let (good, isOld) = generations.withLock { generations in
            generations.young[name].map { ($0, false) } ?? (generations.old[name], true)
        }
        if let good, isOld { remember(good, as: name) }
        return good
    }

    func remember(_ good: Good, as name: Name) {
        generations.withLock { generations in
            if generations.young.count >= Self.mostInGeneration {
                generations = Generations(old: generations.young)
            }
            generations.young[name] = good
        }
    }
}
