import PayCore
import ServiceTestSupport
import Testing

@testable import PayAccess

private let rs256Expected = KeyMistake.otherAlgorithm(expected: "RS256")

@Suite struct UserTokenKeyTests {
    private func mistake(keySet: String) async -> UserTokensMistake? {
        await #expect(throws: UserTokensMistake.self) { try await UserTokens(secret: nil, keySet: keySet) }
    }

    @Test(arguments: [(0, false), (31, false), (32, true)])
    func `a shared secret for user tokens has at least 32 bytes`(bytes: Int, isGood: Bool) async throws {
        let secret = Secret(String(repeating: "s", count: bytes))
        if isGood {
            _ = try await UserTokens(secret: secret, keySet: nil)
        } else {
            await #expect(throws: UserTokensMistake.secretTooShort(bytes: bytes)) {
                try await UserTokens(secret: secret, keySet: nil)
            }
        }
    }

    @Test(arguments: ["", "{}", "[]", #"{"keys":{}}"#, #"{"keys":null}"#, "-----BEGIN PUBLIC KEY-----"])
    func `a JWKS file that is not a key set is refused as such`(keySet: String) async {
        #expect(await mistake(keySet: keySet) == .notAKeySet)
    }

    @Test(arguments: [#"{"keys":[]}"#, #"{"keys":[{"kty":"RSA","use":"enc"}]}"#])
    func `a key set without a signature key is refused`(keySet: String) async {
        #expect(await mistake(keySet: keySet) == .noUsableKey([]))
    }

    @Test func `an encryption key in a key set is skipped without a report`() async throws {
        let keySet = #"{"keys":[{"kty":"RSA","use":"enc","alg":"RSA-OAEP"},\#(IssuerKeys.rsaKey)]}"#
        let read = try await UserTokenKey.read(keySet: keySet)
        #expect(read.keys.map(\.identifier) == ["r"] && read.skipped.isEmpty)
    }

    struct Bad: Sendable {
        let key: String
        var kid: String?
        var kty: String?
        let why: KeyMistake
    }

    private static let bad = [
        Bad(key: #"{}"#, why: .malformed), Bad(key: #"7"#, why: .malformed), Bad(key: "null", why: .malformed),
        Bad(key: #"{"kty":"RSA","kid":7}"#, kty: "RSA", why: .malformed),
        Bad(key: #"{"kid":"k"}"#, kid: "k", why: .malformed),
        Bad(key: #"{"kty":"RSA","kid":"k"}"#, kid: "k", kty: "RSA", why: .malformed),
        Bad(key: #"{"kty":"RSA","n":"\#(IssuerKeys.modulus)","e":"AQ"}"#, kty: "RSA", why: .malformed),
        Bad(key: #"{"kty":"RSA","n":"\#(IssuerKeys.modulus)=","e":"AQAB"}"#, kty: "RSA", why: .malformed),
        Bad(key: #"{"kty":"RSA","n":"\#(IssuerKeys.modulus)","e":"AQAB","d":"AQAB"}"#, kty: "RSA", why: .notPublic),
        Bad(
            key: #"{"kty":"RSA","alg":"PS256","n":"\#(IssuerKeys.modulus)","e":"AQAB"}"#, kty: "RSA", why: rs256Expected
        ),
        Bad(key: #"{"kty":"oct","kid":"o","k":"AQAB"}"#, kid: "o", kty: "oct", why: .notPublic),
        Bad(key: #"{"kty":"EC","crv":"P-384","x":"AQAB","y":"AQAB"}"#, kty: "EC", why: .unknownType),
        Bad(key: #"{"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"}"#, kty: "EC", why: .malformed),
        Bad(key: #"{"kty":"OKP","crv":"X25519","x":"AQAB"}"#, kty: "OKP", why: .unknownType),
        Bad(key: #"{"kty":"OKP","crv":"Ed25519","x":"AQAB"}"#, kty: "OKP", why: .malformed),
        Bad(key: #"{"kty":"AKP","alg":"ML-DSA-44","kid":"pq","pub":"AQAB"}"#, kid: "pq", kty: "AKP", why: .unknownType),
    ]

    @Test(arguments: bad) func `an unusable key is skipped at any position of the key set`(bad: Bad) async throws {
        for (position, list) in [(2, "\(IssuerKeys.rsaKey),\(bad.key)"), (1, "\(bad.key),\(IssuerKeys.rsaKey)")] {
            let tokens = try await UserTokens(secret: nil, keySet: #"{"keys":[\#(list)]}"#)
            let expected = SkippedKey(position: position, kid: bad.kid, kty: bad.kty, mistake: bad.why)
            #expect(tokens.skippedKeys == [expected])
        }
    }

    @Test func `a second key with the same kid is skipped`() async throws {
        let tokens = try await UserTokens(
            secret: nil, keySet: #"{"keys":[\#(IssuerKeys.rsaKey),\#(IssuerKeys.rsaKey)]}"#)
        #expect(tokens.skippedKeys == [SkippedKey(position: 2, kid: "r", kty: "RSA", mistake: .repeatedKid)])
    }

    @Test func `beside unusable keys, only tokens of the usable key are accepted`() async throws {
        let issuer = IssuerKeys()
        let bad = Self.bad.map(\.key).joined(separator: ",")
        let tokens = try await UserTokens(secret: nil, keySet: #"{"keys":[\#(bad),\#(issuer.ellipticKey)]}"#)
        #expect(tokens.skippedKeys.count == Self.bad.count)
        let payload = #"{"sub":"u1","exp":1795341601}"#
        let now = Instant(milliseconds: 1_795_341_600_000)
        let good = try signedToken(header: #"{"alg":"ES256"}"#, payload: payload, by: issuer.es256)
        let shared = signedToken(header: #"{"alg":"HS256","kid":"o"}"#, payload: payload, by: hs256("\u{1}\u{0}\u{1}"))
        #expect(tokens.user(in: good, at: now) == UserID("u1"))
        #expect(tokens.user(in: shared, at: now) == nil)
    }

    @Test func `a key set without a usable key is refused with the reason for each key`() async throws {
        let keySet = #"{"keys":[{"kty":"EC","crv":"P-384","kid":"one"},{"kty":"oct","k":"aHVzaA"},7]}"#
        let mistake = try #require(await mistake(keySet: keySet))
        #expect(
            mistake.description == "the JWKS file has no usable key: "
                + #"key 1 (kid "one", kty "EC"): key type is not supported; expected RSA, EC with P-256 or OKP with Ed25519; "#
                + #"key 2 (kty "oct"): is a private or shared key; a public key is required; "#
                + "key 3: a member is missing or is not a valid key")
    }

    @Test func `an EC key whose point is not on its curve is refused`() async {
        let ones = Base64URL.encode(Array(repeating: 1, count: 32))
        let mistake = await mistake(keySet: #"{"keys":[{"kty":"EC","crv":"P-256","x":"\#(ones)","y":"\#(ones)"}]}"#)
        #expect(mistake == .noUsableKey([SkippedKey(position: 1, kid: nil, kty: "EC", mistake: .malformed)]))
    }

    @Test(arguments: [(128, 0x80, 1_024), (256, 0x7F, 2_047), (256, 0x00, 2_040)])
    func `an RSA key under 2048 bits is refused, counted to the bit`(bytes: Int, first: UInt8, bits: Int) async {
        let modulus = Base64URL.encode([first] + Array(repeating: 0xFF, count: bytes - 1))
        let mistake = await mistake(keySet: #"{"keys":[{"kty":"RSA","kid":"k","n":"\#(modulus)","e":"AQAB"}]}"#)
        let skipped = SkippedKey(position: 1, kid: "k", kty: "RSA", mistake: .rsaTooShort(bits: bits))
        #expect(mistake == .noUsableKey([skipped]))
    }

    @Test func `a key set with more than 32 signature keys is refused`() async {
        let keys = (1...33).map { IssuerKeys.rsaKey.replacing(#""kid":"r""#, with: #""kid":"\#($0)""#) }
        #expect(await mistake(keySet: #"{"keys":[\#(keys.joined(separator: ","))]}"#) == .tooManyKeys(33))
    }

    @Test func `a key set mistake shows no key material and no line breaks`() async throws {
        let secret = "cGFzc3dvcmQ"
        let keySet = #"{"keys":[{"kty":"RSA","kid":"a\nb","n":"\#(secret)","e":"AQAB"}]}"#
        let text = try #require(await mistake(keySet: keySet)).description
        #expect(text.contains(#"key 1 (kid "a\nb", kty "RSA"): modulus has 63 bits"#))
        #expect(!text.contains(secret) && !text.contains("\n"))
        let long = SkippedKey(position: 1, kid: String(repeating: "k", count: 5_000), kty: nil, mistake: .malformed)
        #expect(long.description.utf8.count < 200)
    }
}
