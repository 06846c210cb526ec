import Crypto
package import PayCore

/// The errand of a buyer who was sent to WeChat for an openid.
package struct OpenIDErrand: Hashable, Sendable {
    package let channel: Channel
    /// Whether the buyer was sent a second time, because the first code was refused.
    package let isRepeated: Bool

    package init(channel: Channel, isRepeated: Bool) {
        self.channel = channel
        self.isRepeated = isRepeated
    }
}

/// Makes and verifies the `state` with which WeChat sends a buyer back. It is sealed for one checkout token, so that a
/// code of another order or another buyer's link is not accepted.
///
/// WeChat allows 128 letters and digits. A state is a digit for the repetition, the expiry in 12 hexadecimal digits of
/// milliseconds, the first half of an HMAC-SHA256, and the channel's name in hexadecimal: at most 109.
package struct OpenIDStates: Sendable {
    /// A buyer who is sent away comes back within seconds.
    package static let life = Duration.seconds(10 * 60)

    private static let expiryLength = 12
    /// In bytes.
    private static let sealLength = 16
    private static let headLength = 1 + expiryLength + 2 * sealLength
    /// In bytes: the longest name of a channel.
    private static let longestName = 32

    /// The first signs, and each verifies.
    private let keys: [SymmetricKey]

    init(derivedFrom keys: [SymmetricKey]) {
        self.keys = keys.map { key in
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: key, info: Array("paypage openid state 1".utf8), outputByteCount: 32)
        }
    }

    package func state(_ errand: OpenIDErrand, for token: String, at now: Instant) -> String {
        state(errand, for: token, until: now + Self.life, by: keys[0])
    }

    private func state(_ errand: OpenIDErrand, for token: String, until end: Instant, by key: SymmetricKey) -> String {
        let digits = String(end.milliseconds, radix: 16)
        let zeros = String(repeating: "0", count: max(0, Self.expiryLength - digits.count))
        let head = (errand.isRepeated ? "1" : "0") + zeros + digits
        let claim = "\(head) \(errand.channel.name) \(token)"
        let seal = HMAC<SHA256>.authenticationCode(for: Array(claim.utf8), using: key).prefix(Self.sealLength)
        return head + Hexadecimal.text(of: seal) + Hexadecimal.text(of: errand.channel.name.utf8)
    }

    /// The errand of a state that was made for this token. Nil if the state is invalid or has expired. It is valid up
    /// to, not at, its expiry.
    package func errand(in state: String, for token: String, at now: Instant) -> OpenIDErrand? {
        guard state.isVisibleASCII(Self.headLength...Self.headLength + 2 * Self.longestName) else { return nil }
        let name = state.dropFirst(Self.headLength)
        guard let end = Int64(state.dropFirst().prefix(Self.expiryLength), radix: 16),
            let bytes = Hexadecimal.bytes(name.utf8.count / 2, ofLowercase: String(name)),
            let channel = Channel(String(decoding: bytes, as: UTF8.self))
        else { return nil }
        let errand = OpenIDErrand(channel: channel, isRepeated: state.first == "1")
        let isRight = keys.contains { key in
            let right = self.state(errand, for: token, until: Instant(milliseconds: end), by: key)
            // The comparison of digests is constant-time (swift-crypto).
            return SHA256.hash(data: Array(right.utf8)) == SHA256.hash(data: Array(state.utf8))
        }
        return isRight && now.milliseconds < end ? errand : nil
    }
}
