import Crypto
package import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The API keys that a merchant may show. Only their SHA-256 hashes are kept.
///
/// No salt and no slow hash: a key is long and random, so there is nothing to guess from its hash.
package struct MerchantKeys: Sendable {
    private let hashes: [SHA256Digest]

    package init(keys: [Secret]) {
        hashes = keys.map { SHA256.hash(data: Array($0.reveal().utf8)) }
    }

    /// Whether `candidate` is one of the keys. Asks every key, in constant time, so that the time taken tells nothing.
    ///
    /// An empty candidate is never a key, whatever the configuration says.
    package func accepts(_ candidate: String) -> Bool {
        let shown = SHA256.hash(data: Array(candidate.utf8))
        var isKnown = false
        for hash in hashes {
            // The comparison of digests is swift-crypto's constant-time one; it stands first so that it always runs.
            isKnown = hash == shown || isKnown
        }
        return isKnown && !candidate.isEmpty
    }
}
