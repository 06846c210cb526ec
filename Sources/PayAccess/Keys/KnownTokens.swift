import Crypto
import PayCore
import Synchronization

/// Users' tokens that were found good. A user's app shows the same token all day, and to check a signature costs many times
/// what the rest of a hit does.
final class KnownTokens: Sendable {
    /// What a token goes by here: a hash of all of it, so that no two are taken for one and none is kept.
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

    private struct Entry {
        let name: Name
        var good: Good
        var wasAskedFor = false
    }

    /// The clock algorithm decides which token makes room: a hand goes round, and takes the first token that was not shown
    /// since the hand passed it.
    private struct Ring {
        let most: Int
        var entries: [Entry] = []
        /// By the names' first bytes, so that a name is not kept twice.
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

        /// The place of a token that was not shown since the hand came by last.
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

    /// Some 100 bytes each, and a user's name that is longer than 15 bytes: 13 MiB in all.
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
