import Crypto
package import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The merchant's API keys. Only their SHA-256 hashes are kept.
///
/// The hash needs no salt and need not be slow: a key is long and random, so it can't be guessed from its hash.
package struct MerchantKeys: Sendable {
    private let hashes: [SHA256Digest]

    package init(keys: [Secret]) {
        hashes = keys.map { SHA256.hash(data: Array($0.reveal().utf8)) }
    }

    /// Whether `candidate` is one of the keys. Compares with every key in constant time, so that the duration reveals
    /// nothing.
    ///
    /// An empty candidate is never a key, whatever the configuration says.
    package func accepts(_ candidate: String) -> Bool {
        let shown = SHA256.hash(data: Array(candidate.utf8))
        var isKnown = false
        for hash in hashes {
            // The comparison of digests is constant-time (swift-crypto). It is the left operand, so that it always
            // runs.
            isKnown = hash == shown || isKnown
        }
        return isKnown && !candidate.isEmpty
    }
}
