import Crypto
import PayCore
import Synchronization

/// Users' tokens that were found good. A user's app shows the same token all day, and to check a signature costs many times
/// what the rest of a hit does.
final class KnownTokens: Sendable {
    /// What a token goes by here: a hash of all of it, so that no two are taken for one and none is kept.
    struct Name: Equatable {
        private let first, second, third, fourth: UInt64

        init(of token: String) {
            let digest = SHA256.hash(data: Array(token.utf8))
            (first, second, third, fourth) = digest.withUnsafeBytes { bytes in
                (
                    bytes.load(as: UInt64.self), bytes.load(fromByteOffset: 8, as: UInt64.self),
                    bytes.load(fromByteOffset: 16, as: UInt64.self), bytes.load(fromByteOffset: 24, as: UInt64.self)
                )
            }
        }

        fileprivate var hash: UInt32 { UInt32(truncatingIfNeeded: first) }
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

    private struct Entry {
        let name: Name
        var good: Good
        var wasAskedFor = false
    }

    /// What makes way for others is found by the clock algorithm, as on a ``PageShelf``.
    private struct Ring {
        let most: Int
        var entries: [Entry] = []
        var places = PlaceTable()
        var hand = 0

        func place(of name: Name) -> Int? {
            places.place(name.hash) { entries[$0].name == name }
        }

        /// The place of what wasn't asked for since the hand came by last.
        mutating func freedPlace() -> Int {
            while entries[hand].wasAskedFor {
                entries[hand].wasAskedFor = false
                moveOn()
            }
            defer { moveOn() }
            return hand
        }

        private mutating func moveOn() {
            hand = hand + 1 < most ? hand + 1 : 0
        }
    }

    /// Some 100 bytes each, and a user's name that is longer than 15: 13 MiB when there are so many.
    static let most = 131_072

    private let ring: Mutex<Ring>

    init(most: Int = most) {
        ring = Mutex(Ring(most: most))
    }

    subscript(name: Name) -> Good? {
        ring.withLock { ring in
            guard let place = ring.place(of: name) else { return nil }
            ring.entries[place].wasAskedFor = true
            return ring.entries[place].good
        }
    }

    func remember(_ good: Good, as name: Name) {
        ring.withLock { ring in
            if let place = ring.place(of: name) { return ring.entries[place].good = good }
            let place = ring.entries.count
            guard place == ring.most else {
                ring.entries.append(Entry(name: name, good: good))
                return ring.places.insert(place, name.hash)
            }
            let freed = ring.freedPlace()
            ring.places.remove(freed, ring.entries[freed].name.hash)
            ring.entries[freed] = Entry(name: name, good: good)
            ring.places.insert(freed, name.hash)
        }
    }
}
