import Crypto
import PayCore
import Synchronization

/// A cache of verified user tokens. An app sends the same token all day, and verifying a signature costs many times as
/// much as the rest of a hit.
final class KnownTokens: Sendable {
    /// The key of a token in this cache: a hash of the whole token, so that tokens are not stored and not confused.
    struct Name: Equatable {
        fileprivate let first: UInt64
        private let second, third, fourth: UInt64

        package init(of token: String) {
            let digest = SHA256.hash(data: Array(token.utf8))
            (first, second, third, fourth) = digest.withUnsafeBytes { bytes in
                (
                    bytes.load(as: UInt64.self), bytes.load(fromByteOffset: 8, as: UInt64.self),
                    bytes.load(fromByteOffset: 16, as: UInt64.self), bytes.load(fromByteOffset: 24, as: UInt64.self)
                )
            }
        }

    }

    /// The claims of a verified token.
    struct Good {
        let user: UserID
        /// `exp` and `nbf`: seconds since 1970, perhaps with a fraction (RFC 7519).
        let expiresAt: Double
        let notBefore: Double?

        /// Valid from `nbf` on, with a tolerance of ``UserTokens/notBeforeLeeway``, and up to, not at, `exp`.
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

    /// The clock algorithm decides which token is evicted: a hand moves over the ring and evicts the first token that
    /// was not used since the hand last passed it.
    private struct Ring {
        let most: Int
        var entries: [Entry] = []
        /// Indexes by the first bytes of the names, so that a name is not stored twice.
        var places: [UInt64: Int32] = [:]
        var hand = 0

        func place(of name: Name) -> Int? {
            guard let place = places[name.first].map(Int.init), entries[place].name == name else { return nil }
            return place
        }

        mutating func put(_ entry: Entry) {
            if let place = places[entry.name.first].map(Int.init) {
                entries[place] = entry
            } else if entries.count < most {
                places[entry.name.first] = Int32(entries.count)
                entries.append(entry)
            } else {
                let place = freedPlace()
                places[entries[place].name.first] = nil
                places[entry.name.first] = Int32(place)
                entries[place] = entry
            }
        }

        /// The index of an evicted token that was not used since the hand last passed it.
        private mutating func freedPlace() -> Int {
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

    /// A token takes some 100 bytes, and more for a user id longer than 15 bytes: 13 MiB in all.
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
        ring.withLock { $0.put(Entry(name: name, good: good)) }
    }
}
