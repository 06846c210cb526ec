import Crypto
import Foundation
package import PayCore

/// A random secret of 32 bytes that its holder sends back, such as the cookie of a session. Only its digest is stored.
package struct RandomToken: Sendable {
    private let bytes: [UInt8]

    /// A new token, from the system's random generator.
    package init() {
        var generator = SystemRandomNumberGenerator()
        bytes = (0..<SecretDigest.length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// Nil unless `text` is the canonical text of a token.
    package init?(_ text: String) {
        guard let bytes = Base64URL.decode(text.utf8), bytes.count == SecretDigest.length else { return nil }
        self.bytes = bytes
    }

    /// The text that its holder sends. It must not be logged.
    package var text: Secret { Secret(Base64URL.encode(bytes)) }

    package var digest: SecretDigest { SecretDigest(Array(SHA256.hash(data: bytes)))! }

    /// A code that only the token's holder and this service can make.
    package func code(for message: String) -> String {
        Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Data(message.utf8), using: SymmetricKey(data: bytes)))
    }

    /// Whether `code` is the code for the message. Takes the same time for every wrong code.
    package func isCode(_ code: String, for message: String) -> Bool {
        guard let given = Base64URL.decode(code.utf8) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            given, authenticating: Data(message.utf8), using: SymmetricKey(data: bytes))
    }
}
