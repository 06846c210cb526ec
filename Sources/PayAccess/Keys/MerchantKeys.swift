import Crypto
package import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An API key of the merchant.
package struct MerchantKey: Sendable {
    package let secret: Secret
    /// The name in the audit and in logs.
    package let name: PersonName
    /// The key is accepted up to, not at, this instant. Nil accepts it until it is removed.
    package let endsAt: Instant?
    /// The first 32 bits of the key's SHA-256, in hexadecimal. They recognise a key and don't reveal it.
    package let fingerprint: String

    /// A key without a name is named by its fingerprint, which stays the same when other keys come and go.
    package init(_ secret: Secret, name: PersonName? = nil, endsAt: Instant? = nil) {
        self.secret = secret
        self.endsAt = endsAt
        fingerprint = Hexadecimal.text(of: SHA256.hash(data: Array(secret.reveal().utf8)).prefix(4))
        self.name = name ?? PersonName("key-\(fingerprint)")!
    }
}

/// The merchant's API keys. Only their SHA-256 hashes are kept.
///
/// The hash needs no salt and need not be slow: a key is long and random, so it can't be guessed from its hash.
package struct MerchantKeys: Sendable {
    package enum Verdict: Hashable, Sendable {
        case accepted(PersonName)
        /// A key that was accepted before its end.
        case ended(PersonName)
        case unknown
    }

    private struct Entry: Sendable {
        let hash: SHA256Digest
        let name: PersonName
        let endsAt: Instant?
    }

    private let entries: [Entry]

    package init(_ keys: [MerchantKey]) {
        entries = keys.filter { $0.secret.byteCount > 0 }.map { key in
            Entry(
                hash: SHA256.hash(data: Array(key.secret.reveal().utf8)), name: key.name, endsAt: key.endsAt)
        }
    }

    /// Compares with every key in constant time, so that the duration reveals nothing.
    ///
    /// An empty candidate is never a key, whatever the configuration says.
    package func verdict(on candidate: String, at now: Instant) -> Verdict {
        let shown = SHA256.hash(data: Array(candidate.utf8))
        var found: Int?
        for index in entries.indices {
            // The comparison of digests is constant-time (swift-crypto), and runs for every key.
            let isEqual = entries[index].hash == shown
            found = isEqual ? index : found
        }
        guard let found else { return .unknown }
        let entry = entries[found]
        return entry.endsAt.map { now < $0 } ?? true ? .accepted(entry.name) : .ended(entry.name)
    }
}
